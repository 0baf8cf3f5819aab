"""Signing in with another provider: there and back in one browser, once, and a sentence for whatever goes wrong."""

import pytest
from sqlalchemy import func, select

from inkhorn.accounts.models import OneTimeToken, Session
from inkhorn.core.database import session
from tests.accounts.ceremonies import agree, begin, go_with, is_in, linked, told
from tests.factories.accounts import make_user
from tests.providers import query_of


@pytest.fixture
def ida(provider):
    user = make_user()
    linked(user, provider)
    return user


def test_whoever_linked_an_account_is_let_in(client, ida):
    answer = go_with(client)
    assert (answer.status_code, answer.location) == (303, "/desk/")
    assert is_in(client)
    opened = session().scalars(select(Session)).one()
    assert (opened.way, opened.is_two_factor, opened.user_id) == ("oauth", False, ida.id)


def test_the_sheet_offers_what_is_set_up(client, provider):
    sheet = client.get("/sign-in").text
    assert "Go on with GitHub" in sheet
    assert "Go on with Harbour ID" in sheet
    assert "Google" not in sheet


def test_where_none_is_set_up_none_is_offered(client, database):
    assert "Go on with" not in client.get("/sign-in").text
    assert client.post("/sign-in/with/oidc").status_code == 404
    assert client.get("/sign-in/with/oidc/back?code=a&state=b").status_code == 404


def test_the_question_asks_for_a_code_with_pkce_state_and_nonce(client, ida, provider):
    first, second = query_of(begin(client)), query_of(begin(client))
    assert (first["response_type"], first["code_challenge_method"], first["scope"]) == ("code", "S256", "openid email profile")
    assert first["redirect_uri"] == "http://localhost/sign-in/with/oidc/back"
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name]) >= 43
        assert first[name] != second[name]


def test_a_form_of_another_site_sends_nobody_anywhere(client, ida):
    assert client.post("/sign-in/with/oidc", headers={"Origin": "https://evil.example"}).status_code == 403


def test_the_way_there_is_kept_by_nobody_and_told_to_nobody(client, ida):
    answer = client.post("/sign-in/with/oidc")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "Go on to Harbour ID" in answer.text


def test_an_answer_that_nobody_asked_for_is_refused(client, ida, provider):
    """ASVS 7.6.2: no session begins without somebody's own act."""
    code = query_of(provider.agree({"redirect_uri": "http://localhost/sign-in/with/oidc/back", "state": "x"}))["code"]
    for query in (f"code={code}&state=x", f"code={code}", "", "state=" + "x" * 5000, "state=%00&code=%ff"):
        answer = client.get(f"/sign-in/with/oidc/back?{query}")
        assert (answer.status_code, "Begin once more" in told(answer)) == (410, True), query
    assert not is_in(client)
    assert provider.heard == []


def test_an_answer_counts_once(client, ida, provider):
    back = agree(begin(client))
    assert client.get(back).status_code == 303
    client.delete_cookie("inkhorn")
    answer = client.get(back)
    assert (answer.status_code, is_in(client)) == (410, False)
    assert len(provider.heard) == 1


def test_the_state_of_one_browser_is_nothing_in_another(app, client, ida):
    """ASVS 10.1.2 and 10.2.1: a link to our own address with somebody else's answer signs nobody in."""
    back, victim = agree(begin(client)), app.test_client()
    victim.get("/sign-in")
    begin(victim)
    assert victim.get(back).status_code == 410
    assert not is_in(victim)
    # What a stranger tries does not end it for whoever began it.
    assert client.get(back).status_code == 303


def test_an_answer_for_one_provider_is_nothing_for_another(client, ida):
    back = agree(begin(client))
    assert client.get(back.replace("/oidc/", "/github/")).status_code == 410


def test_an_answer_that_comes_too_late_is_refused(client, ida, clock):
    from datetime import UTC, datetime

    clock.set(datetime.now(UTC))
    back = agree(begin(client))
    clock.forward(minutes=11)
    assert client.get(back).status_code == 410


@pytest.mark.parametrize("issuer", ["https://evil.example", "", None])
def test_an_answer_that_another_issuer_gave_is_refused(client, ida, provider, issuer):
    """ASVS 10.2.2: the mix-up of two providers, and a provider that says it names itself and does not."""
    provider.answer["iss"] = issuer
    answer = go_with(client)
    assert (answer.status_code, "does not hold" in told(answer)) == (403, True)
    # The code never went anywhere.
    assert provider.heard == []


def test_a_provider_that_does_not_name_itself_is_trusted_by_its_own_address(client, ida, provider):
    provider.metadata["authorization_response_iss_parameter_supported"] = None
    provider.answer["iss"] = None
    assert go_with(client).status_code == 303


DENIED, BROKEN, DOUBTED = "You did not agree at Harbour ID", "Something broke at Harbour ID", "What Harbour ID answered does not hold"
SAID_THERE = {
    "access_denied": (403, DENIED),
    "login_required": (403, DENIED),
    "server_error": (503, BROKEN),
    "temporarily_unavailable": (503, BROKEN),
    "invalid_scope": (403, DOUBTED),
    "<script>": (403, DOUBTED),
}


@pytest.mark.parametrize("error", SAID_THERE)
def test_what_goes_wrong_there_is_said_here(client, ida, provider, error):
    provider.answer.update(code=None, error=error, error_description="<b>Ignored</b>")
    answer = go_with(client, next="/desk/posts/")
    status, words = SAID_THERE[error]
    assert (answer.status_code, words in told(answer), "Ignored" in answer.text) == (status, True, False)
    assert 'name="next" value="/desk/posts/"' in answer.text


@pytest.mark.parametrize("code", ["", "x" * 5000])
def test_an_answer_without_a_usable_code_is_refused(client, ida, provider, code):
    provider.answer["code"] = code
    assert (go_with(client).status_code, provider.heard) == (403, [])


@pytest.mark.parametrize("wanted", ["/desk/posts/", "/desk/posts/?search=a%20b"])
def test_somebody_goes_on_to_where_they_wanted(client, ida, wanted):
    assert go_with(client, next=wanted).location == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/%2f%2fevil.example",
        "javascript:alert(1)",
        "/\tx",
        "http:evil.example",
        "x" * 3000,
    ],
)
def test_nobody_is_led_off_the_site(client, ida, wanted):
    assert go_with(client, next=wanted).location == "/desk/"


def test_a_place_gets_no_more_than_its_share(client, ida):
    for _ in range(60):
        begin(client)
    answer = client.post("/sign-in/with/oidc")
    assert (answer.status_code, "Too many tries" in told(answer)) == (429, True)
    assert int(answer.headers["Retry-After"]) > 0


def test_no_token_of_the_provider_is_kept_or_shown(client, ida, provider):
    """ASVS 10.1.1: the browser sees a code and nothing that it opens."""
    answer = go_with(client)
    tokens = [grant.access_token for grant in provider.grants.values()]
    assert tokens
    assert not any(token in str(answer.headers) + answer.text for token in tokens)
    assert session().scalar(select(func.count()).select_from(OneTimeToken)) == 0


def test_the_log_holds_neither_code_nor_state_nor_secret(client, ida, provider, caplog, request_lines):
    caplog.set_level("DEBUG")
    back = agree(begin(client))
    client.get(back)
    client.get(back)
    logged = "\n".join([*request_lines, *(str(vars(record)) for record in caplog.records)])
    assert "accounts.come_back" in logged
    assert not [
        each
        for each in (*query_of(back).values(), *provider.heard[0].values())
        if len(each) > 15 and not each.startswith("http") and each in logged
    ]
