"""Albums, shows and episodes by program: what may be heard, and nothing else."""

import pytest

from inkhorn.media.models import Listeners
from tests.factories.shows import make_album, make_episode, make_show


@pytest.mark.parametrize("who", ["vic", "rhea", "wren"])
def test_what_is_not_out_is_its_makers_alone(program, emil, who: str):
    make_album(by=emil, title="Canary", is_published=False)
    hidden = make_show(by=emil, title="Canary", is_published=False)
    make_episode(hidden, by=emil, title="Canary")
    asker = program(who)
    for kind in ("albums", "shows", "episodes"):
        assert asker.titles(f"/{kind}") == []
        assert "Canary" not in asker.get(f"/{kind}/1").text
    assert program("emil").titles("/albums") == ["Canary"]


def test_members_hear_what_is_for_members(program, emil):
    make_album("Ebb", by=emil, title="For members", audience=Listeners.MEMBERS)
    assert program("vic").titles("/albums") == []
    assert program("mona").titles("/albums") == ["For members"]


def test_what_is_out_is_told(program, emil, queries):
    make_album("Ebb", by=emil, title="Tides")
    show = make_show(by=emil, title="Harbours")
    make_episode(show, by=emil, title="One")
    vic = program("vic")
    queries.clear()
    assert [(each["title"], len(each["tracks"]) > 0) for each in vic.data("/albums?include=tracks")] == [("Tides", True)]
    assert len(queries) <= 5
    assert (vic.titles("/shows"), vic.titles("/episodes")) == (["Harbours"], ["One"])
    assert vic.data(f"/episodes/{vic.data('/episodes')[0]['id']}")["file"].startswith("/media/")
