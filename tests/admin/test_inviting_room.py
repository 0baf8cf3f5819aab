"""The form beside the lists: one address, many, a file; good lines go out and bad ones are named."""

import io

import pytest
from sqlalchemy import func, select

from inkhorn.accounts.models import Invitation
from inkhorn.accounts.services import roles
from inkhorn.accounts.services.people import take_in_author
from inkhorn.accounts.tasks.inviting import send_invitation
from inkhorn.core import limits
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from tests.accounts.browsing import grow_stale
from tests.accounts.guests import accept, invite, noted, secret_for
from tests.accounts.letters import carry_out_jobs, letters_to
from tests.accounts.test_freshness import fields_in
from tests.factories.accounts import give_app, make_user


@pytest.fixture
def desk(desk_of, ada):
    return desk_of(ada)


def invited() -> list[tuple[str, str]]:
    rows = session().scalars(select(Invitation).where(Invitation.open_email.is_not(None)).order_by(Invitation.id))
    return [(each.email, each.role.name) for each in rows]


def send(desk, emails="", *, role="author", file: bytes | None = None, **more):
    fields = {"emails": emails, "role": role, "message": "Come.", **more}
    if file is not None:
        fields["file"] = (io.BytesIO(file), "list.csv")
    return desk.send("/admin/people/invite", **fields)


@pytest.mark.parametrize("came_from", ["team", "invitations"])
def test_one_is_invited_and_a_letter_goes(desk, came_from):
    answer = send(desk, "jo@example.org", **{"from": came_from})
    assert (answer.status_code, answer.location) == (303, "/admin/people/invitations")
    assert invited() == [("jo@example.org", "author")]
    carry_out_jobs()
    assert len(letters_to("jo@example.org")) == 1
    assert "A letter is on its way to jo@example.org" in desk.said()


@pytest.mark.parametrize("came_from", ["team", "invitations"])
def test_of_many_the_good_go_and_the_bad_stay_to_be_mended(desk, came_from):
    make_user(email="here@example.org")
    page = send(desk, "a@example.org\nhalcyon@\nb@example.org, Bo, editor\nhere@example.org", **{"from": came_from})
    assert page.status_code == 422
    assert invited() == [("a@example.org", "author"), ("b@example.org", "editor")]
    assert "2 letters are on their way" in page.text
    assert "Line 2:" in page.text
    assert "Line 4:" in page.text
    kept = page.text.split('<textarea id="emails"')[1].split(">\n", 1)[1].split("</textarea>")[0]
    assert kept == "halcyon@\nhere@example.org"
    assert 'aria-describedby="emails-hint emails-error" aria-invalid="true"' in page.text


def test_a_file_is_read_with_its_headings(desk):
    answer = send(desk, file="Name;E-mail;Role\nZoë;zoe@example.org;editor\nBo;bo@example.org;\n".encode("utf-8-sig"))
    assert answer.status_code == 303
    assert invited() == [("zoe@example.org", "editor"), ("bo@example.org", "author")]


def test_a_file_goes_along_with_the_proof_that_is_asked_for_first(desk, ada):
    phone = give_app(ada.user)
    grow_stale()
    file = 'Name;E-mail;Role\n"Zoë; a; b";zoe@example.org;editor\n;#bo;\nBo;bo@example.org;\n'.encode("utf-8-sig")
    asked = send(desk, "jo@example.org; Jo", file=file)
    assert (asked.status_code, "Is it still you?" in asked.text, invited()) == (403, True, [])
    page = desk.client.post("/admin/people/invite", data={**fields_in(asked.text), "proof_code": phone.code()})
    assert page.status_code == 422
    assert invited() == [("jo@example.org", "author"), ("zoe@example.org", "editor"), ("bo@example.org", "author")]
    assert "#bo" in page.text


@pytest.mark.parametrize(("file", "said"), [(b"PK\x03\x04\x00\x00", "not text"), (b"a@example.org\n" * 50_000, "too large")])
def test_a_file_that_is_no_list_is_refused_before_a_proof_is_asked_for(desk, file, said):
    grow_stale()
    page = send(desk, file=file)
    assert (page.status_code, said in page.text, invited()) == (422, True, [])


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("Zoë,zoe@example.org".encode("latin-1"), "not text in UTF-8"),
        (b"PK\x03\x04\x00\x00", "not text"),
        (b"", "Write at least one address"),
        (b"a@example.org\n" * 50_000, "too large"),
        ("\n".join(f"p{number}@example.org" for number in range(10_000)).encode(), "500 people at most"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_words_and_invites_nobody(desk, file, said):
    page = send(desk, file=file)
    assert page.status_code == 422
    assert said in page.text
    assert invited() == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"emails": ""}, "Write at least one address"),
        ({"emails": " \n# x"}, "Write at least one address"),
        ({"emails": "x" * 100_001}, "choose a file instead"),
        ({"emails": "a@example.org", "role": "owner"}, "Not a valid choice"),
        ({"emails": "a@example.org", "role": "king"}, "Not a valid choice"),
        ({"emails": "a@example.org", "message": "x" * 1001}, "At most 1000 characters"),
        ({"emails": "a@example.org,,owner"}, "may not invite anybody as owner"),
        ({"emails": "a@example.org,,king"}, "no role &#34;king&#34;"),
        ({"emails": "a@example.org,,\x00king"}, "no role &#34;king&#34;"),
        ({"emails": "=cmd|calc,a@example.org"}, "like ada@example.org"),
    ],
)
def test_what_will_not_do_is_said_and_invites_nobody(desk, fields, said):
    page = send(desk, **fields)
    assert page.status_code == 422
    assert said in page.text
    assert invited() == []


def test_a_form_open_for_too_long_keeps_what_was_typed(desk):
    page = desk.client.post("/admin/people/invite", data={"csrf_token": "stale", "emails": "jo@example.org", "role": "author"})
    assert page.status_code == 422
    assert "open for too long" in page.text
    assert "jo@example.org</textarea>" in page.text
    assert invited() == []


def test_so_many_letters_a_day_and_the_rest_are_named(desk, monkeypatch):
    monkeypatch.setattr(limits, "INVITE", limits.Limit("invite", "2 per day"))
    page = send(desk, "a@example.org\nb@example.org\nc@example.org")
    assert page.status_code == 422
    assert len(invited()) == 2
    assert "Too many tries. Wait" in page.text


def test_sent_again_and_taken_back_one_by_one_and_many_at_once(desk, ada):
    one, two = invite(ada, email="a@example.org"), invite(ada, email="b@example.org")
    carry_out_jobs()
    desk.send(f"/admin/people/invitations/{one.id}/renew")
    desk.send("/admin/people/invitations/move", move="renew", chosen=[one.id, two.id, 999])
    carry_out_jobs()
    assert [len(letters_to(each.email)) for each in (one, two)] == [2, 2]
    desk.send(f"/admin/people/invitations/{one.id}/withdraw")
    desk.send("/admin/people/invitations/move", move="withdraw", chosen=[one.id, two.id])
    assert invited() == []
    assert "1 taken back" in (told := desk.said())
    assert "accepted or taken back already" in told
    assert noted("invitation_") == ["accounts.invitation_renewed"] * 3 + ["accounts.invitation_withdrawn"] * 2


@pytest.mark.parametrize("fields", [{}, {"move": "renew"}, {"move": "x", "chosen": ["1"]}, {"move": "renew", "chosen": ["y"]}])
def test_a_bulk_form_without_sense_changes_nothing(desk, ada, fields):
    invite(ada)
    assert desk.send("/admin/people/invitations/move", **fields).status_code in (303, 422)
    assert len(invited()) == 1


@pytest.mark.parametrize("verb", ["renew", "withdraw"])
@pytest.mark.parametrize("number", [0, 999, 2**31, 2**63])
def test_an_invitation_that_is_not_there_is_not_found(desk, verb, number):
    assert desk.send(f"/admin/people/invitations/{number}/{verb}").status_code == 404


def test_an_imported_author_is_offered_to_somebody_from_their_page(desk, ada):
    with transaction():
        author = take_in_author(name="Old Hand", origin="o", origin_key="k")
    address = f"/admin/people/{author.id}"
    assert "Invite somebody as this author" in desk.get(address).text
    assert desk.send(f"{address}/invite", email="jo@example.org", role="author", message="").status_code == 303
    page = desk.get(address).text
    assert "jo@example.org was asked to take this author over" in page
    assert "Invite somebody as this author" not in page
    accept(secret_for())
    assert "jo@example.org" in desk.get(address).text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"email": ""}, 422),
        ({"email": "jo@"}, 422),
        ({"email": "ada@example.org"}, 409),
        ({"email": "jo@example.org", "role": "owner"}, 422),
        ({"email": "jo@example.org", "message": "x" * 1001}, 422),
    ],
)
def test_an_author_is_not_offered_by_a_form_that_will_not_do(desk, fields, status):
    with transaction():
        author = take_in_author(name="Old Hand", origin="o", origin_key="k")
    page = desk.send(f"/admin/people/{author.id}/invite", **{"role": "author", **fields})
    assert page.status_code == status
    assert 'aria-invalid="true"' in page.text or "role" in fields
    assert session().scalar(select(func.count()).select_from(Invitation)) == 0


def test_somebody_with_an_account_is_not_offered_to_others(desk, wren):
    assert desk.send(f"/admin/people/{wren.id}/invite", email="jo@example.org", role="author").status_code == 409


def without_role(desk, ada, *, is_open: bool) -> Invitation:
    """An invitation into a role that is gone; while it is open no role is removed, and a database may say otherwise."""
    with transaction():
        role = roles.make_role(name="guest", description="", permissions=["members.read"], demands_second_factor=None, by=House())
    made = invite(ada, role="guest")
    desk.client.set_cookie("inkhorn-pending", secret_for())
    with transaction():
        made.open_email = None
        session().flush()
        roles.remove_role(session().merge(role), by=House())
        session().refresh(made)
        made.open_email = made.email if is_open else None
    return made


def test_the_record_of_a_past_invitation_outlives_its_role(desk, ada):
    made = without_role(desk, ada, is_open=False)
    kept = session().scalars(select(Invitation)).one()
    assert (kept.id, kept.email, kept.invited_by_id, kept.role) == (made.id, "jo@example.org", ada.id, None)


def test_an_invitation_without_a_role_opens_nothing_and_breaks_nothing(desk, ada):
    made = without_role(desk, ada, is_open=True)
    for page in ("/admin/people/invitations", "/admin/people/"):
        assert "jo@example.org" in desk.get(page).text
    answer = desk.client.get("/invitation")
    assert (answer.status_code, "is gone from this site" in answer.text) == (410, True)
    refused = desk.send(f"/admin/people/invitations/{made.id}/renew")
    assert (refused.status_code, "send another one" in refused.text) == (409, True)
    assert desk.send(f"/admin/people/invitations/{made.id}/withdraw").status_code == 303
    assert invited() == []


def test_no_letter_goes_for_a_role_that_is_gone(desk, ada):
    made = without_role(desk, ada, is_open=True)
    with transaction():
        made.letters += 1
    send_invitation(made.id, made.letters)
    assert len(letters_to("jo@example.org")) == 1
