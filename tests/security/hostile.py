"""Inputs that are scripts wherever they are taken for more than words, and a browser that walks a site and tells what ran."""

import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import BrowserContext, Page

CORPUS = Path(__file__).parents[3] / "shared" / "corpora" / "xss-bleach"
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


def inputs() -> list[str]:
    """All of them, those of the corpus included where it is on this machine."""
    told = [path.read_text(encoding="utf-8").partition("\n--\n")[0].strip() for path in sorted(CORPUS.glob("*.test"))]
    return list(dict.fromkeys([*POLYGLOTS, *LINKS, *told]))


def listening(context: BrowserContext, found: list[str]) -> Page:
    """A new page that tells what ran in it and what its policy refused."""
    page = context.new_page()
    # Chromium shows plain XML with a style of its own, which the policy refuses as it should.
    page.expose_function(
        "report", lambda text: None if page.url.endswith(".xml") and "style-src" in text else found.append(f"{page.url}: {text}")
    )
    page.add_init_script(WATCH)
    page.on("dialog", lambda dialog: (found.append(f"{page.url}: dialog"), dialog.dismiss()))
    return page


def walk(context: BrowserContext, base: str, starts: list[str], most: int) -> tuple[list[str], list[str]]:
    """Open pages and follow their links; where it went, and what ran, was refused, or could have run."""
    found: list[str] = []
    seen: list[str] = []
    page = listening(context, found)
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
