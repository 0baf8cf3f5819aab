"""However a stranger asks, a mailbox gets no more letters about joining than its owner can bear."""

import pytest

from inkhorn.core import captcha
from inkhorn.core.errors import Invalid
from tests.accounts.letters import carry_out_jobs, letters_to

FIELDS = {"name": "Nora Quill", "email": "nora@example.org", "password": "kelp tide moon lantern"}


@pytest.fixture(autouse=True)
def is_open(open_house, monkeypatch):
    """Everybody may register, and robots are no matter here."""
    monkeypatch.setattr(captcha, "check", lambda form, sent, address: str(id(sent)))
    monkeypatch.setattr(captcha, "spend", lambda proof: None)


def from_place(number):
    return {"environ_base": {"REMOTE_ADDR": f"198.51.100.{number}"}}


def test_a_day_of_asking_from_everywhere_is_ten_letters(app, clock):
    browsers = [app.test_client() for _ in range(6)]
    for number, browser in enumerate(browsers):
        browser.post("/join", data=FIELDS, **from_place(number))
    for hour in range(4):
        for number, browser in enumerate(browsers):
            browser.post("/join/again", **from_place(10 * hour + number))
        clock.forward(hours=1, seconds=1)
    carry_out_jobs()
    assert len(letters_to("nora@example.org")) == 10


def test_the_wait_is_told_on_the_sheet(client, clock):
    client.post("/join", data=FIELDS)
    seen = []
    for _ in range(6):
        clock.forward(minutes=61)
        seen.append(client.post("/join/again"))
    assert [each.status_code for each in seen] == [200] * 5 + [429]
    assert "Too many tries. Wait" in seen[-1].text
    assert 'name="code"' in seen[-1].text


def test_a_place_asks_no_more_often_again_than_it_may_ask_at_all(app):
    browsers = [app.test_client() for _ in range(5)]
    for number, browser in enumerate(browsers):
        browser.post("/join", data=FIELDS | {"email": f"{number}@example.org"})
    seen = [browser.post("/join/again").status_code for browser in browsers for _ in range(2)]
    assert seen == [200] * 5 + [429] * 5


@pytest.mark.parametrize(
    ("first", "second"), [("nora@example.org", " NORA@Example.org "), ("zoe\u0308@example.org", "zo\u00eb@example.org")]
)
def test_an_address_is_counted_as_it_is_kept_however_it_is_spelt(client, first, second):
    seen = [client.post("/join", data=FIELDS | {"email": email}).status_code for email in (first, second, first, second, first, second)]
    assert seen == [303] * 5 + [429]


@pytest.mark.parametrize("slip", [{"password": "short"}, {"password": "password1"}, {"name": "\u200b"}])
def test_what_will_not_do_uses_up_nothing_of_the_address(client, slip):
    for _ in range(6):
        assert client.post("/join", data=FIELDS | slip).status_code == 422
    assert client.post("/join", data=FIELDS).status_code == 303


def test_robots_use_up_nothing_of_the_address(app, client, monkeypatch):
    def refuse(form, sent, address):
        raise Invalid("That was no person.")

    with monkeypatch.context() as puzzled:
        puzzled.setattr(captcha, "check", refuse)
        for number in range(6):
            assert app.test_client().post("/join", data=FIELDS, **from_place(number)).status_code == 422
    assert client.post("/join", data=FIELDS).status_code == 303
