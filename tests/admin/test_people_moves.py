"""What can be done with people, to one and to many: who may, to whom, and what is noted."""

import pytest
from sqlalchemy import func, select

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.models import AccountStatus, OneTimeToken, Purpose, Session, User
from inkhorn.accounts.queries import owner
from inkhorn.accounts.services.people import take_in_author
from inkhorn.accounts.services.roles import make_role
from inkhorn.accounts.services.sessions import Visit, open_session
from inkhorn.accounts.services.tokens import issue_token
from inkhorn.core.database import session, transaction
from tests.accounts.guests import noted
from tests.accounts.letters import carry_out_jobs, letters_to
from tests.factories.accounts import PASSWORD, browser_of, make_user


def fresh(person) -> User:
    return session().get(User, person.id, populate_existing=True)


def sessions_of(person) -> int:
    return session().scalar(select(func.count()).select_from(Session).where(Session.user_id == person.id))


@pytest.fixture
def desk(desk_of, ada):
    return desk_of(ada)


def test_a_role_is_changed_where_it_stands_and_counts_at_once(desk, app, wren):
    theirs = browser_of(app, wren.user)
    answer = desk.send(f"/admin/people/{wren.id}/role", role="editor")
    assert (answer.status_code, answer.location) == (303, f"/admin/people/{wren.id}")
    assert fresh(wren).role.name == "editor"
    assert theirs.get("/desk/").status_code == 303
    assert "Wren is editor now" in desk.said()
    assert noted("role_changed") == ["accounts.role_changed"]


def test_a_button_leads_back_to_the_list_it_stood_on(desk, wren):
    there = {"Referer": "http://localhost/admin/people/?search=wren&page=1"}
    answer = desk.client.post(f"/admin/people/{wren.id}/suspend", data={"csrf_token": desk.token}, headers=there)
    assert answer.location == "/admin/people/?search=wren&page=1"


@pytest.mark.parametrize(
    "referer",
    [
        "https://evil.example/admin/people",
        "http://localhost//evil.example",
        "http://localhost/desk/",
        "http://localhost/admin/people/invite",
        "x",
    ],
)
def test_a_button_leads_to_no_other_place(desk, wren, referer):
    answer = desk.client.post(f"/admin/people/{wren.id}/suspend", data={"csrf_token": desk.token}, headers={"Referer": referer})
    assert answer.location == f"/admin/people/{wren.id}"


@pytest.mark.parametrize("role", ["owner", "king", "", "x" * 41, "\x00"])
def test_a_role_that_cannot_be_given_is_refused(desk, wren, role):
    assert desk.send(f"/admin/people/{wren.id}/role", role=role).status_code in (400, 403, 422)
    assert fresh(wren).role.name == "author"


def test_suspended_is_out_at_once_and_undo_lets_back_in(desk, app, wren):
    theirs = browser_of(app, wren.user)
    with transaction():
        issue_token(Purpose.RESET, user=session().get(User, wren.id))
    desk.send(f"/admin/people/{wren.id}/suspend")
    assert (fresh(wren).status, sessions_of(wren)) == (AccountStatus.SUSPENDED, 0)
    assert session().scalar(select(func.count()).select_from(OneTimeToken)) == 0
    assert theirs.get("/desk/").status_code == 303
    assert f"/admin/people/{wren.id}/restore" in desk.get("/desk/").text
    desk.send(f"/admin/people/{wren.id}/restore")
    assert fresh(wren).can_sign_in
    assert noted("accounts.suspended") + noted("accounts.restored") == ["accounts.suspended", "accounts.restored"]


def test_forced_to_choose_anew_nobody_else_ever_chooses(desk, client):
    user = make_user(password=PASSWORD)
    client.post("/sign-in", data={"email": "ida@example.org", "password": PASSWORD})
    desk.send(f"/admin/people/{user.id}/force-reset")
    assert (fresh(user).password, sessions_of(user)) == (None, 0)
    carry_out_jobs()
    assert [letter["Subject"] for letter in letters_to("ida@example.org")][-1].startswith("Choose a new password")
    assert client.post("/sign-in", data={"email": "ida@example.org", "password": PASSWORD}).status_code == 422
    assert noted("reset_forced") == ["accounts.reset_forced"]


def test_one_browser_or_all_are_signed_out(desk, wren):
    with transaction():
        for number in range(3):
            open_session(session().merge(wren.user), Visit(device=f"browser {number}"))
    first = session().scalar(select(Session.id).where(Session.user_id == wren.id).order_by(Session.id))
    assert "browser 2" in desk.get(f"/admin/people/{wren.id}").text
    desk.send(f"/admin/people/{wren.id}/sessions/{first}/end")
    assert sessions_of(wren) == 2
    desk.send(f"/admin/people/{wren.id}/sign-out")
    assert sessions_of(wren) == 0
    assert noted("session") == ["accounts.session_ended", "accounts.sessions_ended"]


def test_a_session_of_somebody_else_is_not_ended_by_a_forged_number(desk, wren, emil):
    with transaction():
        open_session(session().merge(emil.user), Visit())
    number = session().scalar(select(Session.id).where(Session.user_id == emil.id))
    for forged in (number, 0, 2**63):
        assert desk.send(f"/admin/people/{wren.id}/sessions/{forged}/end").status_code == 404
    assert sessions_of(emil) == 1


VERBS = ("role", "suspend", "restore", "force-reset", "sign-out", "sessions/1/end")


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("whom", ["owner", "oneself", "unclaimed", "higher"])
def test_nobody_touches_the_owner_themselves_or_who_may_do_more(desk_of, cast, verb, whom):
    manager = _manager(cast.ada)
    with transaction():
        author = take_in_author(name="Old Hand", origin="o", origin_key="k")
    target = {"owner": cast.orla, "oneself": manager, "unclaimed": author, "higher": cast.ada}[whom]
    before = [(each.status, each.role and each.role.name, each.password) for each in session().scalars(select(User).order_by(User.id))]
    assert desk_of(manager).send(f"/admin/people/{target.id}/{verb}", role="author").status_code == 403
    session().expire_all()
    assert [
        (each.status, each.role and each.role.name, each.password) for each in session().scalars(select(User).order_by(User.id))
    ] == before


def _manager(by):
    """Somebody with a role of the site's own who manages people and may do little else."""
    words = ["comments.write", "desk.open", "posts.write", "people.see", "people.manage"]
    with transaction():
        make_role(name="host", description="", permissions=words, demands_second_factor=None, by=by)
    return Person(make_user(email="host@example.org", name="Host", role="host"))


def test_a_host_gives_no_more_than_they_have(desk_of, cast, rhea, mona):
    desk = desk_of(_manager(cast.ada))
    assert desk.send(f"/admin/people/{rhea.id}/role", role="editor").status_code == 403
    # A member may read what the host may not.
    assert desk.send(f"/admin/people/{mona.id}/role", role="reader").status_code == 403
    assert desk.send(f"/admin/people/{rhea.id}/role", role="host").status_code == 303


@pytest.mark.parametrize("number", [0, 999_999, 2**31, 2**63])
@pytest.mark.parametrize("verb", ["", "/suspend", "/hand-over"])
def test_a_number_of_nobody_is_not_found(desk, number, verb):
    send = desk.send if verb else desk.get
    assert send(f"/admin/people/{number}{verb}").status_code in (403, 404)  # 403 where the rule of the address comes first


@pytest.mark.parametrize(
    ("move", "seen"),
    [
        ("suspend", AccountStatus.SUSPENDED),
        ("sign-out", AccountStatus.ACTIVE),
        ("force-reset", AccountStatus.ACTIVE),
    ],
)
def test_many_are_moved_at_once_and_who_cannot_be_is_named(desk, cast, move, seen):
    wren, emil, orla = cast.wren, cast.emil, cast.orla
    desk.send("/admin/people/move", move=move, chosen=[wren.id, emil.id, orla.id, 999_999])
    assert [fresh(each).status for each in (wren, emil, orla)] == [seen, seen, AccountStatus.ACTIVE]
    told = desk.said()
    assert "2 done" in told
    assert "holds rights that you do not" in told
    assert "no such person" in told


def test_a_role_is_given_to_many(desk, wren, emil):
    desk.send("/admin/people/move", move="role", to_role="member", chosen=[wren.id, emil.id])
    assert [fresh(each).role.name for each in (wren, emil)] == ["member", "member"]
    assert noted("role_changed") == ["accounts.role_changed"] * 2


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"move": "nothing", "chosen": ["3"]},
        {"move": "suspend"},
        {"move": "frobnicate", "chosen": ["1"]},
        {"move": "suspend", "chosen": ["x"]},
        {"move": "role", "chosen": ["3"]},
    ],
)
def test_a_bulk_form_without_sense_changes_nothing(desk, wren, fields):
    assert desk.send("/admin/people/move", **fields).status_code in (303, 422)
    assert (fresh(wren).status, fresh(wren).role.name) == (AccountStatus.ACTIVE, "author")


def test_the_site_is_handed_over_by_the_owner_and_both_sign_in_anew(desk_of, orla, ada):
    desk = desk_of(orla)
    page = desk.get(f"/admin/people/{ada.id}/hand-over").text
    assert "Ada (ada@example.org) becomes the owner" in page
    answer = desk.send(f"/admin/people/{ada.id}/hand-over")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/admin/people/")
    assert (owner().id, fresh(orla).role.name) == (ada.id, "administrator")
    assert sessions_of(orla) + sessions_of(ada) == 0
    assert desk.get("/desk/").status_code == 303
    assert noted("handed_over") == ["accounts.handed_over"]


@pytest.mark.parametrize("heir", ["oneself", "suspended", "unclaimed"])
def test_the_site_is_not_handed_to_who_cannot_hold_it(desk_of, orla, wren, heir):
    desk = desk_of(orla)
    with transaction():
        author = take_in_author(name="Old Hand", origin="o", origin_key="k")
    if heir == "suspended":
        desk.send(f"/admin/people/{wren.id}/suspend")
    target = {"oneself": orla, "suspended": wren, "unclaimed": author}[heir]
    assert desk.send(f"/admin/people/{target.id}/hand-over").status_code in (403, 409)
    assert owner().id == orla.id


def test_a_page_of_a_person_shows_what_was_done_to_whoever_may_read_the_log(desk_of, ada, wren):
    desk_of(ada).send(f"/admin/people/{wren.id}/role", role="editor")
    page = desk_of(ada).get(f"/admin/people/{wren.id}").text
    assert "changed the role of" in page
    assert "changed the role of" not in desk_of(_manager(ada)).get(f"/admin/people/{wren.id}").text


def test_a_page_of_a_person_takes_a_bounded_number_of_queries(desk, wren, queries):
    with transaction():
        for number in range(60):
            open_session(session().merge(wren.user), Visit(device=f"browser {number}", browser=f"{number:064}"))
    queries.clear()
    assert desk.get(f"/admin/people/{wren.id}").status_code == 200
    assert len(queries) <= 14, "\n".join(queries)
