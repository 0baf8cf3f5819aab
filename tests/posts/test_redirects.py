"""Redirects of one's own: added, imported, refused in words."""

import pytest
from click.testing import CliRunner

from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from inkhorn.core.errors import Invalid, NotFound
from inkhorn.posts import commands
from inkhorn.posts.models import Address, Status
from inkhorn.posts.services.redirects import BadRedirect, add_redirect, remove_redirect
from tests.factories.posts import make_post


def add(path, target):
    with transaction():
        add_redirect(path, target, by=House())


def test_a_redirect_leads_readers_on(client):
    add("/old/", "/archive/")
    assert client.get("/old/").location == "/archive/"


def test_a_redirect_may_be_changed_and_removed(database):
    add("/old/", "/one/")
    add("/old/", "/two/")
    assert session().get(Address, "/old/").target == "/two/"
    with transaction():
        remove_redirect("/old/", by=House())
    with pytest.raises(NotFound), transaction():
        remove_redirect("/old/", by=House())


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("old", "/x/"),
        ("/", "/x/"),
        ("/desk/", "/x/"),
        ("/feed.xml", "/x/"),
        ("//evil/", "/x/"),
        ("/a\x00/", "/x/"),
        ("/" + "a" * 400, "/x/"),
        ("/a/", ""),
        ("/a/", "//evil.example/"),
        ("/a/", "javascript:alert(1)"),
        ("/a/", "/a/"),
        ("/a/", "https://"),
        ("/a/", "/b c/"),
    ],
)
def test_a_redirect_that_cannot_be_is_refused_in_words(database, path, target):
    with pytest.raises(BadRedirect):
        add(path, target)


def test_a_posts_address_is_not_taken_from_it(wren):
    post = make_post(by=wren, title="Tide", status=Status.PUBLISHED)
    with pytest.raises(BadRedirect, match="A post stands"):
        add(post.path, "/x/")


def test_a_file_of_redirects_is_added_but_for_what_is_named(database, tmp_path):
    file = tmp_path / "redirects.csv"
    file.write_text("# old,new\n/a/,/b/\nbroken\n/c/,https://example.org/c\n")
    done = CliRunner().invoke(commands.redirect, ["import", str(file)])
    assert done.exit_code == 1
    assert "2 added, 1 refused" in done.output
    assert "line 3" in done.output


def test_the_list_can_be_imported_again(database, tmp_path):
    add("/a/", "/b/")
    assert CliRunner().invoke(commands.redirect, ["list"]).output == "/a/,/b/\n"


@pytest.mark.parametrize(
    "content", [b"/a/,/b/\n\xff\xfe,/c/\n", b"/a/,/b/\n/c/," + b"x" * 200_000 + b"\n", b'/a/,/b/\n"/c/,' + b"y" * 200_000]
)
def test_a_file_that_is_no_table_is_refused_in_words(database, tmp_path, content):
    file = tmp_path / "old.csv"
    file.write_bytes(content)
    done = CliRunner().invoke(commands.redirect, ["import", str(file)])
    assert isinstance(done.exception, Invalid)
    assert "mend it and import it again" in str(done.exception)
