"""Whatever is handed out to be shown again: drawn by chance, long enough, kept as a digest, good for one thing."""

import math
import re

import pytest
from wtforms import Form

from inkhorn.accounts import codes, passwords
from inkhorn.accounts.models import Purpose
from inkhorn.accounts.services.invitations import inviting
from inkhorn.accounts.services.setup import make_setup_link
from inkhorn.accounts.services.tokens import LIVES, issue_token
from inkhorn.core.access import House
from inkhorn.core.database import Base, transaction
from tests.accounts.guests import invite, secret_for
from tests.accounts.letters import carry_out_jobs, letters_to, link_in
from tests.accounts.test_second_step import second
from tests.admin.conftest import press
from tests.architecture.tree import SOURCE, modules
from tests.factories.accounts import PASSWORD, give_app, give_codes, make_user

NEW = "lantern kelp moon tide 9"
# How long somebody waits before trying again, when a stream ends, and where a picture's blots stand: nobody gains by guessing either.
GUESSABLE = {"core/jobs.py", "core/streams.py", "transfer/demo/pictures.py"}
BY_CHANCE = re.compile(r"^\s*(?:import random|from random)\b|\buuid1\(|\bnumpy\.random", re.MULTILINE)


def test_nothing_secret_is_drawn_by_a_generator_that_can_be_foreseen():
    """ASVS 6.5.3, 7.2.3, 11.5.1."""
    loose = {str(path.relative_to(SOURCE)) for path in modules() if BY_CHANCE.search(path.read_text(encoding="utf-8"))}
    assert loose == GUESSABLE


@pytest.mark.parametrize("text", ["import random", "from random import choice", "key = uuid1()"])
def test_a_planted_one_is_found(text):
    assert BY_CHANCE.search(text)


def test_each_kind_of_link_carries_256_bits_and_never_the_same(database):
    """ASVS 6.4.1, 6.5.4."""
    with transaction():
        made = [issue_token(purpose).secret for purpose in Purpose for _ in range(20)]
        made.append(make_setup_link() or "")
    made += [secret_for(invite(House(), email=f"{number}@example.org").email) for number in range(5)]
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"[\w-]{43}", each) for each in made[:-6] + made[-5:])
    assert len(made[-6]) >= 32


def test_no_link_or_invitation_is_good_for_long():
    """ASVS 6.4.1, 6.5.5: what proves a mailbox is good for ten minutes; a new password, a first visit and a change of mind take longer."""
    slow = {Purpose.RESET, Purpose.REOPEN}
    assert {purpose for purpose, life in LIVES.items() if life.total_seconds() > 600} == slow
    assert LIVES[Purpose.RESET].total_seconds() == 3600
    assert inviting.LIFE.days == 7


def test_a_code_by_mail_has_six_digits_and_one_on_paper_79_bits():
    """ASVS 6.5.4; six random digits are what it calls enough, with the tries counted (6.6.3)."""
    drawn = [codes.make_mail_code() for _ in range(3000)]
    assert all(re.fullmatch(r"\d{6}", each) for each in drawn)
    assert len(set(drawn)) > 2900
    assert {each[0] for each in drawn} == set("0123456789")
    assert len(set(codes.PAPER_ALPHABET)) == len(codes.PAPER_ALPHABET) == 31
    assert math.log2(31**codes.PAPER_LENGTH) > 79
    assert set("".join(code for _ in range(40) for code in codes.make_paper_codes())) == set(codes.PAPER_ALPHABET) | {"-"}


def test_a_seed_has_as_many_bits_as_its_hash():
    """ASVS 6.5.3."""
    seeds = {codes.make_seed() for _ in range(100)}
    assert len(seeds) == 100
    assert all(re.fullmatch(r"[A-Z2-7]{32,}", seed) for seed in seeds)


@pytest.mark.usefixtures("true_hashes")
def test_paper_is_hashed_as_slowly_as_a_password_and_with_salt(monkeypatch):
    """ASVS 6.5.2."""
    asked = []
    real = codes.hash_secret_raw
    monkeypatch.setattr(codes, "hash_secret_raw", lambda *given, **how: asked.append(how) or real(*given, **how))
    one, other = codes.make_salt(), codes.make_salt()
    code = codes.make_paper_codes()[0]
    assert codes.paper_code_digest(code, one) != codes.paper_code_digest(code, other)
    assert {(how["memory_cost"], how["time_cost"], how["type"].name) for how in asked} == {(passwords.MEMORY_KIB, passwords.PASSES, "ID")}
    assert len(bytes.fromhex(one)) == 16


HINTS = re.compile(r"hint|question|maiden|birth|pet_|school", re.IGNORECASE)


def forms(kind: type = Form) -> set[type]:
    return {kind}.union(*(forms(each) for each in kind.__subclasses__())) if kind.__subclasses__() else {kind}


def test_nobody_is_asked_about_their_life(app):
    """ASVS 6.4.2: no hints, no questions, neither kept nor asked."""
    ours = [form for form in forms() if form.__module__.startswith("inkhorn.")]
    asked = {f"{form.__name__}.{name}" for form in ours for name in dir(form) if hasattr(getattr(form, name), "field_class")}
    assert len(asked) > 60
    kept = {f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.columns}
    assert [name for name in asked | kept if HINTS.search(name)] == []


@pytest.mark.parametrize("name", ["User.password_hint", "JoinForm.question", "user.mothers_maiden_name"])
def test_a_planted_question_is_found(name):
    assert HINTS.search(name)


def test_a_forced_new_password_takes_nobody_past_the_second_factor(signed_in, ada, client):
    """ASVS 6.4.4: an administrator sends a link and takes no factor away; who lost all of them asks the operator."""
    user = make_user(password=PASSWORD)
    phone, paper = give_app(user), give_codes(user, 1)
    press(signed_in(ada), f"/admin/people/{user.id}/force-reset")
    carry_out_jobs()
    client.get(link_in(letters_to("ida@example.org")[-1]))
    assert client.post("/new-password", data={"password": NEW}).location.startswith("/sign-in/second")
    assert client.get_cookie("inkhorn") is None
    assert second(client, phone.code()).status_code == 303
    assert len(paper) == 1
