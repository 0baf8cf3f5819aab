"""Providers that are down, slow, lying or badly set up, GitHub's own way of speaking, and what of it all leaves this machine."""

import dataclasses

import pytest
from sqlalchemy import select

from inkhorn.accounts.identity import github, openid, providers
from inkhorn.accounts.models import LinkedIdentity
from inkhorn.core.database import session
from inkhorn.core.fetch import PUBLIC, only_to
from tests.accounts.ceremonies import agree, begin, go_with, is_in, linked, told
from tests.factories.accounts import make_user
from tests.providers import CLIENT, SECRET, query_of, running_stand_in

# Seconds in which nothing is said.
SILENT = 4.0
AWAY, DOUBTED = "does not answer just now", "does not hold"


@pytest.fixture
def ida(provider):
    user = make_user()
    linked(user, provider)
    linked(user, provider, provider="github", issuer=providers.GITHUB, subject="77")
    return user


@pytest.fixture
def impatient(monkeypatch):
    """Waits for silence only as long as a busy machine may need for an answer."""
    monkeypatch.setattr(providers, "PATIENCE_SECONDS", 1)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("path", ["/token", "/jwks", "/userinfo"])
@pytest.mark.parametrize("broken", [500, 503, SILENT], ids=str)
def test_a_provider_that_breaks_down_is_said_to_be_away(client, ida, provider, path, broken):
    provider.claims["email"] = None
    provider.broken[path] = broken
    answer = go_with(client)
    assert (answer.status_code, AWAY in told(answer), is_in(client)) == (503, True, False)


@pytest.mark.parametrize("path", ["/token", "/jwks", "/userinfo"])
@pytest.mark.parametrize("broken", [302, 404, b"", b"not json", b"[" * 50_000, b'"x"', b"7", b"null", b"\xff"], ids=repr)
def test_garbage_of_a_provider_is_not_believed(client, ida, provider, path, broken):
    provider.claims["email"] = None
    provider.broken[path] = broken
    answer = go_with(client)
    assert (answer.status_code in (403, 503), is_in(client)) == (True, False)


@pytest.mark.parametrize("broken", [500, 404, SILENT, b"not json", b"[]", b"{}"], ids=repr)
def test_a_provider_that_does_not_say_where_its_doors_are_sends_nobody_anywhere(client, ida, provider, impatient, broken):
    provider.broken["/.well-known/openid-configuration"] = broken
    answer = client.post("/sign-in/with/oidc")
    assert (answer.status_code, bool(told(answer)), "Refresh" in answer.headers) == (503 if broken in (500, SILENT) else 403, True, False)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        *({name: None} for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")),
        *({"authorization_endpoint": told} for told in ("javascript:alert(1)", "data:,x", "/there", "https://a.example/\r\nX: y", 7, [])),
        *({"authorization_endpoint": told} for told in ("https://user:pw@a.example/", "https://a.example/#x", "https://é.example/x y")),
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint_auth_methods_supported": "client_secret_basic"},
        {"id_token_signing_alg_values_supported": {"RS256": 1}},
    ],
    ids=str,
)
def test_metadata_that_cannot_be_right_sends_nobody_anywhere(client, ida, provider, metadata):
    provider.metadata |= metadata
    answer = client.post("/sign-in/with/oidc")
    assert (answer.status_code, DOUBTED in told(answer), "Refresh" in answer.headers) == (403, True, False)


def test_an_issuer_that_is_spelt_otherwise_is_named_to_the_operator(client, ida, provider, caplog):
    provider.metadata["issuer"] = provider.base + "/"
    client.post("/sign-in/with/oidc")
    assert any("oidc_issuer must say exactly that" in getattr(record, "reason", "") for record in caplog.records)


def test_https_providers_name_no_plain_address(provider, app):
    secure = dataclasses.replace(_oidc(app), issuer="https://sso.example")
    with pytest.raises(providers.AnswerRefused):
        openid._address(secure, "http://sso.example/token")
    assert openid._address(secure, "https://sso.example/token?a=b") == "https://sso.example/token?a=b"


def test_what_a_provider_says_of_itself_is_asked_once(client, ida, provider):
    go_with(client)
    begin(client)
    assert provider.asked.count("/.well-known/openid-configuration") == 1
    assert provider.asked.count("/jwks") == 1


def test_a_provider_that_lets_us_wait_is_not_asked_again_at_once(client, ida, provider, impatient):
    provider.broken["/token"] = SILENT
    first, second = agree(begin(client)), agree(begin(client))
    client.get(first)
    assert AWAY in told(client.get(second))
    assert provider.asked.count("/token") == 1


def test_the_answer_may_be_asked_for_with_the_secret_in_the_body(client, ida, provider):
    provider.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert go_with(client).status_code == 303
    assert provider.heard[-1]["client_secret"]


@pytest.mark.parametrize(
    "token", [{"access_token": None}, {"access_token": 7}, {"access_token": ""}, {"token_type": "mac"}, {"token_type": None}], ids=str
)
def test_a_token_of_another_kind_is_refused(client, ida, provider, token):
    provider.token |= token
    assert (go_with(client).status_code, is_in(client)) == (403, False)


def test_user_info_fills_in_what_the_token_leaves_out(client, provider, open_house):
    provider.claims = {"email": None, "email_verified": None, "name": None}
    provider.user_info = {"name": "Ida of the info"}
    answer = go_with(client)
    assert "Ida of the info" in client.get(answer.location).text
    assert "ida@example.org" in client.get(answer.location).text


def test_github_tells_who_somebody_is_by_number(client, ida, provider):
    asked = query_of(begin(client, "github"))
    assert (asked["scope"], asked["prompt"]) == ("user:email", "select_account")
    assert go_with(client, "github").status_code == 303
    assert is_in(client)
    row = session().scalars(select(LinkedIdentity).where(LinkedIdentity.provider == "github")).one()
    assert (row.subject, row.label) == ("77", "ida-v")


def test_a_github_login_taken_over_by_somebody_else_is_somebody_else(client, ida, provider):
    provider.github_user = {"id": 78, "login": "ida-v"}
    assert (go_with(client, "github").status_code, is_in(client)) == (409, False)


@pytest.mark.parametrize(
    "person", [{"id": None}, {"id": "77"}, {"id": True}, {"id": 0}, {"id": -77}, {"login": "ida-v"}, [77], "77"], ids=str
)
def test_a_github_person_without_a_number_is_nobody(client, ida, provider, person):
    provider.github_user = person
    assert (go_with(client, "github").status_code, is_in(client)) == (403, False)


@pytest.mark.parametrize(
    "emails",
    [
        [{"email": "ida@example.org", "primary": True, "verified": False}],
        [{"email": "ida@example.org", "primary": False, "verified": True}],
        [{"email": "ida@example.org", "primary": True, "verified": "yes"}],
        [{"email": ["ida@example.org"], "primary": True, "verified": True}],
        [{"email": "no address", "primary": True, "verified": True}],
        [7],
        {"email": "ida@example.org"},
    ],
    ids=str,
)
def test_github_vouches_for_the_primary_address_alone(client, provider, open_house, emails):
    provider.github_emails = emails
    answer = go_with(client, "github")
    assert (answer.status_code, "does not vouch" in told(answer)) == (403, True)


def test_whoever_linked_gets_in_though_github_keeps_the_addresses_to_itself(client, ida, provider):
    provider.broken["/user/emails"] = 403
    assert go_with(client, "github").status_code == 303


@pytest.mark.parametrize("issuer", github.OWN_NAMES)
def test_github_may_name_itself_or_not(client, ida, provider, issuer):
    provider.answer["iss"] = issuer
    assert go_with(client, "github").status_code == 303


def test_another_name_in_githubs_answer_is_a_mix_up(client, ida, provider):
    provider.answer["iss"] = provider.base
    assert (go_with(client, "github").status_code, provider.heard) == (403, [])


INWARD = ["http://localhost:9", "http://10.0.0.1", "http://169.254.169.254", "http://[::1]", "http://2130706433", "http://0x7f.1"]


@pytest.mark.usefixtures("ida")
@pytest.mark.parametrize("address", INWARD)
@pytest.mark.parametrize("endpoint", ["token_endpoint", "jwks_uri", "userinfo_endpoint"])
def test_metadata_that_points_inward_is_not_followed(client, provider, monkeypatch, endpoint, address):
    monkeypatch.setattr(providers, "PUBLIC", PUBLIC)
    provider.claims["email"] = None
    provider.metadata[endpoint] = f"{address}/there"
    assert (go_with(client).status_code, is_in(client)) == (403, False)


def test_only_the_operators_issuer_may_stand_near(app, provider, monkeypatch):
    monkeypatch.setattr(providers, "PUBLIC", PUBLIC)
    with app.test_request_context():
        known = providers.providers()
    assert known["github"].resolver is PUBLIC
    assert known["oidc"].resolver.only == ("127.0.0.1", int(provider.base.rpartition(":")[2]))


@pytest.fixture
def google(app, provider, monkeypatch):
    """A second provider that speaks OpenID, where Google is looked for."""
    with running_stand_in() as second:
        keys = {"google_client_id": CLIENT, "google_client_secret": SECRET}
        monkeypatch.setitem(app.extensions, "inkhorn.config", dataclasses.replace(app.extensions["inkhorn.config"], **keys))
        monkeypatch.setattr(providers, "GOOGLE", second.base)
        monkeypatch.setattr(providers, "PUBLIC", only_to(second.base))
        yield second


def test_google_is_asked_as_any_issuer_is(client, ida, google):
    assert query_of(begin(client, "google"))["prompt"] == "select_account"
    linked(ida, google, provider="google")
    assert go_with(client, "google").status_code == 303


def test_the_same_number_and_address_at_another_issuer_is_somebody_else(client, ida, google):
    """ASVS 6.8.1."""
    assert google.person["sub"] == "1001"
    assert (go_with(client, "google").status_code, is_in(client)) == (409, False)


def test_a_token_of_one_issuer_is_nothing_from_another(client, ida, provider, google):
    """A provider that hands on what another one signed for us convinces nobody."""
    google.claims = {"iss": provider.base}
    assert (go_with(client, "google").status_code, is_in(client)) == (403, False)


def test_an_answer_of_one_provider_at_the_door_of_another_is_a_mix_up(client, ida, provider, google):
    """ASVS 10.2.2: the code of the honest provider is never carried to the other one."""
    code = query_of(agree(begin(client)))["code"]
    google.answer |= {"code": code, "iss": provider.base}
    assert go_with(client, "google").status_code == 403
    assert google.heard == []


def _oidc(app):
    with app.test_request_context():
        return providers.provider_named("oidc")
