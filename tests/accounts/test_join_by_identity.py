"""An account opened by another provider's word: only where everybody may, and only for an address that it vouches for."""

import pytest
from sqlalchemy import func, select

from inkhorn.accounts.models import LinkedIdentity, Session, User
from inkhorn.accounts.settings import AccountSettings
from inkhorn.core import audit, settings
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from tests.accounts.ceremonies import go_with, is_in, told
from tests.factories.accounts import make_user

JOIN = "/sign-in/with/oidc/join"


def tune(**wishes):
    with transaction():
        settings.tune(AccountSettings, by=House(), **wishes)


def people() -> int:
    return session().scalar(select(func.count()).select_from(User))


def test_an_account_is_offered_and_opened(client, provider, open_house):
    assert go_with(client).location == JOIN
    sheet = client.get(JOIN).text
    assert "Open one for ida@example.org" in sheet
    assert 'value="Ida Vane"' in sheet
    answer = client.post(JOIN, data={"name": "Ida of the Harbour"})
    assert (answer.status_code, answer.location) == (303, "/")
    user = session().scalars(select(User)).one()
    assert (user.email, user.name, user.role.name, user.password) == ("ida@example.org", "Ida of the Harbour", "member", None)
    assert user.confirmed_at is not None
    assert is_in(client)


def test_the_next_time_the_same_account_is_opened(app, client, provider, open_house):
    go_with(client)
    client.post(JOIN, data={"name": "Ida"})
    provider.person["email"] = "moved@example.org"
    again = app.test_client()
    assert go_with(again).location == "/"
    assert (is_in(again), people()) == (True, 1)
    assert session().scalars(select(LinkedIdentity.used_at)).one() is not None


def test_each_step_is_noted_once(client, provider, open_house):
    go_with(client)
    client.post(JOIN, data={"name": "Ida"})
    noted = session().scalars(select(audit.Entry.action).where(audit.Entry.action.like("accounts.%")).order_by(audit.Entry.id)).all()
    assert noted == ["accounts.created", "accounts.registered", "accounts.signed_in"]


def test_a_known_address_is_never_enough(client, provider, open_house):
    """ASVS 6.8.1: the same address at another provider signs nobody in, and links nothing."""
    make_user(email="ida@example.org")
    answer = go_with(client)
    assert (answer.status_code, "Sign in to it as you usually do" in told(answer)) == (409, True)
    assert (is_in(client), session().scalar(select(func.count()).select_from(LinkedIdentity))) == (False, 0)


@pytest.mark.parametrize("verified", [False, None, "false", 0, "yes", []])
def test_an_address_that_nobody_vouches_for_opens_nothing_and_tells_nothing(client, provider, open_house, verified):
    make_user(email="ida@example.org")
    provider.claims["email_verified"] = verified
    provider.user_info["email_verified"] = verified
    answer = go_with(client)
    assert (answer.status_code, "does not vouch for your e-mail address" in told(answer)) == (403, True)


@pytest.mark.parametrize(("registration", "words"), [("invitation", "opened by invitation"), ("off", "If you have one, sign in")])
def test_where_not_everybody_may_register_strangers_are_refused_in_words(client, provider, registration, words):
    tune(registration=registration)
    answer = go_with(client)
    assert (answer.status_code, words in told(answer), people()) == (403, True, 0)


def test_an_offer_ends_when_the_house_is_closed(client, provider, open_house):
    go_with(client)
    tune(registration="off")
    assert client.post(JOIN, data={"name": "Ida"}).status_code == 403
    assert people() == 0


def test_an_offer_ends_when_the_address_is_taken(client, provider, open_house):
    go_with(client)
    make_user(email="ida@example.org")
    assert client.post(JOIN, data={"name": "Ida"}).status_code == 409
    assert people() == 1


def test_an_offer_is_worth_nothing_in_another_browser(app, client, provider, open_house):
    go_with(client)
    thief = app.test_client()
    go_with(thief)
    thief.set_cookie("inkhorn-pending", client.get_cookie("inkhorn-pending").value)
    assert thief.get(JOIN).status_code == 410
    assert thief.post(JOIN, data={"name": "Eve"}).status_code == 410
    assert client.post(JOIN, data={"name": "Ida"}).status_code == 303


def test_an_offer_of_one_provider_is_nothing_at_another(client, provider, open_house):
    go_with(client)
    assert client.post("/sign-in/with/github/join", data={"name": "Ida"}).status_code == 410


def test_a_state_is_no_offer_and_an_offer_no_state(client, provider, open_house):
    go_with(client)
    offer = client.get_cookie("inkhorn-pending").value
    assert client.get(f"/sign-in/with/oidc/back?state={offer}&code=x").status_code == 410
    assert client.get(JOIN).status_code == 200


def test_without_an_offer_there_is_nothing_to_open(client, provider, open_house):
    assert client.get(JOIN).status_code == 410
    assert client.post(JOIN, data={"name": "Ida"}).status_code == 410


def test_a_form_of_another_site_opens_nothing(client, provider, open_house):
    go_with(client)
    assert client.post(JOIN, data={"name": "Ida"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert people() == 0


def test_sending_it_twice_opens_one_account_and_says_so(client, provider, open_house):
    go_with(client)
    offer = client.get_cookie("inkhorn-pending").value
    client.post(JOIN, data={"name": "Ida"})
    client.set_cookie("inkhorn-pending", offer)
    answer = client.post(JOIN, data={"name": "Ida"}, follow_redirects=True)
    assert "Begin once more" in answer.text
    assert people() == 1


@pytest.mark.parametrize("name", ["", "   ", "\u200d", "x" * 151, "\x00"])
def test_a_name_that_is_none_is_asked_for_again_and_the_offer_stands(client, provider, open_house, name):
    go_with(client)
    answer = client.post(JOIN, data={"name": name})
    assert (answer.status_code, 'aria-invalid="true"' in answer.text, people()) == (422, True, 0)
    assert client.post(JOIN, data={"name": "Ida"}).status_code == 303


def test_the_terms_are_asked_for_where_there_are_any(client, provider, open_house, clock):
    from datetime import UTC, datetime

    clock.set(datetime.now(UTC))
    tune(terms_address="/terms/")
    go_with(client)
    assert 'href="/terms/"' in client.get(JOIN).text
    refused = client.post(JOIN, data={"name": "Ida"})
    assert (refused.status_code, "tick the box to accept them" in refused.text, people()) == (422, True, 0)
    client.post(JOIN, data={"name": "Ida", "terms": "y"})
    assert session().scalars(select(User.terms_accepted_at)).one() == clock.now


def test_somebody_goes_on_to_where_they_wanted(client, provider, open_house):
    go_with(client, next="/archive/")
    assert client.post(JOIN, data={"name": "Ida"}).location == "/archive/"


@pytest.mark.parametrize(("chosen", "given"), [("reader", "reader"), ("editor", "member"), ("no such role", "member")])
def test_the_role_is_the_one_of_the_settings_unless_it_works_here_or_is_gone(client, provider, open_house, chosen, given):
    tune(new_role=chosen)
    go_with(client)
    client.post(JOIN, data={"name": "Ida"})
    assert session().scalars(select(User)).one().role.name == given


def test_a_place_opens_no_more_than_its_share(app, provider, open_house):
    seen = []
    for number in range(11):
        browser = app.test_client()
        provider.person |= {"sub": str(number), "email": f"ida{number}@example.org"}
        go_with(browser)
        seen.append(browser.post(JOIN, data={"name": "Ida"}).status_code)
    assert seen == [303] * 10 + [429]


def test_nobody_is_signed_in_before_the_account_is_opened(client, provider, open_house):
    go_with(client)
    assert not is_in(client)
    assert session().scalar(select(func.count()).select_from(Session)) == 0
