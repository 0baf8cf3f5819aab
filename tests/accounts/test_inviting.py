"""Inviting people: who may, whom, and what goes out."""

import pytest
from sqlalchemy import func, select

from inkhorn.accounts.models import Invitation
from inkhorn.accounts.services.invitations import inviting
from inkhorn.accounts.services.invitations.accepting import InvitationSpent
from inkhorn.accounts.services.invitations.inviting import AlreadyInvited
from inkhorn.accounts.services.invitations.lists import read_list
from inkhorn.accounts.services.people import EmailTaken
from inkhorn.accounts.services.roles import UnknownRole
from inkhorn.accounts.tasks import inviting as inviting_tasks
from inkhorn.core import limits
from inkhorn.core.access import Forbidden, House
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Conflict, Invalid
from inkhorn.core.limits import TooMany
from tests.accounts.guests import accept, invite, noted, secret_for
from tests.accounts.letters import carry_out_jobs, letters_to, text_of
from tests.factories.accounts import make_user


def test_whoever_is_invited_gets_one_letter_and_becomes_what_it_says(ada):
    invite(ada, name="Jo", message="Come and write.\nIt is quiet here.")
    carry_out_jobs()
    carry_out_jobs()
    (letter,) = letters_to("jo@example.org")
    assert letter["Subject"] == "Ada invites you to A new publication"
    assert "> It is quiet here." in text_of(letter)
    user = accept(secret_for())
    assert (user.email, user.name, user.role.name, user.can_sign_in) == ("jo@example.org", "Jo Reed", "author", True)
    assert noted() == ["accounts.invited", "accounts.invitation_accepted"]


def test_the_secret_is_kept_nowhere(ada):
    invitation = invite(ada)
    secret = secret_for()
    assert secret not in repr({column.name: getattr(invitation, column.name) for column in Invitation.__table__.columns})
    assert len(invitation.digest) == 64


@pytest.mark.parametrize("role", ["owner", "editor"])
def test_nobody_invites_into_a_role_above_their_own(ada, emil, role):
    by = ada if role == "owner" else emil
    with pytest.raises(Forbidden, match="may not invite"):
        invite(by, role=role)
    assert session().scalar(select(func.count()).select_from(Invitation)) == 0


def test_not_even_the_operator_invites_an_owner(database):
    with pytest.raises(Forbidden):
        invite(House(), role="owner")


@pytest.mark.parametrize("email", ["", "jo", "jo@", "jo@example", "<jo@example.org>", "jo@example.org\nBcc: x@example.org", "=1+1"])
def test_nonsense_is_not_invited(ada, email):
    with pytest.raises(Invalid, match="like ada@example"):
        invite(ada, email=email)


def test_a_word_too_long_is_refused(ada):
    with pytest.raises(Invalid, match="At most 1000"):
        invite(ada, message="x" * 1001)


def test_an_unknown_role_is_refused(ada):
    with pytest.raises(UnknownRole):
        invite(ada, role="king")


def test_who_is_here_or_invited_already_is_not_invited_again(ada):
    make_user(email="ida@example.org")
    with pytest.raises(EmailTaken, match="already an account"):
        invite(ada, email="IDA@example.org")
    invite(ada)
    with pytest.raises(AlreadyInvited, match="invited already"):
        invite(ada, email=" JO@example.org ")


def test_an_invitation_that_ended_makes_room_for_another(ada, clock):
    first = invite(ada)
    clock.forward(days=7)
    second = invite(ada)
    assert (first.id != second.id, session().get(Invitation, first.id, populate_existing=True).open_email) == (True, None)


def test_sent_again_it_lives_another_week_and_the_new_link_counts(ada, cast, clock):
    invitation, old = invite(cast.ada), secret_for()
    clock.forward(days=6)
    with transaction():
        inviting.renew_invitation(session().merge(invitation), by=ada)
    new = secret_for()
    clock.forward(days=6)
    with pytest.raises(InvitationSpent):
        accept(old)
    assert accept(new).email == "jo@example.org"
    assert noted() == ["accounts.invited", "accounts.invitation_renewed", "accounts.invitation_accepted"]


def test_asked_for_twice_before_the_letter_is_written_one_letter_goes(ada):
    invitation = invite(ada)
    with transaction():
        inviting.renew_invitation(session().merge(invitation), by=ada)
    secret = secret_for()
    assert len(letters_to("jo@example.org")) == 1
    assert accept(secret).role.name == "author"


def test_a_job_that_runs_twice_writes_one_letter_whose_link_is_good(ada):
    invitation = invite(ada)
    secret = secret_for()
    inviting_tasks.send_invitation(invitation_id=invitation.id, letters=1)
    assert len(letters_to("jo@example.org")) == 1
    assert accept(secret).email == "jo@example.org"


def test_what_was_taken_back_or_accepted_is_not_sent_again(ada):
    invitation = invite(ada)
    accept(secret_for())
    for verb in (inviting.renew_invitation, inviting.withdraw_invitation):
        with pytest.raises(Conflict, match="accepted or taken back"), transaction():
            verb(session().merge(invitation), by=ada)


def test_so_many_a_day_and_no_more_to_one_address(ada, monkeypatch):
    monkeypatch.setattr(limits, "INVITE", limits.Limit("invite", "6 per day"))
    for _ in range(5):
        inviting.count_letter("JO@example.org", by=ada)
    with pytest.raises(TooMany):
        inviting.count_letter("jo@example.org", by=ada)
    inviting.count_letter("mo@example.org", by=ada)
    with pytest.raises(TooMany):
        inviting.count_letter("ro@example.org", by=ada)
    for _ in range(9):
        inviting.count_letter("jo@example.org", by=House())


def test_a_letter_refused_for_its_address_is_not_counted_against_who_asked(ada):
    for _ in range(5):
        inviting.count_letter("jo@example.org", by=ada)
    left = limits.left(limits.INVITE, str(ada.id))
    judged = inviting.judge_list(read_list("jo@example.org\njo@example.org\njo@example.org", most=9), role="author", by=ada)
    assert (len(judged.refused), limits.left(limits.INVITE, str(ada.id))) == (3, left)


def test_of_a_list_the_good_go_and_the_bad_are_named(ada):
    make_user(email="here@example.org")
    lines = read_list(
        "a@example.org\nnonsense\nhere@example.org\n\nb@example.org, Bo, editor\na@example.org\nc@example.org,,owner", most=10
    )
    judged = inviting.judge_list(lines, role="author", by=ada)
    with transaction():
        sent = inviting.invite_many(judged, by=ada)
    assert [(each.email, each.name, each.role.name) for each in sent.invitations] == [
        ("a@example.org", "", "author"),
        ("b@example.org", "Bo", "editor"),
    ]
    assert [(each.line.number, each.reason.split()[0]) for each in sent.refused] == [
        (2, "Enter"),
        (3, "There"),
        (6, "a@example.org"),
        (7, "You"),
    ]


HOSTILE = "\"'><img src=x onerror=fired()></blockquote></p><script>fired()</script>{{ 7*7 }}"


def test_whatever_is_written_stands_in_the_letter_as_words(ada):
    invite(ada, name=HOSTILE, message=HOSTILE)
    carry_out_jobs()
    (letter,) = letters_to("jo@example.org")
    page = letter.get_body(("html",)).get_content()
    assert "<img" not in page
    assert "<script" not in page
    assert page.count("{{ 7*7 }}") == 2
    assert f"> {HOSTILE}" in text_of(letter)


@pytest.mark.parametrize(
    "name", ["Jo\r\nBcc: eve@example.org", "Jo <eve@example.org>, x", '"Jo" <eve@example.org>', "Jo\u2028Bcc: eve@example.org"]
)
def test_a_name_is_no_way_to_another_mailbox(ada, name):
    invite(ada, name=name)
    carry_out_jobs()
    (letter,) = letters_to("jo@example.org")
    assert [address.addr_spec for address in letter["To"].addresses] == ["jo@example.org"]
    assert (letter["Bcc"], letter["Cc"]) == (None, None)
