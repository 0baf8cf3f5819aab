"""Who may do what, as a table; and that a page for nobody leads nowhere but here."""

import pytest

from inkhorn.accounts.policies import MEANINGS, PERMISSIONS, ROLES, STAFF_WORDS, can_manage_user, get_user_for
from inkhorn.core.access import Forbidden
from inkhorn.core.errors import NotFound
from tests.factories.accounts import PASSWORD, make_user

# permission: reader, member, author, editor, administrator, owner
TABLE = {
    "members.read": "-xxxxx",
    "comments.write": "xxxxxx",
    "desk.open": "--xxxx",
    "posts.write": "--xxxx",
    "posts.publish": "--xxxx",
    "media.upload": "--xxxx",
    "media.manage_any": "---xxx",
    "sound.edit_any": "---xxx",
    "posts.edit_any": "---xxx",
    "posts.purge_any": "---xxx",
    "comments.moderate": "---xxx",
    "people.see": "----xx",
    "people.manage": "----xx",
    "roles.manage": "----xx",
    "settings.change": "----xx",
    "jobs.see": "----xx",
    "mail.see": "----xx",
    "keys.manage": "----xx",
    "audit.see": "----xx",
    "records.see": "----xx",
    "site.own": "-----x",
}


@pytest.mark.parametrize("permission", TABLE)
def test_each_permission_is_held_as_the_table_says(permission):
    assert "".join("x" if permission in held else "-" for held in ROLES.values()) == TABLE[permission]


def test_the_table_names_every_permission_and_role():
    assert set().union(*ROLES.values()) == set(TABLE) == set(PERMISSIONS)
    assert set(MEANINGS) == set(ROLES)
    assert {name for name, held in ROLES.items() if "desk.open" in held} == {name for name, held in ROLES.items() if held & STAFF_WORDS}


@pytest.mark.parametrize("actor", ["emil", "wren", "rhea", "vic"])
def test_only_administrators_manage_people(cast, actor):
    assert not can_manage_user(getattr(cast, actor), make_user())


def test_an_administrator_manages_everybody_but_the_owner(cast):
    owner = make_user(role="owner")
    assert can_manage_user(cast.ada, cast.wren.user)
    assert not can_manage_user(cast.ada, owner)
    with pytest.raises(Forbidden):
        get_user_for(cast.ada, owner.id, can=can_manage_user)


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**63, 10**30, 999_999])
def test_a_number_of_nobody_is_not_found(ada, number):
    with pytest.raises(NotFound):
        get_user_for(ada, number)


def test_strangers_learn_nothing_of_others_and_everybody_sees_themselves(wren, rhea):
    assert get_user_for(wren, wren.id) is wren.user
    with pytest.raises(NotFound):
        get_user_for(rhea, wren.id)


DISGUISES = """
https://evil.example
http://evil.example
HTTPS://EVIL.EXAMPLE
//evil.example
///evil.example
////evil.example
/\\evil.example
\\/evil.example
\\\\evil.example
/\\/evil.example
/\\\\evil.example
\\evil.example
https:evil.example
https:/evil.example
https:///evil.example
http:\\\\evil.example
javascript:alert(1)
JaVaScRiPt:alert(1)
data:text/html,x
vbscript:x
/%2fevil.example
/%2Fevil.example
/%2f%2fevil.example
/%5cevil.example
/%5C%5Cevil.example
/%252fevil.example
/%255cevil.example
/%25252fevil.example
%2f%2fevil.example
/%09/evil.example
/%0a/evil.example
/%0d%0aLocation:%20https://evil.example
/%00/evil.example
/\t/evil.example
/ /evil.example
evil.example
www.evil.example
.evil.example
@evil.example
https://localhost@evil.example
https://localhost:80@evil.example
https://evil.example#localhost
https://evil.example?localhost
//localhost@evil.example
//evil.example/%2f..
/%E2%80%AE/evil
/\u2028/evil.example
/\u00a0/evil.example
/\ufeff/evil.example
\u2215\u2215evil.example
\uff0f\uff0fevil.example
//\u3002evil.example
//[::1]
//[evil
http://[evil
//0x7f000001
//2130706433
?next=//evil.example
#//evil.example
mailto:x@evil.example
file:///etc/passwd
blob:https://evil.example/x
///\tevil.example
/%2e%2e//evil.example%5c
""".strip("\n").split("\n")


@pytest.mark.parametrize("wanted", DISGUISES)
def test_a_way_to_elsewhere_is_seen_through(client, wanted):
    make_user(password=PASSWORD)
    answer = client.post("/sign-in", data={"email": "ida@example.org", "password": PASSWORD, "next": wanted})
    assert (answer.status_code, answer.location) == (303, "/desk/")
