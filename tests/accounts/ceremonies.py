"""A browser's way to a provider and back, and what people say at each end."""

import http.client
import re
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from inkhorn.accounts.models import LinkedIdentity, User
from inkhorn.core.database import session, transaction
from tests.providers import StandIn


def begin(browser: FlaskClient, name: str = "oidc", **fields: str) -> str:
    """Where the browser is sent after the button was pressed."""
    sent = browser.post(f"/sign-in/with/{name}", data=fields)
    assert sent.status_code == 200, sent.text
    return sent.headers["Refresh"].removeprefix("0;url=")


def agree(address: str) -> str:
    """What the provider sends the browser back to: path and query of ours."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=120)
    connection.request("GET", f"{parts.path}?{parts.query}")
    back = connection.getresponse().getheader("Location")
    connection.close()
    return urlsplit(back)._replace(scheme="", netloc="").geturl()


def go_with(browser: FlaskClient, name: str = "oidc", **fields: str) -> TestResponse:
    """The answer to somebody who pressed the button and agreed."""
    return browser.get(agree(begin(browser, name, **fields)))


def told(answer: TestResponse) -> str:
    """The sentence above the form."""
    found = re.search(r'<p class="notice" role="alert">(.*?)</p>', answer.text)
    return found[1] if found else ""


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/account/").status_code == 200


def token_of(browser: FlaskClient) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/account/signing-in").text)[1]


def link(browser: FlaskClient, name: str = "oidc") -> TestResponse:
    """The answer to somebody signed in who pressed the button to link and agreed."""
    sent = browser.post(f"/account/identities/{name}/link", data={"csrf_token": token_of(browser)})
    return browser.get(agree(sent.headers["Refresh"].removeprefix("0;url=")))


def linked(user: User, at: StandIn, **more: str) -> LinkedIdentity:
    """The user's account at the stand-in, as if linked some time ago."""
    values = {"provider": "oidc", "issuer": at.base, "subject": "1001", "label": "ida"} | more
    with transaction():
        row = LinkedIdentity(user_id=user.id, **values)
        session().add(row)
    return row
