"""Scripts planted in every text field of a site: a real browser walks all pages and runs none of them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from inkhorn.accounts.services.sessions import Visit, open_session
from inkhorn.app import create_app
from inkhorn.core import settings
from inkhorn.core.access import House
from inkhorn.core.database import db, session, transaction
from inkhorn.core.errors import InkhornError
from inkhorn.core.settings import MenuItem, SiteSettings
from inkhorn.posts.models import PostKind, Series, Status, Tag
from tests.conftest import config_for
from tests.factories.accounts import make_user
from tests.factories.posts import make_post
from tests.running import RunningSite, inkhorn
from tests.security.hostile import BODY, LINKS, POLYGLOTS, walk
from tests.security.planting import plant_people

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def plant(by) -> None:
    """Scripts in every field of a site, its people, its posts; a field that refuses one keeps what it had."""
    with transaction():
        menu = tuple(MenuItem(text, link) for text, link in zip(POLYGLOTS, LINKS, strict=False))
        settings.tune(SiteSettings, by=House(), title=POLYGLOTS[2], description=POLYGLOTS[0], menu=menu)
    fields = {"excerpt": 1, "series": 2, "cover_alt": 3, "cover_caption": 4, "meta_title": 5, "meta_description": 0}
    for number, text in enumerate(POLYGLOTS):
        changes = {name: POLYGLOTS[(number + offset) % len(POLYGLOTS)] for name, offset in fields.items()}
        for more in (*({name: link} for name in ("cover_url", "canonical_url") for link in LINKS), {}):
            try:
                kind = PostKind.PAGE if number == 0 and not more else PostKind.POST
                make_post(by=by, title=text[:255], body=BODY, status=Status.PUBLISHED, kind=kind, tags=[text[:90]], **changes, **more)
            except InkhornError:
                db.session.rollback()
    with transaction():
        for each in (*session().scalars(select(Tag)), *session().scalars(select(Series))):
            each.description = POLYGLOTS[1]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningSite, str]]:
    """A running site full of scripts, and the cookie of its owner."""
    data = tmp_path_factory.mktemp("planted") / "data"
    assert inkhorn(data, "migrate").returncode == 0
    app = create_app(config_for(data))
    with app.app_context():
        from inkhorn.accounts.identity.actor import Person
        from inkhorn.accounts.services.roles import sync_roles

        with transaction():
            sync_roles()
        owner = make_user(role="owner", name=POLYGLOTS[1])
        with transaction():
            owner.bio, owner.website, owner.links = POLYGLOTS[2], LINKS[0], [*LINKS, *POLYGLOTS]
            token = open_session(owner, Visit(device=POLYGLOTS[1]))
        plant(Person(owner))
        plant_people(POLYGLOTS, by=Person(owner))
        db.session.close()
        db.engine.dispose()
    site = RunningSite(data, environment={"INKHORN_PROFILE": "development"}).start()
    yield site, token
    site.stop()


def test_nothing_planted_runs_for_readers(planted, chromium: Browser):
    site, _token = planted
    context = chromium.new_context(service_workers="block")
    seen, found = walk(context, site.base, ["/", "/archive/", "/sign-in", "/feed.xml", "/atom.xml", "/sitemap.xml"], 40)
    context.close()
    assert not found, "\n".join(found)
    assert len(seen) > 15


def test_nothing_planted_runs_at_the_desk(planted, chromium: Browser):
    site, token = planted
    context = chromium.new_context(service_workers="block")
    context.add_cookies([{"name": "inkhorn", "value": token, "url": site.base}])
    starts = ["/desk/", "/desk/posts/", "/desk/pages/", "/desk/posts/1/edit", "/desk/posts/1/revisions", "/preview/1/", "/desk/posts/write"]
    seen, found = walk(context, site.base, starts, 40)
    context.close()
    assert not found, "\n".join(found)
    assert len(seen) > 15


def test_nothing_planted_runs_in_the_room_of_people(planted, chromium: Browser):
    site, token = planted
    context = chromium.new_context(service_workers="block")
    context.add_cookies([{"name": "inkhorn", "value": token, "url": site.base}])
    tabs = ["/admin/people/", "/admin/people/members", "/admin/people/invitations", "/admin/people/roles"]
    others = [
        "/admin/people/2",
        "/admin/people/3",
        "/admin/people/roles/7",
        "/admin/people/2/hand-over",
        "/admin/people/?search=" + POLYGLOTS[1],
    ]
    seen, found = walk(context, site.base, [*tabs, *others], 30)
    context.close()
    assert not found, "\n".join(found)
    assert len(seen) > 15


def test_a_script_that_could_run_would_be_seen(planted, chromium: Browser):
    site, _token = planted
    context = chromium.new_context()
    context.route("**/planted", lambda route: route.fulfill(body="<img src=x onerror=fired('z')>", content_type="text/html"))
    _seen, found = walk(context, site.base, ["/planted"], 1)
    context.close()
    assert any("onerror" in each for each in found)
