"""Whatever is sent as a passkey's answer: refused in words, never a breakdown."""

import json

import pytest

from tests.accounts.browsing import post, token_in
from tests.accounts.test_passkeys import add, browser, come_in, few_codes, ida, key, options  # noqa: F401 - fixtures
from tests.accounts.test_sign_in import sign_in
from tests.authenticators import Authenticator, text_of

TEXTS = ["", " ", "null", "true", "0", "[]", "{}", '"x"', "{", "\x00", "🦀", "NaN", "9" * 5000, "[" * 50_000, "x" * 70_000]
PARTS = ["id", "rawId", "type", "response", "clientExtensionResults", "authenticatorAttachment"]
RESPONSE = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle", "transports"]
VALUES = [None, 0, -1, 2**70, True, [], {}, {"a": {}}, "", "!", "é", "\x00", "A", "AAAA", "x" * 3000, ["usb", {}, None], [[]]]
CLIENT = ["type", "challenge", "origin", "crossOrigin", "tokenBinding"]


def is_calm(answer) -> bool:
    return 400 <= answer.status_code < 500 and "Traceback" not in answer.text


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:12])
@pytest.mark.parametrize("path", ["/sign-in/passkey", "/sign-in/second/passkey", "/account/passkeys/new"])
def test_no_answer_at_all(client, browser, key, text, path):  # noqa: F811
    if path.startswith("/account"):
        answer = post(browser, path, credential=text)
        assert is_calm(answer) or (text == "" and "Now make the passkey" in answer.text)
        return
    sign_in(client)
    answer = client.post(path, data={"credential": text})
    assert is_calm(answer)
    assert "That passkey did not answer as it should" in answer.text


@pytest.mark.parametrize("value", VALUES, ids=lambda value: str(value)[:12])
def test_a_wrong_value_in_any_part_of_a_use(client, key, generous, value):  # noqa: F811
    for part in PARTS:
        answer = key.get(options(client, "/sign-in/passkey"), **{part: value})
        sent = client.post("/sign-in/passkey", data={"credential": json.dumps(answer)})
        # What is no part of the proof may be anything.
        assert is_calm(sent) or (part in ("clientExtensionResults", "authenticatorAttachment") and sent.status_code == 303), part
    for part in RESPONSE:
        answer = key.get(options(client, "/sign-in/passkey"))
        answer["response"][part] = value
        sent = client.post("/sign-in/passkey", data={"credential": json.dumps(answer)})
        is_needless = part in ("attestationObject", "transports") or (part == "userHandle" and value is None)
        assert is_calm(sent) or (is_needless and sent.status_code == 303), part


@pytest.mark.parametrize("value", VALUES, ids=lambda value: str(value)[:12])
def test_a_wrong_value_in_any_part_of_a_new_one(browser, key, generous, value):  # noqa: F811
    token = token_in(browser)
    for part in (*PARTS, *RESPONSE):
        made = Authenticator().create(options(browser, "/account/passkeys/new", csrf_token=token))
        (made if part in PARTS else made["response"])[part] = value
        answer = browser.post("/account/passkeys/new", data={"csrf_token": token, "credential": json.dumps(made)})
        is_needless = part in (
            "clientExtensionResults",
            "authenticatorAttachment",
            "transports",
            "authenticatorData",
            "signature",
            "userHandle",
        )
        assert is_calm(answer) or (is_needless and answer.status_code == 303), part


def test_extensions_as_an_object_are_no_breakdown(browser, key, client):  # noqa: F811
    told = {"credProps": {"rk": True}, "largeBlob": {"blob": [1, {"a": None}]}}
    assert add(browser, Authenticator(), clientExtensionResults=told, extensions=told).status_code == 303
    answer = key.get(options(client, "/sign-in/passkey"), clientExtensionResults=told, extensions={"x": []})
    assert client.post("/sign-in/passkey", data={"credential": json.dumps(answer)}).status_code == 303


@pytest.mark.parametrize("part", CLIENT)
def test_a_wrong_value_in_what_the_browser_says_of_itself(client, key, generous, part):  # noqa: F811
    for value in VALUES:
        asked = options(client, "/sign-in/passkey")
        told = {"type": "webauthn.get", "challenge": asked["challenge"], "origin": key.origin, "crossOrigin": False, part: value}
        answer = key.get(asked)
        answer["response"]["clientDataJSON"] = text_of(json.dumps(told).encode())
        # The signature does not fit any more, whatever the value.
        assert is_calm(client.post("/sign-in/passkey", data={"credential": json.dumps(answer)})), value


def test_a_new_one_s_answer_does_not_sign_in_and_the_other_way_round(browser, client, key):  # noqa: F811
    asked = options(client, "/sign-in/passkey")
    made = Authenticator(credential_id=key.credential_id).create({**asked, "user": {"id": text_of(b"x")}})
    assert is_calm(client.post("/sign-in/passkey", data={"credential": json.dumps(made)}))
    asked = options(browser, "/account/passkeys/new", csrf_token=token_in(browser))
    assert is_calm(post(browser, "/account/passkeys/new", credential=json.dumps(key.get(asked))))


@pytest.mark.parametrize("flags", [0x00, 0x04, 0x40, 0x80, 0xFF, 0x10])
def test_any_flags(client, key, flags):  # noqa: F811
    key._data = lambda more=0: Authenticator._data(key, more)[:32] + bytes([flags]) + (7).to_bytes(4, "big")
    assert is_calm(come_in(client, key))


def test_a_foreign_handle_is_refused(client, key):  # noqa: F811
    key.handle = "somebody-else"
    assert is_calm(come_in(client, key))


def test_one_place_asks_sixty_times_in_five_minutes(client, ida):  # noqa: F811
    seen = [client.post("/sign-in/passkey/options").status_code for _ in range(62)]
    assert seen == [200] * 60 + [429] * 2
    assert client.post("/sign-in/passkey", data={"credential": "{}"}).status_code == 429
