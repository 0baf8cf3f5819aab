"""Forms that people fill in before they sign in are guarded by where they come from."""

import pytest
from flask import Flask
from werkzeug.exceptions import Forbidden

from inkhorn.core.headers import refuse_foreign_origin


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost"},
    ],
)
def test_our_own_forms_come_through(told):
    with Flask("x").test_request_context(method="POST", headers=told):
        refuse_foreign_origin()


@pytest.mark.parametrize(
    "told",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:9"},
    ],
)
def test_foreign_forms_are_refused(told):
    with Flask("x").test_request_context(method="POST", headers=told), pytest.raises(Forbidden):
        refuse_foreign_origin()
