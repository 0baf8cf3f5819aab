"""The same for albums, shows and episodes: what is not out yet, or for members alone, is met in no page, feed, list or file of whoever may not hear it."""

import pytest

from inkhorn.core.database import session
from inkhorn.media.models import Listeners
from tests.factories.shows import make_album, make_episode, make_show
from tests.factories.sound import mp3_bytes
from tests.security.site import Site
from tests.security.test_canary import walked

HIDDEN = {
    "draftalbum": {"wren", "emil"},
    "membersalbum": {"wren", "emil", "mona", "nell"},
    "draftshow": {"wren", "emil"},
    "membersshow": {"wren", "emil", "mona", "nell"},
    "draftepisode": {"wren", "emil"},
    "laterepisode": {"wren", "emil"},
    "membersepisode": {"wren", "emil", "mona", "nell"},
}


@pytest.fixture
def files(site: Site, clock) -> dict[str, str]:
    """Each by its word, which its title and description say; the file of each, whose name says nothing."""
    wren, members, found = site.cast.wren, Listeners.MEMBERS, {}
    for number, (word, more) in enumerate({"draftalbum": {"is_published": False}, "membersalbum": {"audience": members}}.items()):
        album = make_album("song", by=wren, title=f"{word} canary", about=f"A {word}.", sound=mp3_bytes(5 + number), **more)
        found[word] = album.tracks[0].asset.path
    open_show = make_show(by=wren, title="Open")
    shows = {
        "draftshow": make_show(by=wren, title="draftshow canary", is_published=False),
        "membersshow": make_show(by=wren, title="membersshow canary", audience=members),
    }
    episodes = {
        "draftepisode": {"is_published": False},
        "laterepisode": {"at": clock.tomorrow()},
        "membersepisode": {"audience": members},
        **{word: {} for word in shows},
    }
    for number, (word, more) in enumerate(episodes.items()):
        said = {"about": f"A {word}.", "sound": mp3_bytes(8 + number, title=word, chapters=((0.0, f"{word} begins"),))}
        episode = make_episode(shows.get(word, open_show), by=wren, title="x", **said, **more)
        episode.title = f"{word} canary"
        found[word] = episode.asset.path
    session().commit()
    return found


@pytest.mark.parametrize("who", ["vic", "rhea", "mona", "nell"])
def test_nobody_meets_what_they_may_not_hear(site: Site, files: dict[str, str], who: str):
    met = walked(site, who)
    assert any("/show/open/" in address for address in met)
    hidden = [word for word, listeners in HIDDEN.items() if who not in listeners]
    # Its file neither: whoever knows the address of one that nothing shows yet is handed it.
    hidden += [path for word, path in files.items() if word in hidden] if who != "nell" else []
    assert {(address, word) for address, text in met.items() for word in hidden if word in text} == set()


def test_whoever_may_hear_it_meets_it(site: Site, files: dict[str, str]):
    """Else the walk would see nothing whatever leaked."""
    met = walked(site, "emil")
    assert {word for word in HIDDEN for text in met.values() if word in text} == set(HIDDEN)
    of_mona = walked(site, "mona")
    assert any("membersepisode" in text for text in of_mona.values())
    assert site.browser("mona").get("/album/membersalbum-canary/").status_code == 200


@pytest.mark.parametrize("who", ["vic", "rhea", "mona"])
def test_a_file_for_members_is_handed_to_nobody_else(site: Site, files: dict[str, str], who: str):
    browser = site.browser(who)
    wanted = {word: 302 if who == "mona" else 404 for word in files if word.startswith("members")}
    assert len(wanted) == 3
    assert {word: browser.get(files[word]).status_code for word in wanted} == wanted


@pytest.mark.parametrize("name", ["album", "show"])
def test_a_guessed_address_tells_nothing(site: Site, files: dict[str, str], name: str):
    for word in HIDDEN:
        for address in (
            f"/{name}/{word}-canary/",
            f"/{name}/{word}-canary/feed.xml",
            f"/show/open/{word}-canary/",
            "/show/open/x/chapters.json",
        ):
            text = site.browser("vic").get(address).text
            assert word not in text.replace(f"{word}-canary", ""), address
