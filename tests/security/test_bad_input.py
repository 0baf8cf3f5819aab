"""Whatever is sent, to whatever address, by whomever: a calm answer, nothing of our insides, no secret in the log."""

import logging

import pytest

from tests.security.reading import fields_read
from tests.security.site import Site
from tests.security.test_writes import token_of

EVIL = {
    "nul": "\x00",
    "inner nul": "a\x00b",
    "huge number": str(2**63),
    "huger number": "9" * 5000,
    "negative": "-1",
    "exponent": "1e400",
    "not a number": "NaN",
    "emoji": "🦀🌊",
    "bidi": "\u202eevil\u2066",
    "lone accent": "\u0301" * 200,
    "zero width": "\u200b\ufeff",
    "spaces": " \t\r\n ",
    "quotes": "'\"`;--",
    "template": "{{7*7}}${7*7}<%= 7*7 %>",
    "climb": "../../../../etc/passwd",
    "long": "x" * 9000,
    "percent": "%s%n%00%ff",
    "crlf": "a\r\nSet-Cookie: evil=1",
    "date": "9999-12-31",
    "early date": "0001-01-01",
    "time": "25:61",
    "json": '{"a": [1]}',
    "script": "<script>alert(1)</script>",
}
GOOD = {"title": "T", "body": "b", "kind": "post", "name": "N", "email": "jo@example.org", "password": "tide and moon and kelp"}
FIELDS = (
    "title body slug tags author_ids excerpt cover_url cover_alt cover_caption series is_featured kind language published_on published_at "
    "canonical_url meta_title meta_description release_on release_at revision then next move chosen alt email password is_remembered "
    "site_title name timezone username bio website links notices focus becomes heir_id"
).split()
QUERY = "page number status search author_id tag_id sort kind next format utm".split()
TRACES = ("Traceback", "sqlalchemy", "werkzeug", "inkhorn.core", 'File "', "sqlite3", "jinja2")


def is_calm(answer) -> bool:
    text = answer.data.decode("utf-8", "replace")
    return answer.status_code < 500 and not any(trace in text for trace in TRACES) and "evil" not in answer.headers.get("Set-Cookie", "")


def send_evil(site: Site, who: str, evil: str) -> None:
    """The evil in all fields of each form at once, and for staff in one after the other of those that the form reads."""
    browser = site.browser(who)
    token = token_of(browser)
    for method, address in site.writable():
        if "/purge" in address or address in ("/sign-out", "/account/close"):
            continue
        names = fields_read(site, browser, method, address, GOOD | {"csrf_token": token}) if who == "ada" else ()
        for fields in (dict.fromkeys((*FIELDS, *names), evil), *(GOOD | {name: evil} for name in names)):
            answer = browser.open(address, method=method, data=fields | {"csrf_token": token})
            assert is_calm(answer), (method, address, fields, answer.status_code)


def ask_evil(site: Site, who: str, evil: str) -> None:
    """The evil in every part of a query, at every address."""
    for address in site.readable():
        answer = site.browser(who).get(address, query_string=dict.fromkeys(QUERY, evil))
        assert is_calm(answer), (address, evil, answer.status_code)


@pytest.mark.slow
@pytest.mark.parametrize("who", ["ada", "vic"])
@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL)
def test_evil_in_every_field_of_every_form(site: Site, who: str, evil: str):
    send_evil(site, who, evil)


@pytest.mark.parametrize("name", ["title", "body", "slug", "tags", "excerpt"])
def test_ten_megabytes_in_a_field_are_refused_in_words(site: Site, name: str):
    browser = site.browser("wren")
    answer = browser.post("/desk/posts/write", data={"csrf_token": token_of(browser), "kind": "post", name: "x" * 10_000_000})
    assert answer.status_code in (303, 413, 422)
    assert is_calm(answer)


def test_ten_megabytes_are_no_password(client):
    assert client.post("/sign-in", data={"email": "ida@example.org", "password": "x" * 10_000_000}).status_code == 413


def test_no_secret_reaches_the_log(site: Site, caplog: pytest.LogCaptureFixture, request_lines: list[str]):
    caplog.set_level(logging.DEBUG)
    browser = site.browser("wren")
    marker = "marker-4711-nobody-may-read"
    token, cookie = token_of(browser), browser.get_cookie("inkhorn").value
    browser.post("/sign-in", data={"email": "ida@example.org", "password": marker})
    browser.post(f"/setup/{site.setup_token}", data={"password": marker, "email": "x"})
    browser.post("/desk/posts/write", data={"csrf_token": token, "password": marker, "published_on": marker})
    browser.get("/nothing/", headers={"Authorization": f"Bearer {marker}"})
    browser.get(f"/setup/{site.setup_token}")
    told = "\n".join([*request_lines, *(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)])
    assert "accounts.try_sign_in" in told
    assert not [secret for secret in (marker, token, cookie, site.setup_token, "only-for-tests-0123456789") if secret in told]


def test_the_sweep_finds_the_fields_of_a_form_by_itself(site: Site):
    browser = site.browser("ada")
    read = fields_read(site, browser, "POST", "/account/profile", {"csrf_token": token_of(browser), "name": "N"})
    assert {"name", "username", "bio", "website", "links"} <= set(read)
