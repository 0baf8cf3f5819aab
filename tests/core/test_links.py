"""Where somebody may be led back to: one rule for the door, the desk and the uploads."""

import pytest
from werkzeug.routing import Map, Rule

from inkhorn.core.links import Route, own_path


@pytest.mark.parametrize(
    "control", ["/\t/evil.example", "\t//evil.example", "/\r\n/evil.example", " //evil.example", "/\x00/x", "/" + "a" * 2001]
)
def test_control_characters_and_endless_paths_are_nobodys(control):
    assert own_path(control) is None


@pytest.mark.parametrize("wanted", ["/desk/", "/desk/posts/?status=draft&search=a%20b", "/caf%C3%A9/", "/a//b"])
def test_ways_of_our_own_stay_open(wanted):
    assert own_path(wanted) == wanted


@pytest.mark.parametrize("wanted", [None, "", "desk"])
def test_no_way_is_no_way(wanted):
    assert own_path(wanted) is None


@pytest.mark.parametrize(
    ("referrer", "back"),
    [
        ("http://localhost/desk/posts/?status=draft", "http://localhost/desk/posts/?status=draft"),
        ("http://localhost//evil.example/", "/desk/posts/"),
        ("http://localhost/%2fevil.example/", "/desk/posts/"),
        ("http://localhost.evil.example/", "/desk/posts/"),
        ("https://evil.example/desk/posts/", "/desk/posts/"),
    ],
)
def test_moving_posts_leads_back_to_this_site_only(signed_in, wren, referrer, back):
    browser = signed_in(wren)
    token = browser.get("/desk/posts/write").text.split('name="csrf_token" value="')[1].split('"')[0]
    answer = browser.post("/desk/posts/move", data={"csrf_token": token, "move": "trash"}, headers={"Referer": referrer})
    assert (answer.status_code, answer.location) == (303, back)


@pytest.mark.parametrize("values", [{"slug": "caf\u00e9 a/b"}, {"slug": "one", "page": 2, "tags": ["a b", "c&d"], "rule": "x"}])
def test_an_address_is_built_as_by_the_rules_of_the_library_and_compiled_once(values):
    by_us, by_library = Route("/posts/<slug>/x"), Rule("/posts/<slug>/x")
    Map([by_us]), Map([by_library])
    assert by_us.build(values) == by_us.build(values) == by_library.build(values)
    assert by_us.build({"slug": "one"}, append_unknown=False) == by_library.build({"slug": "one"}, append_unknown=False)
    assert by_us._build_unknown.__name__ == by_library._build_unknown.__name__
