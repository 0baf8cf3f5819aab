"""Scripts planted in every text field of a site: a real browser walks all pages and runs none of them."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext
from sqlalchemy import select

from inkhorn.accounts.services.sessions import open_session
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

pytestmark = [pytest.mark.browser, pytest.mark.slow]

POLYGLOTS = (
    "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=fired('a') )//%0D%0A//</stYle/</titLe/</teXtarEa/</scRipt/--!>\\x3csVg/<sVg/oNloAd=fired('b')//>",
    "\"'><img src=x onerror=fired('c')>",
    "</title></textarea><script>fired('d')</script>",
    "{{ ''.__class__ }}{% raw %}]]>--><svg onload=fired('e')>",
    "' autofocus onfocus=fired('f') x='",
    "&lt;script&gt;fired('g')&lt;/script&gt;<script/src=//evil.example>",
)
LINKS = (
    "javascript:fired('h')",
    "data:text/html,<script>fired('i')</script>",
    "JaVa\tScRiPt:fired('j')",
    "https://example.org/\"onmouseover=fired('k')",
)
BODY = "\n\n".join(
    [
        *POLYGLOTS,
        *(f"[{text}]({link})" for text in POLYGLOTS[:2] for link in LINKS),
        *(f'![{POLYGLOTS[1]}](<{link}> "{POLYGLOTS[4]}")' for link in LINKS),
        *(f"# {text}" for text in POLYGLOTS),
        *(f"```{text}\n{text}\n```" for text in POLYGLOTS),
        *(f"> [!NOTE] {text}\n> {text}" for text in POLYGLOTS[:3]),
        *(f"| {text} |\n| --- |\n| {text} |" for text in POLYGLOTS[1:3]),
        *(f"Note[^{number}]\n\n[^{number}]: {text}" for number, text in enumerate(POLYGLOTS)),
        "$\\href{javascript:fired('l')}{x}$ $$\\text{<img src=x onerror=fired('m')>}$$",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=fired('n')&gt;\">",
        "<svg><style><img src=x onerror=fired('o')></style></svg><noscript><p title=\"</noscript><img src=x onerror=fired('p')>\">",
        "<details open ontoggle=fired('q')><summary>x</summary></details><form action=javascript:fired('r')><button>x</button></form>",
        "<iframe srcdoc=\"<script>parent.fired('s')</script>\"></iframe><object data=javascript:fired('t')></object><base href=//evil.example>",
        "<a href=' &#1; javascript:fired(1)'>x</a><a href=\"&#x6A;avascript:fired(2)\">x</a><meta http-equiv=refresh content='0;url=javascript:fired(3)'>",
    ]
)
WATCH = """
window.fired = (mark) => window.report('ran: ' + mark);
document.addEventListener('securitypolicyviolation', (event) => window.report('refused: ' + event.violatedDirective + ' ' + event.sample));
"""
INSPECT = """() => [...document.querySelectorAll('*')].flatMap((each) => [...each.attributes].filter(
  (one) => /^on/i.test(one.name) || (/^(href|src|action|formaction|xlink:href|data)$/i.test(one.name) && /^\\s*(javascript|vbscript|data:text)/i.test(one.value))
).map((one) => each.tagName + ' ' + one.name + '=' + one.value.slice(0, 80)))"""


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
        from inkhorn.accounts.services.people import sync_roles

        with transaction():
            sync_roles()
        owner = make_user(role="owner", name=POLYGLOTS[1])
        with transaction():
            owner.bio, owner.website = POLYGLOTS[2], LINKS[0]
            token = open_session(owner, address=None, device=POLYGLOTS[1])
        plant(Person(owner))
        db.session.close()
        db.engine.dispose()
    site = RunningSite(data, environment={"INKHORN_PROFILE": "development"}).start()
    yield site, token
    site.stop()


def walk(context: BrowserContext, base: str, starts: list[str], most: int) -> tuple[list[str], list[str]]:
    """Open pages and follow their links; where it went, and what ran, was refused, or could have run."""
    found: list[str] = []
    seen: list[str] = []
    page = context.new_page()
    # Chromium shows plain XML with a style of its own, which the policy refuses as it should.
    page.expose_function(
        "report", lambda text: None if page.url.endswith(".xml") and "style-src" in text else found.append(f"{page.url}: {text}")
    )
    page.add_init_script(WATCH)
    page.on("dialog", lambda dialog: (found.append(f"{page.url}: dialog"), dialog.dismiss()))
    waiting = list(starts)
    while waiting and len(seen) < most:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.append(address)
        answer = page.goto(base + address, wait_until="load")
        assert answer is not None, address
        assert answer.status < 500, address
        found += [f"{address}: {each}" for each in page.evaluate(INSPECT)]
        links = page.evaluate("() => [...document.querySelectorAll('a[href]')].map((each) => each.getAttribute('href'))")
        for link in links:
            there = urlsplit(urljoin(base + address, link))
            if f"{there.scheme}://{there.netloc}" == base and not re.search(r"\.(xml|json)$", there.path):
                waiting.append(there.path + (f"?{there.query}" if there.query else ""))
    page.close()
    return seen, found


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


def test_a_script_that_could_run_would_be_seen(planted, chromium: Browser):
    site, _token = planted
    context = chromium.new_context()
    context.route("**/planted", lambda route: route.fulfill(body="<img src=x onerror=fired('z')>", content_type="text/html"))
    _seen, found = walk(context, site.base, ["/planted"], 1)
    context.close()
    assert any("onerror" in each for each in found)
