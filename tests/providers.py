"""A provider of this machine's own: OpenID Connect, GitHub's API and a judge of captchas, truthful until told to lie."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import RSAKey

KEY, OTHER_KEY = (RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True) for _ in range(2))
CLIENT, SECRET = "inkhorn & co", "s3cret/+: client"
LOOKS = '<!doctype html><html lang="en"><head><title>{title}</title><link rel="icon" href="data:,"></head><body><main><h1>{title}</h1>{body}</main></body></html>'


@dataclass
class Grant:
    """A code that was handed out, and with what it was asked for."""

    asked: dict[str, str]
    access_token: str = field(default_factory=lambda: secrets.token_urlsafe(12))


@dataclass
class StandIn:
    """The provider. Whatever is put into a dictionary replaces what it would say; None leaves that out."""

    base: str
    person: dict[str, Any] = field(default_factory=dict)
    # Whether people are asked to agree, on a page of its own.
    asks: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    token: dict[str, Any] = field(default_factory=dict)
    user_info: dict[str, Any] = field(default_factory=dict)
    github_user: Any = None
    github_emails: Any = None
    verdict: Any = None
    signed: str = "well"
    keys: list[dict[str, Any]] | None = None
    # Path -> status, bytes or seconds of silence instead of the usual answer.
    broken: dict[str, Any] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    heard: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.person = {"sub": "1001", "name": "Ida Vane", "preferred_username": "ida", "email": "ida@example.org", "email_verified": True}

    def discovery(self) -> dict[str, Any]:
        return changed(
            {
                "issuer": self.base,
                "authorization_endpoint": f"{self.base}/authorize",
                "token_endpoint": f"{self.base}/token",
                "jwks_uri": f"{self.base}/jwks",
                "userinfo_endpoint": f"{self.base}/userinfo",
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
                "authorization_response_iss_parameter_supported": True,
            },
            self.metadata,
        )

    def agree(self, asked: dict[str, str]) -> str:
        """Where the browser is sent to after somebody agreed."""
        code = secrets.token_urlsafe(12)
        self.grants[code] = Grant(asked)
        return self.back(asked, {"code": code})

    def back(self, asked: dict[str, str], told: dict[str, str]) -> str:
        # GitHub does not name itself.
        own_name = {"iss": self.base} if "openid" in asked.get("scope", "") else {}
        full = changed({**told, "state": asked["state"], **own_name}, self.answer)
        return f"{asked['redirect_uri']}?{urlencode(full)}"

    def redeem(self, sent: dict[str, str], authorization: str) -> tuple[int, Any]:
        self.heard.append(sent)
        grant = self.grants.pop(sent.get("code", ""), None)
        if not is_client(sent, authorization):
            return 401, {"error": "invalid_client"}
        if grant is None or grant.asked["redirect_uri"] != sent.get("redirect_uri"):
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        if grant.asked.get("code_challenge") != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
            return 400, {"error": "invalid_grant"}
        self.grants[grant.access_token] = grant
        given = {"access_token": grant.access_token, "token_type": "Bearer", "id_token": self.id_token(grant)}
        return 200, changed(given, self.token)

    def id_token(self, grant: Grant) -> str:
        now = int(time.time())
        whole = {"iss": self.base, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": grant.asked.get("nonce"), **self.person}
        payload = json.dumps(changed(whole, self.claims)).encode()
        header = changed({"alg": "RS256", "kid": KEY.kid, "typ": "JWT"}, self.header)
        token = _signed(self.signed, header, payload)
        head, body, signature = token.split(".")
        return f"{head}.{body[:-4]}AAAA.{signature}" if self.signed == "then altered" else token

    def say(self, path: str, sent: dict[str, str], headers: Any) -> tuple[int, Any]:
        """Status and JSON for a program's question."""
        bearer = headers.get("Authorization", "").removeprefix("Bearer ")
        if path == "/.well-known/openid-configuration":
            return 200, self.discovery()
        if path == "/jwks":
            return 200, {"keys": [KEY.as_dict(private=False)] if self.keys is None else self.keys}
        if path in ("/token", "/login/oauth/access_token"):
            return self.redeem(sent, headers.get("Authorization", ""))
        if path == "/siteverify":
            self.heard.append(sent)
            return 200, {"success": True} if self.verdict is None else self.verdict
        if bearer not in self.grants:
            return 401, {"message": "Bad credentials"}
        told = {
            "/userinfo": changed(dict(self.person), self.user_info),
            "/user": self.github_user or {"id": 77, "login": "ida-v", "name": "Ida Vane", "email": "public@example.org"},
            "/user/emails": self.github_emails
            or [
                {"email": "old@example.org", "verified": True, "primary": False},
                {"email": "Ida@Example.org", "verified": True, "primary": True},
            ],
        }
        return (200, told[path]) if path in told else (404, {})


class _Handler(BaseHTTPRequestHandler):
    stand_in: StandIn

    def log_message(self, *_words: Any) -> None:
        pass

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        asked, stand_in = dict(parse_qsl(query)), self.stand_in
        stand_in.asked.append(path)
        if path in ("/authorize", "/login/oauth/authorize"):
            if not stand_in.asks:
                return self._send_to(stand_in.agree(asked))
            ways = "".join(f'<p><a href="/{way}?{query.replace("&", "&amp;")}">{way.title()}</a></p>' for way in ("agree", "refuse"))
            return self._write(200, LOOKS.format(title="Stand-in", body=ways).encode(), "text/html; charset=utf-8")
        if path == "/agree":
            return self._send_to(stand_in.agree(asked))
        if path == "/refuse":
            return self._send_to(stand_in.back(asked, {"error": "access_denied", "error_description": "The person said no."}))
        return self._speak(path, {})

    def do_POST(self) -> None:
        self.stand_in.asked.append(self.path)
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._speak(self.path, dict(parse_qsl(sent)))

    def _speak(self, path: str, sent: dict[str, str]) -> None:
        broken = self.stand_in.broken.get(path)
        if isinstance(broken, float):
            time.sleep(broken)
        if isinstance(broken, bytes):
            return self._write(200, broken, "application/json")
        if isinstance(broken, int):
            return self._write(broken, b"{}", "application/json", Location="/elsewhere")
        status, told = self.stand_in.say(path, sent, self.headers)
        return self._write(status, json.dumps(told).encode(), "application/json")

    def _send_to(self, address: str) -> None:
        self._write(302, b"", "text/plain", Location=address)

    def _write(self, status: int, body: bytes, content_type: str, **more: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        # Whoever asked may have lost patience.
        with suppress(BrokenPipeError):
            self.wfile.write(body)


@contextmanager
def running_stand_in() -> Iterator[StandIn]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    stand_in = StandIn(f"http://127.0.0.1:{server.server_address[1]}")
    server.RequestHandlerClass = type("Handler", (_Handler,), {"stand_in": stand_in})
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield stand_in
    server.shutdown()
    server.server_close()


def changed(usual: dict[str, Any], lies: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**usual, **lies}.items() if value is not None}


def is_client(sent: dict[str, str], authorization: str) -> bool:
    if authorization:
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        return parse_qs(f"n={name}&s={secret}") == {"n": [CLIENT], "s": [SECRET]}
    return (sent.get("client_id"), sent.get("client_secret")) == (CLIENT, SECRET)


def query_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


def _signed(how: str, header: dict[str, Any], payload: bytes) -> str:
    """A token signed by hand, since no library would sign what this one is to refuse."""
    shared = {"with the public key": KEY.as_pem(private=False), "with the client's secret": SECRET.encode()}.get(how)
    algorithm = "none" if how == "not" else "HS256" if shared else header["alg"]
    text = f"{_b64(json.dumps({**header, 'alg': algorithm}).encode())}.{_b64(payload)}"
    if how == "not":
        return f"{text}."
    if shared:
        return f"{text}.{_b64(hmac.digest(shared, text.encode(), 'sha256'))}"
    key = OTHER_KEY if how == "by somebody else" else KEY
    return f"{text}.{_b64(key.private_key.sign(text.encode(), PKCS1v15(), SHA256()))}"


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
