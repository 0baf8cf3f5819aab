"""Addresses, questions, headers, bodies and methods that nobody sends in good faith; a file of their own, so that they run beside those of forms."""

import pytest

from tests.security.site import Site
from tests.security.test_bad_input import EVIL, ask_evil, is_calm
from tests.security.test_writes import token_of


@pytest.mark.parametrize("who", ["ada", "vic"])
@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL)
def test_evil_in_every_question(site: Site, who: str, evil: str):
    ask_evil(site, who, evil)


PATHS = [
    "/%00",
    "/%00/",
    "/a%00b/",
    "/%ff%fe/",
    "/%c0%af/",
    "/%ed%a0%80/",
    "/" + "a" * 9000 + "/",
    "/" + "a/" * 2000,
    "/..%2f..%2fetc%2fpasswd",
    "/media/../../etc/passwd",
    "/media/..%2f..%2finkhorn.sqlite3",
    "/media/%2e%2e/secret_key",
    "/static/../inkhorn.toml",
    "/static/%2e%2e%2fsecret_key",
    "/tag/%f0%9f%a6%80/",
    "/tag/%e2%80%ae/",
    "/tag/%00/feed.xml",
    "/author/%00/",
    "/author/" + "x" * 5000 + "/",
    "/series/'%20or%201=1--/",
    "/page/0/",
    "/page/-1/",
    "/page/1e400/",
    f"/page/{2**31}/",
    f"/page/{2**63}/",
    f"/page/{10**30}/",
    f"/archive/page/{2**63}/",
    f"/tag/tides/page/{2**63}/",
    f"/author/wren/page/{2**63}/",
    f"/preview/{2**63}/",
    f"/desk/posts/{2**63}/edit",
    f"/desk/posts/{10**30}/revisions",
    f"/desk/posts/1/revisions?number={2**63}",
    "/sitemap-posts-99999.xml",
    f"/sitemap-posts-{10**20}.xml",
    "/setup/%00",
    "/theme/accent.css?x=%00",
    "//evil.example/",
    "///",
    "/\\evil.example",
    "/?page=" + "9" * 9000,
    "/?" + "&".join(f"a{n}=1" for n in range(3000)),
]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:40])
def test_a_strange_address_is_answered_calmly(site: Site, path: str):
    for who in ("ada", "vic"):
        answer = site.browser(who).get(path)
        assert is_calm(answer), (who, answer.status_code)
        assert not answer.headers.get("Location", "").startswith(("//", "http://evil", "https://evil", "/\\"))
        assert b"root:x:" not in answer.data


HEADERS = [
    {"Accept": "\x01"},
    {"Accept": ",".join(["text/html;q=1e400"] * 500)},
    {"Accept": "*/*;q=NaN"},
    {"Accept": "application/json" * 500},
    {"Accept-Language": "x" * 8000},
    {"Accept-Language": "de_DE.UTF-8@euro,*;q=inf"},
    {"Accept-Encoding": "br;q=NaN, gzip;q=-1, \xff"},
    {"Cookie": "inkhorn=" + "x" * 8000},
    {"Cookie": ";;;=;=;" * 500},
    {"Cookie": "inkhorn-notes=.eJw\xff; inkhorn=\x01"},
    {"If-None-Match": '"' * 1000},
    {"If-Modified-Since": "Fri, 99 Foo 99999 99:99:99 GMT"},
    {"If-Range": "x", "Range": "bytes=-0"},
    {"Range": "bytes=" + "0-1," * 1000},
    {"Range": "bytes=99999999999999999999-"},
    {"Referer": "\xff\xfe javascript:x"},
    {"User-Agent": "x" * 8000},
    {"Origin": "http://["},
    {"X-Request-ID": "x\r\n".strip() * 500},
    {"X-HTTP-Method-Override": "DELETE"},
    {"Content-Length": "-1"},
    {"Content-Type": "multipart/form-data"},
    {"Authorization": "Basic !!!!"},
    {"Authorization": "Bearer " + "x" * 8000},
    {"X-CSRFToken": "\x00"},
]


@pytest.mark.parametrize("headers", HEADERS, ids=lambda told: str(told)[:50])
def test_absurd_headers_are_answered_calmly(site: Site, headers: dict[str, str]):
    for address in ("/", "/feed.xml", "/sign-in", "/desk/posts/", site.post.path, site.asset.path, "/nothing/"):
        for who in ("ada", "vic"):
            answer = site.browser(who).get(address, headers=headers)
            assert is_calm(answer), (address, who, answer.status_code)


BODIES = [
    ("application/json", b"[1]"),
    ("application/json", b'{"title": {"a": []}}'),
    ("application/json", b"{" * 10_000),
    ("application/json", b"\xff\xfe"),
    ("application/json", b'"x"'),
    ("application/x-www-form-urlencoded", b"title=%ff%fe&title=%00&%ed%a0%80=1"),
    ("application/x-www-form-urlencoded", b"&".join(b"title=x" for _ in range(5000))),
    ("application/x-www-form-urlencoded; charset=utf-16", b"\xff\xfet\x00"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=title\r\n\r\nnever ends"),
    ("multipart/form-data; boundary=" + "x" * 5000, b"--x"),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="title"; filename="a"\r\n\r\nA FILE\r\n--x--\r\n'),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n?\r\n--x--\r\n"),
    ("text/xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"),
    ("\x01nonsense", b"x"),
]


@pytest.mark.parametrize(("content_type", "body"), BODIES, ids=lambda value: str(value)[:40])
def test_broken_bodies_are_answered_calmly(site: Site, content_type: str, body: bytes):
    for who in ("ada", "vic"):
        browser = site.browser(who)
        token = token_of(browser)
        for method, address in site.writable():
            answer = browser.open(address, method=method, data=body, headers={"Content-Type": content_type, "X-CSRFToken": token})
            assert is_calm(answer), (who, method, address, answer.status_code)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "BREW", "GETT"])
def test_wrong_methods_are_named(site: Site, method: str):
    for address in site.readable():
        assert site.browser("ada").open(address, method=method).status_code in (303, 400, 403, 404, 405, 410, 428), address
