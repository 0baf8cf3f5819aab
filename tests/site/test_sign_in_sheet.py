"""The sheet on which people sign in sends what the form behind it reads."""

import re

from flask.testing import FlaskClient

from inkhorn.accounts.forms.doors import SignInForm
from tests.factories.accounts import PASSWORD, make_user


def test_every_field_is_one_that_the_form_reads(client: FlaskClient) -> None:
    named = set(re.findall(r'<input[^>]*\sname="(\w+)"', client.get("/sign-in?next=/desk/").text))
    assert named == set(SignInForm()._fields)


def test_the_box_to_stay_signed_in_is_heeded(client: FlaskClient) -> None:
    make_user(password=PASSWORD)
    sheet = client.get("/sign-in").text
    box = re.search(r'<input id="is_remembered" name="(\w+)" type="checkbox" value="(\w+)"', sheet)
    assert box
    answer = client.post("/sign-in", data={"email": "ida@example.org", "password": PASSWORD, box[1]: box[2]})
    assert any("inkhorn=" in cookie and "Max-Age" in cookie for cookie in answer.headers.getlist("Set-Cookie"))
