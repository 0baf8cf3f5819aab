"""The operator's commands about people: what they print, what they refuse, and their exit codes."""

import json
import warnings
from getpass import GetPassWarning
from pathlib import Path

import pytest
from click.testing import CliRunner

from inkhorn.accounts.commands import setup_link, user
from inkhorn.accounts.queries import owner, user_by_email
from inkhorn.accounts.services.people import take_in_author
from inkhorn.cli import main
from inkhorn.core.asking import ask_secret, secret_from_input
from inkhorn.core.database import transaction
from inkhorn.core.errors import Invalid
from tests.factories.accounts import PASSWORD, make_user
from tests.running import inkhorn


@pytest.fixture
def run(database: None):
    return lambda command, *words, **options: CliRunner().invoke(command, words, **options)


def create(run, *words, password=PASSWORD):
    return run(user, "create", "ida@example.org", "--name", "Ida", "--password-stdin", *words, input=password + "\n")


def test_a_made_account_can_sign_in(run, client):
    done = create(run, "--role", "editor")
    assert (done.exit_code, done.output) == (0, "Ida <ida@example.org> is now editor.\n")
    assert client.post("/sign-in", data={"email": "ida@example.org", "password": PASSWORD}).status_code == 303


def test_the_password_is_asked_for_twice_and_not_shown(run):
    done = run(user, "create", "ida@example.org", "--name", "Ida", input=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0
    assert PASSWORD not in done.output


def test_a_password_that_is_no_text_is_refused_in_a_sentence(run):
    done = run(
        user, "create", "ida@example.org", "--name", "Ida", "--password-stdin", input=b"\xff\xfe lantern over seven quiet herrings\n"
    )
    assert "not text in UTF-8" in str(done.exception)


def test_a_closed_standard_input_is_told(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(Invalid, match="Standard input is closed"):
        secret_from_input("the password")


def test_without_a_terminal_the_way_round_it_is_told(monkeypatch):
    def nobody(_prompt):
        warnings.warn("Can not control echo on the terminal.", GetPassWarning, stacklevel=2)

    monkeypatch.setattr("click.termui.hidden_prompt_func", nobody)
    with pytest.raises(Invalid, match=r"no terminal .* --password-stdin"):
        ask_secret("Password", otherwise="Give --password-stdin and the password on standard input.")


def test_everybody_is_listed(run):
    make_user()
    with transaction():
        take_in_author(name="Old Author", origin="o", origin_key="k")
    listed = json.loads(run(user, "list", "--json").output)
    assert [(each["name"], each["email"], each["roles"], each["status"]) for each in listed] == [
        ("Ida", "ida@example.org", ["author"], "active"),
        ("Old Author", None, [], "unclaimed"),
    ]
    assert "Old Author" in run(user, "list").output


def test_a_role_is_given(run):
    make_user()
    assert run(user, "role", "IDA@example.org", "editor").output == "Ida is now editor.\n"
    assert [role.name for role in user_by_email("ida@example.org").roles] == ["editor"]


def test_the_setup_link_is_printed_until_there_is_an_owner(run):
    first = run(setup_link)
    assert "/setup/" in first.output
    assert run(setup_link).output == first.output
    create(run, "--role", "owner")
    assert owner().name == "Ida"
    refused = run(setup_link)
    assert (refused.exit_code, "The site has an owner" in refused.output) == (1, True)


@pytest.mark.slow
def test_refusals_are_one_sentence_and_exit_code_one(tmp_path: Path):
    made = inkhorn(tmp_path, "user", "create", "ida@example.org", "--name", "Ida", "--role", "owner", "--password-stdin", stdin=PASSWORD)
    assert made.returncode == 0, made.stderr
    here = {"INKHORN_DATA": str(tmp_path)}
    again = ("user", "create", "ida@example.org", "--name", "Ida", "--password-stdin")
    for words, stdin, said in (
        (again, PASSWORD, "already an account"),
        (("user", "create", "x@example.org", "--name", "X", "--password-stdin"), "password1234\n", "the first that anybody would try"),
        (("user", "create", "x@example.org", "--name", "X", "--password-stdin"), "", "at least 12 characters"),
        (("user", "create", "nonsense", "--name", "X", "--password-stdin"), PASSWORD, "an address like ada@example.org"),
        (("user", "create", "x@example.org", "--name", " ", "--password-stdin"), PASSWORD, "Write a name"),
        (("user", "create", "x@example.org", "--name", "X", "--role", "king", "--password-stdin"), PASSWORD, 'no role "king"'),
        (("user", "role", "nobody@example.org", "editor"), None, "no account for nobody@example.org"),
        (("user", "role", "ida@example.org", "reader"), None, "must have an owner"),
        (("setup-link",), None, "The site has an owner"),
    ):
        done = CliRunner().invoke(main, words, input=stdin, env=here)
        assert (done.exit_code, done.stdout) == (1, ""), (words, done)
        assert said in done.stderr
        assert "Traceback" not in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    assert CliRunner().invoke(main, ["user", "create"], env=here).exit_code == 2
    assert len(json.loads(inkhorn(tmp_path, "user", "list", "--json").stdout)) == 1
