"""Access tokens: one algorithm, one key per secret, one audience, a quarter of an hour; whatever else a token says of itself is refused."""

import base64
import hmac
import json
from hashlib import sha256

import pytest
from joserfc import jwt as jose
from joserfc.jwk import OctKey, RSAKey

from inkhorn.accounts.identity.programs import jwt
from inkhorn.core.clock import now
from inkhorn.core.config import Config
from tests.accounts.programs.asking import asks, pair
from tests.factories.accounts import PASSWORD, make_user


def _encoded(part: object) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")


def forged(header: dict, claims: dict, key: bytes) -> str:
    """A token made by hand, with a right HMAC of whatever key."""
    body = _encoded(header) + b"." + _encoded(claims)
    return (body + b"." + base64.urlsafe_b64encode(hmac.new(key, body, sha256).digest()).rstrip(b"=")).decode()


def parts(text: str) -> tuple[dict, dict]:
    header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in text.split(".")[:2])
    return header, claims


@pytest.fixture
def own_key(app) -> bytes:
    return next(iter(jwt._keys().values())).raw_value


@pytest.fixture
def text(client) -> str:
    return pair(client, make_user(password=PASSWORD))["access_token"]


def test_what_a_token_says(text):
    header, claims = parts(text)
    assert (set(header), header["alg"], header["typ"]) == ({"alg", "typ", "kid"}, "HS256", "at+jwt")
    assert set(claims) == {"iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"}
    assert (claims["aud"], claims["exp"] - claims["iat"], isinstance(claims["sub"], str)) == ("inkhorn:api", 900, True)


def test_the_forger_of_these_tests_makes_what_would_be_let_in(app, text, own_key):
    assert asks(app, forged(*parts(text), own_key)).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "HS384"},
        {"alg": "HS512"},
        {"alg": "RS256"},
        {"alg": ["HS256"]},
        {"alg": None},
        {"typ": "JWT"},
        {"typ": None},
        {"kid": "../../../dev/null"},
        {"kid": ""},
        {"kid": None},
        {"kid": {"a": 1}},
        {"jku": "https://evil.example/keys"},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"x5u": "https://evil.example/chain"},
        {"crit": ["exp"]},
        {"b64": False},
    ],
    ids=str,
)
def test_a_token_does_not_choose_how_it_is_judged(app, text, own_key, header):
    told, claims = parts(text)
    assert asks(app, forged(told | header, claims, own_key)).status_code == 401


@pytest.mark.parametrize("missing", ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"])
def test_every_claim_is_needed(app, text, own_key, missing: str):
    header, claims = parts(text)
    assert asks(app, forged(header, {name: value for name, value in claims.items() if name != missing}, own_key)).status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "inkhorn:other"},
        {"iss": "https://elsewhere.example"},
        {"sub": "0"},
        {"sub": "x"},
        {"sub": 7.5},
        {"sub": {"a": 1}},
        {"sub": "9" * 5_000},
        {"sid": "0" * 32},
        {"sid": None},
        {"exp": 1},
        {"exp": "soon"},
        {"exp": None},
        {"nbf": 2**40},
        {"iat": 2**40},
    ],
    ids=lambda claims: str(claims)[:40],
)
def test_a_claim_that_does_not_hold_is_refused(app, text, own_key, claims):
    header, told = parts(text)
    assert asks(app, forged(header, told | claims, own_key)).status_code == 401


@pytest.mark.parametrize("key", [b"", b"secret", b"\0" * 32], ids=str)
def test_another_key_signs_nothing(app, text, key: bytes):
    assert asks(app, forged(*parts(text), key)).status_code == 401


def test_the_secret_key_itself_signs_nothing(app, text):
    secret = app.extensions["inkhorn.config"].secret_key.encode()
    assert asks(app, forged(*parts(text), secret)).status_code == 401


def test_a_key_pair_of_somebody_elses_signs_nothing(app, text):
    header, claims = parts(text)
    spoilt = jose.encode(header | {"alg": "RS256"}, claims, RSAKey.generate_key(2048), algorithms=["RS256"])
    assert asks(app, spoilt).status_code == 401


@pytest.mark.parametrize("spoil", ["{}.", ".{}", "{}x", "{}.x", "[{}]", "{}\x00"])
def test_what_is_no_token_is_refused(app, text, spoil: str):
    assert jwt.read_access_token(spoil.replace("{}", text)) is None


def test_signatures_and_parts_are_not_exchanged(app, client, text):
    other = pair(client, make_user(email="mona@example.org", role="member", password=PASSWORD))["access_token"]
    mine, theirs = text.split("."), other.split(".")
    for mixed in ([mine[0], theirs[1], mine[2]], [mine[0], mine[1], theirs[2]], [mine[0], mine[1], ""]):
        assert asks(app, ".".join(mixed)).status_code == 401


def test_it_is_good_for_a_quarter_of_an_hour(app, client, clock):
    text = pair(client, make_user(password=PASSWORD))["access_token"]
    clock.forward(minutes=15)
    assert asks(app, text).status_code == 200
    clock.forward(seconds=jwt.LEEWAY_SECONDS + 1)
    assert asks(app, text).status_code == 401


def test_no_two_tokens_are_alike(client):
    ida = make_user(password=PASSWORD)
    both = [parts(pair(client, ida)["access_token"])[1] for _each in "12"]
    assert both[0]["jti"] != both[1]["jti"]
    assert now()


def test_an_earlier_secret_key_still_reads_and_no_longer_signs(text, monkeypatch):
    kid = parts(text)[0]["kid"]
    was = Config.secret_keys.fget
    monkeypatch.setattr(Config, "secret_keys", property(lambda self: ("a new secret key 0123456789 0123456789", *was(self))))
    assert jwt.read_access_token(text) is not None
    assert next(iter(jwt._keys())) != kid
    monkeypatch.setattr(Config, "secret_keys", property(lambda self: ("a new secret key 0123456789 0123456789",)))
    assert jwt.read_access_token(text) is None
    assert isinstance(next(iter(jwt._keys().values())), OctKey)
