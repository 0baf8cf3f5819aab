"""The operator's commands about keys: what they print, what they refuse, and what is printed once only."""

import json

import pytest
from click.testing import CliRunner

from inkhorn.accounts.commands.keys import key_group
from tests.accounts.programs.asking import asks, make_key


@pytest.fixture
def run(app):
    return lambda *words: CliRunner().invoke(key_group, words)


def told(done):
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_made_key_opens_and_is_listed_without_what_opens(run, app, wren):
    made = told(run("create", "Backup", "--for", "wren@example.org", "--may", "posts.write", "--days", "7", "--json"))
    who = asks(app, made["key"]).json["data"]
    assert (who["user_id"], who["permissions"]) == (wren.id, ["posts.write"])
    (row,) = told(run("list", "--json"))
    assert row["whose"] == "wren@example.org"
    assert "key" not in row
    assert made["key"][16:] not in run("list").output


def test_a_script_reads_the_key_alone(run, app):
    done = run("create", "Shop", "--may", "posts.write", "--never-ends")
    assert asks(app, done.stdout.strip()).json["data"]["kind"] == "integration"
    assert "never ends" in run("list").output


def test_a_revoked_key_opens_nothing(run, app, wren):
    made = make_key(wren)
    assert told(run("revoke", str(made.row.id), "--json"))["name"] == "Script"
    assert asks(app, made.text).status_code == 401
    assert run("revoke", str(made.row.id)).exit_code != 0


def test_one_person_s_keys_are_listed(run, wren, emil):
    make_key(wren, name="Wren's")
    make_key(emil, name="Emil's")
    assert [row["name"] for row in told(run("list", "--for", "emil@example.org", "--json"))] == ["Emil's"]


@pytest.mark.parametrize(
    "words",
    [
        ("create", "X"),
        ("create", "X", "--may", "site.own"),
        ("create", "X", "--may", "nothing.known"),
        ("create", " ", "--may", "posts.write"),
        ("create", "X", "--may", "posts.edit_any", "--for", "wren@example.org"),
        ("create", "X", "--may", "posts.write", "--for", "nobody@example.org"),
        ("create", "X", "--may", "posts.write", "--for", "wren@example.org", "--never-ends"),
        ("create", "X", "--may", "posts.write", "--days", "366"),
        ("revoke", "0"),
        ("revoke", "99999999999"),
    ],
)
def test_nonsense_is_refused(run, wren, words):
    assert run(*words).exit_code != 0
    assert told(run("list", "--json")) == []
