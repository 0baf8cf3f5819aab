"""Accounts: who can be made, imported, promoted; the shipped roles."""

import pytest
from sqlalchemy import select

from inkhorn.accounts.models import AccountStatus, OneTimeToken, Purpose, Role, User
from inkhorn.accounts.policies import ROLES
from inkhorn.accounts.queries import user_by_email
from inkhorn.accounts.services import roles
from inkhorn.accounts.services.people import EmailTaken, take_in_author, tidy_email, tidy_name
from inkhorn.accounts.services.roles import LastOwner, UnknownRole
from inkhorn.accounts.services.tokens import issue_token
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Conflict, Invalid
from tests.factories.accounts import PASSWORD, make_user


def test_an_address_has_one_account(database):
    make_user(email="ida@example.org")
    with pytest.raises(EmailTaken, match=r"already an account for ida@example\.org"):
        make_user(email=" IDA@Example.ORG ")


def test_two_of_one_name_have_two_addresses_on_the_site(database):
    assert [make_user(email=f"{n}@example.org", name="Ida Reed").username for n in "ab"] == ["ida-reed", "ida-reed-2"]


def test_names_that_look_alike_are_welcome(database):
    slugs = [make_user(email=f"{number}@example.org", name=name).username for number, name in enumerate(("Ida", "Іda", "𝕀𝕕𝕒", "伊達"))]
    assert len(set(slugs)) == 4


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("  Ada \t Marsh\n", "Ada Marsh"),
        ("Ada\x00\u202eMarsh", "AdaMarsh"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("O’Néill-Ó", "O’Néill-Ó"),
        ("x" * 10_000_000, "x" * 150),
    ],
)
def test_a_name_is_kept_on_one_line(name, kept):
    assert tidy_name(name) == kept


@pytest.mark.parametrize(
    "email", ["", "ida", "ida@", "@example.org", "ida@example", "i da@example.org", "ida@example..o", "<ida@example.org>"]
)
def test_nonsense_is_no_address(email):
    with pytest.raises(Invalid, match=r"like ada@example\.org"):
        tidy_email(email)


@pytest.mark.parametrize(
    "email", ["ida@example.org\x00", "ida@exa\x00mple.org", "ida@example.org\u202e", "a@b.cc\nBcc: d@e.ff", "a" * 10_000_000]
)
def test_a_dangerous_address_is_refused_at_once(email):
    with pytest.raises(Invalid):
        tidy_email(email)


def test_composed_and_decomposed_addresses_are_one():
    assert tidy_email("zo\u00eb@example.org") == tidy_email("zoe\u0308@EXAMPLE.org")


def test_an_unknown_role_is_named_with_the_known_ones(database):
    with pytest.raises(UnknownRole, match="choose one of reader, member, author"):
        make_user(role="king")


def test_the_last_owner_stays_owner(database):
    ada = make_user(role="owner")
    with pytest.raises(LastOwner):
        roles.change_role(ada, "reader", by=House())
    make_user(email="emil@example.org", role="owner")
    roles.change_role(ada, "reader", by=House())
    assert [role.name for role in ada.roles] == ["reader"]


@pytest.mark.parametrize("status", [AccountStatus.CLOSING, AccountStatus.SUSPENDED, AccountStatus.UNCLAIMED])
def test_nobody_owns_the_site_who_cannot_sign_in(database, status):
    orla, ida = make_user(email="orla@example.org", name="Orla", role="owner"), make_user()
    ida.status = status
    with pytest.raises(Conflict, match="Only an account that is active"):
        roles.change_role(ida, "owner", by=House())
    ida.roles = [roles.role_named("owner")]
    with pytest.raises(LastOwner):
        roles.change_role(orla, "reader", by=House())
    assert roles.owners() == 1


def tokens_of(user: User) -> set[Purpose]:
    return set(session().scalars(select(OneTimeToken.purpose).where(OneTimeToken.user_id == user.id)))


def test_what_was_sent_to_somebody_of_another_role_lets_nobody_in(database):
    orla, ida = make_user(email="orla@example.org", name="Orla", role="owner"), make_user()
    for user in (orla, ida):
        for purpose in Purpose:
            issue_token(purpose, user=user)
    kept = set(Purpose) - {Purpose.LINK, Purpose.SECOND, Purpose.RESET, Purpose.PROOF, Purpose.CHALLENGE}
    roles.change_role(ida, "editor", by=House())
    assert (tokens_of(ida), tokens_of(orla)) == (kept, set(Purpose))
    issue_token(Purpose.LINK, user=ida)
    roles.hand_over(ida, by=House(), owner=orla)
    assert tokens_of(ida) == tokens_of(orla) == kept


def test_the_role_table_follows_the_matrix(database):
    with transaction():
        session().scalars(select(Role).where(Role.name == "author")).one().permissions = ["everything"]
    with transaction():
        roles.sync_roles()
    held = {role.name: set(role.permissions) for role in session().scalars(select(Role))}
    assert held == {name: set(words) for name, words in ROLES.items()}


def test_an_imported_author_is_found_again_and_owns_nothing(database):
    first = take_in_author(name="Old Author", origin="wordpress:x", origin_key="7", email="old@example.org")
    assert take_in_author(name="Renamed", origin="wordpress:x", origin_key="7") is first
    assert (first.status, first.active, first.email, first.password, first.roles) == (AccountStatus.UNCLAIMED, False, None, None, [])


def test_nobody_signs_in_as_an_imported_author(client):
    with transaction():
        take_in_author(name="Old Author", origin="wordpress:x", origin_key="7", email="old@example.org")
    for email in ("old@example.org", "", "None", "Old Author"):
        for password in ("", "None", PASSWORD):
            assert client.post("/sign-in", data={"email": email, "password": password}).status_code in (422, 429)


def test_the_new_owner_never_absorbs_an_imported_author(database):
    with transaction():
        take_in_author(name="Ada", origin="wordpress:x", origin_key="1", email="ada@example.org")
    make_user(email="ada@example.org", name="Ada", role="owner")
    assert len(session().scalars(select(User)).all()) == 2


@pytest.mark.parametrize("website", ["javascript:alert(1)", "data:text/html,x", "//x", "", "x" * 600])
def test_an_imported_website_is_an_address_or_nothing(database, website):
    assert take_in_author(name="A", origin="o", origin_key="k", website=website).website is None


def test_whoever_is_suspended_may_nothing(database):
    ida = make_user(role="owner")
    assert ida.holds("site.own")
    ida.status = AccountStatus.SUSPENDED
    assert not ida.holds("site.own")
    assert user_by_email("ida@example.org") is ida
