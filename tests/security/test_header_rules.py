"""Every kind of answer held against two judges of others: the rules of the HTTP Observatory, and Google's evaluator of content policies."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from inkhorn.core import captcha
from inkhorn.core.access import everyone, open_to
from inkhorn.core.headers import CONTENT_SECURITY_POLICY, policy_with
from tests.factories.media import make_asset
from tests.security.site import Site

TOOLS = Path(__file__).parents[1] / "tools"
NODE = shutil.which("node")
HTTPS = "https://localhost"
HALF_A_YEAR = 15_768_000
# Of the evaluator: high, a policy that cannot be read, medium, perhaps high. What is behind them is advice.
WORST_ADVICE = 45
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'


def directives(policy: str) -> dict[str, list[str]]:
    return {words[0]: words[1:] for part in policy.split(";") if (words := part.split())}


def marks(answer) -> dict[str, int]:
    """What the Observatory adds and takes away, by its rules of 2026; 0 is what it wants."""
    headers, cookies = answer.headers, answer.headers.getlist("Set-Cookie")
    policy = directives(headers.get("Content-Security-Policy", ""))
    scripts, styles = (policy.get(name, policy.get("default-src", ["*"])) for name in ("script-src", "style-src"))
    is_unsafe = any("unsafe" in word or word in ("*", "https:", "http:", "data:") for word in scripts)
    frames = policy.get("frame-ancestors")
    hsts = headers.get("Strict-Transport-Security", "max-age=0").partition("max-age=")[2].partition(";")[0]
    referrer = headers.get("Referrer-Policy")
    return {
        "policy": -25 if is_unsafe else 5 + 5 * (policy.get("default-src") == ["'none'"] and "'unsafe-inline'" not in styles),
        "cookies": -40 if any("; Secure" not in each or "; HttpOnly" not in each for each in cookies) else 0,
        # What is for everybody may be read from anywhere, without cookies.
        "origins": -50 if "Access-Control-Allow-Credentials" in headers else 0,
        "https": 0 if int(hsts) >= HALF_A_YEAR else -20,
        "referrer": 5 if referrer in ("no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin") else -5,
        "types": 0 if headers.get("X-Content-Type-Options") == "nosniff" else -5,
        "frames": (5 if frames in (["'none'"], ["'self'"]) else 0) if frames or "X-Frame-Options" in headers else -20,
        "resource": 10 if headers.get("Cross-Origin-Resource-Policy") in ("same-origin", "same-site", "cross-origin") else 0,
    }


def kinds(site: Site, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """An answer of each kind, as over https."""
    wren, vic, ada = (site.browser(name) for name in ("wren", "vic", "ada"))
    drawing = make_asset(DRAWING, filename="tide.svg", by=site.cast.wren)
    found = {
        "home": vic.get("/", base_url=HTTPS),
        "post": vic.get(site.post.path, base_url=HTTPS),
        "search": vic.get("/search?q=tide", base_url=HTTPS),
        "door": vic.get("/sign-in", base_url=HTTPS),
        "desk": wren.get("/desk/posts/", base_url=HTTPS),
        "editor": wren.get("/desk/posts/write", base_url=HTTPS),
        "account": wren.get("/account/", base_url=HTTPS),
        "owner's room": ada.get("/admin/", base_url=HTTPS),
        "program": vic.get("/api/v1/posts", base_url=HTTPS),
        "description": vic.get("/api/v1/openapi.json", base_url=HTTPS),
        "feed": vic.get("/feed.xml", base_url=HTTPS),
        "sitemap": vic.get("/sitemap.xml", base_url=HTTPS),
        "picture": vic.get(site.asset.path, base_url=HTTPS),
        "drawing": vic.get(drawing.path, base_url=HTTPS),
        "refused program": vic.post("/api/v1/posts", json={}, base_url=HTTPS),
        "nothing": vic.get("/nothing/", base_url=HTTPS),
        "redirect": vic.get("/desk/", base_url=HTTPS),
    }
    monkeypatch.setitem(site.app.view_functions, "site.show_archive", open_to(everyone)(lambda **_: 1 / 0))
    return found | {"breakdown": vic.get("/archive/", base_url=HTTPS)}


def test_every_kind_of_answer_passes_every_rule(site: Site, monkeypatch: pytest.MonkeyPatch):
    for name, answer in kinds(site, monkeypatch).items():
        given = marks(answer)
        assert not {rule: mark for rule, mark in given.items() if mark < 0}, name
        # From 100 on it is A+.
        assert 100 + sum(given.values()) >= 115, (name, given)


@pytest.mark.parametrize(
    ("header", "value", "rule"),
    [
        ("Content-Security-Policy", "default-src 'self' 'unsafe-inline'", "policy"),
        ("Set-Cookie", "a=b; HttpOnly", "cookies"),
        ("Access-Control-Allow-Credentials", "true", "origins"),
        ("Strict-Transport-Security", "max-age=60", "https"),
        ("Referrer-Policy", "unsafe-url", "referrer"),
        ("X-Content-Type-Options", "sniff", "types"),
    ],
)
def test_a_weak_header_would_be_seen(site: Site, header: str, value: str, rule: str):
    answer = site.browser("vic").get("/", base_url=HTTPS)
    answer.headers[header] = value
    assert marks(answer)[rule] < 0


def judged(policies: list[str]) -> list[list[dict]]:
    if NODE is None or not (TOOLS / "node_modules" / "csp_evaluator").is_dir():
        pytest.skip("needs node and the packages of tests/tools")
    script = TOOLS / "judge_policies.mjs"
    done = subprocess.run([NODE, script], input=json.dumps(policies), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_evaluator_finds_nothing_in_any_policy(site: Site, monkeypatch: pytest.MonkeyPatch):
    sent = {answer.headers["Content-Security-Policy"] for answer in kinds(site, monkeypatch).values()}
    with_captcha = {policy_with(service.sources) for service in captcha.SERVICES.values()}
    policies = sorted(sent | with_captcha | {CONTENT_SECURITY_POLICY})
    found = dict(zip(policies, judged(policies), strict=True))
    worse = {policy: [each for each in told if each["severity"] < WORST_ADVICE] for policy, told in found.items()}
    assert {policy: told for policy, told in worse.items() if told} == {}


def test_the_evaluator_would_find_a_weak_policy():
    weak, mistyped = judged(["script-src 'self' 'unsafe-inline'; object-src 'none'", "script-src 'none'; object-source 'none'"])
    assert min(each["severity"] for each in weak) < WORST_ADVICE
    assert min(each["severity"] for each in mistyped) < WORST_ADVICE


def test_a_program_on_plain_http_is_led_nowhere(site: Site):
    for address in ("/api/v1/posts", "/api/v1/me"):
        answer = site.browser("vic").get(address, base_url="http://localhost")
        assert (answer.status_code in (200, 401), answer.location) == (True, None)
