"""Style sheets, scripts and fonts from another host: pages name it, the policy admits it for these alone, and files may be used there."""

import re

import pytest

from inkhorn.app import create_app
from inkhorn.core.config import ConfigError
from inkhorn.core.database import Base, db
from tests.conftest import config_for

HOST = "https://assets.example.org"


@pytest.fixture
def browser(tmp_path):
    app = create_app(config_for(tmp_path, assets_url=HOST))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        yield app.test_client()
        db.engine.dispose()


def directives(policy: str) -> dict[str, str]:
    return {each.split()[0]: " ".join(each.split()[1:]) for each in policy.split("; ")}


@pytest.mark.parametrize("path", ["/", "/sign-in", "/no-such-page/"])
def test_a_page_names_the_host_and_the_policy_admits_it_for_these_alone(browser, path):
    answer = browser.get(path)
    named = set(re.findall(r'(?:src|href)="([^"]*/static/[^"]*)"', answer.text))
    assert named
    assert all(each.startswith(f"{HOST}/static/") for each in named)
    told = directives(answer.headers["Content-Security-Policy"])
    admits = {name for name, sources in told.items() if HOST in sources}
    assert admits == {"script-src", "style-src", "font-src"}


def test_the_host_finds_them_here_and_pages_may_use_them(browser):
    found = re.search(rf'href="{HOST}(/static/[^"]*\.css)"', browser.get("/").text)
    assert found
    answer = browser.get(found[1])
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert (answer.headers["Cross-Origin-Resource-Policy"], "immutable" in answer.headers["Cache-Control"]) == ("cross-origin", True)
    # What a sheet names lies beside it, on whichever host that is.
    assert HOST not in answer.text


def test_without_the_setting_they_are_for_this_site_alone(client):
    found = re.search(r'href="(/static/[^"]*\.css)"', client.get("/").text)
    assert found
    answer = client.get(found[1])
    assert ("Access-Control-Allow-Origin" in answer.headers, answer.headers["Cross-Origin-Resource-Policy"]) == (False, "same-origin")


@pytest.mark.parametrize(
    "said", ["assets.example.org", "https://assets.example.org/", "https://a.example; script-src *", "https://a b.example"]
)
def test_what_is_no_host_is_refused(tmp_path, said):
    with pytest.raises(ConfigError, match="assets_url"):
        config_for(tmp_path, assets_url=said)
