"""What a provider says is believed only where it is signed, meant for us, new, and about the person who asked (ASVS 6.8, 10.5)."""

import json
import time

import pytest
from authlib.oidc.core.util import create_half_hash
from joserfc.jwk import ECKey, OctKey, RSAKey
from sqlalchemy import func, select

from inkhorn.accounts.identity import openid
from inkhorn.accounts.models import Authenticator, Session
from inkhorn.accounts.services.doors import Halfway
from inkhorn.accounts.services.linking import Identity, sign_in_by_identity
from inkhorn.accounts.services.sessions import Visit
from inkhorn.core import clock
from inkhorn.core.database import session, transaction
from tests.accounts.ceremonies import go_with, is_in, linked, told
from tests.factories.accounts import make_user
from tests.providers import CLIENT, KEY, OTHER_KEY

HOUR = 3600


@pytest.fixture(autouse=True)
def ida(provider):
    user = make_user()
    linked(user, provider)
    return user


def is_refused(client) -> bool:
    answer = go_with(client)
    return (answer.status_code, "does not hold" in told(answer), is_in(client)) == (403, True, False)


WRONG = [
    *({"iss": value} for value in (None, "", "https://evil.example", ["https://evil.example"], 7)),
    *({"sub": value} for value in (None, "", 1001, ["1001"], "x" * 300, "1001\x00")),
    *({"aud": value} for value in (None, "", "somebody-else", [], ["somebody-else"], [CLIENT, "somebody-else"], {"x": CLIENT}, 7)),
    *({"azp": value} for value in ("somebody-else", "", 7, [CLIENT])),
    *({"exp": value} for value in (None, 0, int(time.time()) - HOUR, "tomorrow", True, [])),
    *({"iat": value} for value in (None, int(time.time()) + 24 * HOUR, int(time.time()) - HOUR, "now", True)),
    *({"nonce": value} for value in (None, "", "another", 7, ["another"])),
    {"nbf": int(time.time()) + 24 * HOUR},
    {"at_hash": "somebody-elses"},
    {"at_hash": 7},
    {"at_hash": ""},
    {"at_hash": "\ud800"},
    {"sub": "\ud800"},
    {"nonce": "\ud800"},
]


@pytest.mark.parametrize("claim", WRONG, ids=[f"{next(iter(claim))} {number}" for number, claim in enumerate(WRONG)])
def test_one_wrong_claim_is_enough(client, provider, claim):
    """ASVS 10.5.1 (nonce), 10.5.2 (sub), 10.5.3 (iss), 10.5.4 (aud)."""
    provider.claims = claim
    assert is_refused(client)


def test_a_token_for_several_is_taken_where_it_was_given_to_us(client, provider):
    provider.claims = {"aud": [CLIENT, "somebody-else"], "azp": CLIENT}
    assert go_with(client).status_code == 303


@pytest.mark.parametrize("clock_of_theirs", [-50, 50])
def test_clocks_may_be_a_little_apart(client, provider, clock_of_theirs):
    now = int(time.time()) + clock_of_theirs
    provider.claims = {"iat": now, "exp": now + 5 if clock_of_theirs > 0 else now + 60}
    assert go_with(client).status_code == 303


@pytest.mark.parametrize("signed", ["not", "with the public key", "with the client's secret", "by somebody else", "then altered"])
def test_a_signature_that_is_none_or_anothers_is_refused(client, provider, signed):
    """ASVS 6.8.2 and 9.1: never "none", never a shared or published key for a secret."""
    provider.signed = signed
    provider.metadata["id_token_signing_alg_values_supported"] = ["RS256", "HS256", "none"]
    assert is_refused(client)


@pytest.mark.parametrize("algorithms", [["ES256"], ["none"], ["HS256"], ["PS512"], [7]], ids=str)
def test_only_the_algorithms_that_are_announced_are_taken(client, provider, algorithms):
    provider.metadata["id_token_signing_alg_values_supported"] = algorithms
    assert is_refused(client)


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": OTHER_KEY.as_dict(private=False)},
        {"jku": "https://evil.example/jwks"},
        {"x5u": "https://evil.example/cert"},
        {"kid": "../../etc/passwd"},
        {"kid": None},
    ],
    ids=lambda header: next(iter(header)),
)
def test_a_key_that_the_token_brings_along_is_ignored(client, provider, header):
    provider.signed, provider.header = "by somebody else", header
    assert is_refused(client)


def test_a_header_that_must_be_understood_and_is_not_is_refused(client, provider):
    provider.header = {"crit": ["exp"], "exp": 1}
    assert is_refused(client)


@pytest.mark.parametrize("token", ["", "x", "a.b", "a.b.c", "..", "e30.e30.e30", "é.é.é", "a.b.c.d.e", "\x00", 7, None, [], "x" * 400_000])
def test_what_is_no_token_is_refused(client, provider, token):
    provider.token["id_token"] = token
    assert is_refused(client)


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [7, None, "key", {}, {"kty": "RSA"}, {"kty": "RSA", "n": 7, "e": []}, {"kty": "new"}],
        [OTHER_KEY.as_dict(private=False, kid=KEY.kid)],
        [KEY.as_dict(private=False, use="enc")],
        [OctKey.import_key(b"x" * 32).as_dict(kid=KEY.kid)],
        [ECKey.generate_key("P-256").as_dict(private=False, kid=KEY.kid)],
    ],
    ids=["none", "broken", "another", "for sealing", "shared", "of another kind"],
)
def test_without_the_right_key_nothing_holds(client, provider, keys):
    provider.keys = keys
    assert is_refused(client)


def test_a_short_key_is_no_key(client, provider, recwarn):
    short = RSAKey.generate_key(1024, {"use": "sig"}, auto_kid=True)
    assert openid._key(short.as_dict(private=False)) is None
    assert openid._key(KEY.as_dict(private=False)) is not None


def test_a_key_among_others_and_broken_ones_is_found(client, provider):
    provider.keys = [{"kty": "RSA", "n": 7}, OTHER_KEY.as_dict(private=False), {"kty": "oct", "k": "eA"}, KEY.as_dict(private=False)]
    assert go_with(client).status_code == 303


def test_a_new_key_is_looked_up_once_and_not_for_every_token(client, provider, monkeypatch):
    provider.keys = [OTHER_KEY.as_dict(private=False)]
    assert is_refused(client)
    assert provider.asked.count("/jwks") == 1
    provider.keys = None
    assert is_refused(client)
    assert provider.asked.count("/jwks") == 1
    monkeypatch.setattr(openid, "KEYS_AGAIN_SECONDS", -1)
    assert go_with(client).status_code == 303
    assert provider.asked.count("/jwks") == 2


def test_the_right_half_of_the_access_token_is_taken(client, provider, monkeypatch):
    provider.token["access_token"] = "the-one-access-token"
    provider.claims["at_hash"] = create_half_hash("the-one-access-token", "RS256").decode()
    assert go_with(client).status_code == 303


@pytest.mark.parametrize("strength", [{"amr": ["mfa", "otp"]}, {"acr": "phrh"}])
def test_a_providers_strength_is_never_taken_for_a_second_factor_of_ours(client, provider, strength):
    """ASVS 6.8.4: what it says of its own factors lets nobody past the one that is asked here."""
    provider.claims = strength
    go_with(client)
    assert session().scalars(select(Session)).one().is_two_factor is False


def test_whoever_has_a_second_factor_here_is_only_halfway_in(provider, ida):
    with transaction():
        session().add(Authenticator(user_id=ida.id, sealed_secret="x", confirmed_at=clock.now()))
        identity = Identity(provider="oidc", issuer=provider.base, subject="1001")
        came = sign_in_by_identity(identity, Visit(browser="b" * 64), wanted="/desk/")
    assert isinstance(came, Halfway)
    assert session().scalar(select(func.count()).select_from(Session)) == 0


def test_nobody_is_who_the_token_says_only_in_its_user_info(client, provider):
    """ASVS 10.5.2: the subject is the token's; user info of somebody else is refused."""
    provider.claims = {"email": None}
    provider.user_info = {"sub": "1002"}
    assert is_refused(client)


def test_the_log_says_why_and_holds_no_token(client, provider, caplog):
    provider.claims = {"aud": "somebody-else"}
    go_with(client)
    told_to_the_operator = [record for record in caplog.records if record.message == "provider_refused"]
    assert "aud" in told_to_the_operator[0].reason
    assert not any(
        grant.access_token in json.dumps(vars(record), default=str) for record in caplog.records for grant in provider.grants.values()
    )
