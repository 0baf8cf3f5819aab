"""The first set-up: a link that works once, and exactly one owner."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from inkhorn.accounts.models import SetupLink, User
from inkhorn.accounts.queries import owner
from inkhorn.accounts.services.setup import make_setup_link
from inkhorn.core import settings
from inkhorn.core.database import session, transaction
from tests.factories.accounts import PASSWORD, make_user

FIELDS = {
    "site_title": "Saltmarsh",
    "name": "Ada Marsh",
    "email": "ada@example.org",
    "password": PASSWORD,
    "timezone": "Europe/Lisbon",
    "language": "pt-PT",
}


def new_link() -> str:
    with transaction():
        return f"/setup/{make_setup_link()}"


@pytest.fixture
def link(database: None) -> str:
    return new_link()


def test_the_four_fields_make_the_owner_and_lead_to_a_first_draft(client, link):
    answer = client.post(link, data=FIELDS)
    assert (answer.status_code, answer.location) == (303, "/desk/posts/write")
    assert client.get("/desk/posts/write").status_code == 200
    assert (owner().name, owner().email) == ("Ada Marsh", "ada@example.org")
    site = settings.read(settings.SiteSettings)
    assert (site.title, site.timezone, site.language) == ("Saltmarsh", "Europe/Lisbon", "pt-PT")


def test_the_link_works_once(app, client, link):
    client.post(link, data=FIELDS)
    later = app.test_client()
    assert later.get(link).status_code == 410
    assert later.post(link, data=FIELDS | {"email": "eve@example.org"}).status_code == 410
    assert session().scalar(select(func.count()).select_from(User)) == 1


@pytest.mark.parametrize("token", ["x", "%00", "\u00e9", "a" * 3000, "None"])
def test_a_guessed_link_is_gone(client, link, token):
    assert client.get(f"/setup/{token}").status_code == 410
    assert client.post(f"/setup/{token}", data=FIELDS).status_code == 410


def test_an_owner_from_the_shell_closes_the_link(client, link):
    make_user(role="owner")
    assert client.get(link).status_code == 410
    assert session().scalars(select(SetupLink)).all() == []


def test_the_link_stays_the_same_until_it_is_used(link):
    assert new_link() == link


def test_there_is_no_link_once_there_is_an_owner(database):
    make_user(role="owner")
    with transaction():
        assert make_setup_link() is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("site_title", "   "),
        ("site_title", ""),
        ("site_title", "\u202e\x00"),
        ("site_title", "x" * 151),
        ("name", " "),
        ("name", "\u200d\u200c"),
        ("email", "ada"),
        ("email", "ada@example"),
        ("email", "a\x00da@example.org"),
        ("email", "ada@example.org\nBcc: x@example.org"),
        ("email", f"{'a' * 250}@example.org"),
        ("password", "short"),
        ("password", "password1234"),
        ("password", "AdaMarsh"),
        ("password", "Saltmarsh1"),
        ("password", "x" * 129),
        ("password", "            "),
    ],
)
def test_nonsense_is_refused_and_the_link_stays_good(client, link, field, value):
    answer = client.post(link, data=FIELDS | {field: value})
    assert answer.status_code == 422
    assert owner() is None
    assert settings.read(settings.SiteSettings).title != "Saltmarsh"
    assert client.get(link).status_code == 200


def test_a_foreign_page_cannot_claim_the_site(client, link):
    assert client.post(link, data=FIELDS, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post(link, data=FIELDS, headers={"Origin": "https://evil.example"}).status_code == 403


def test_an_unknown_zone_or_language_is_not_kept(client, link):
    client.post(link, data=FIELDS | {"timezone": "Mars/Olympus", "language": "<script>"})
    site = settings.read(settings.SiteSettings)
    assert (site.timezone, site.language) == ("UTC", "en")


@pytest.mark.slow
def test_of_fifty_claims_at_once_exactly_one_wins(crowded):
    with crowded.app_context():
        link = new_link()
        session().close()
    gate = Barrier(50)

    def claim(number: int) -> int:
        gate.wait()
        return crowded.test_client().post(link, data=FIELDS | {"email": f"ada{number}@example.org"}).status_code

    with ThreadPoolExecutor(50) as crowd:
        seen = sorted(crowd.map(claim, range(50)))
    assert seen == [303] + [410] * 49
    with crowded.app_context():
        assert session().scalar(select(func.count()).select_from(User)) == 1
