"""Programs at the API: whom a key makes them, what they may, where it counts, and what is refused."""

import pytest

from inkhorn.accounts.identity.programs.bearers import LONGEST_HEADER
from inkhorn.accounts.models import Role
from inkhorn.accounts.services.programs.keys import revoke_key
from inkhorn.accounts.services.roles import make_role, redefine_role
from inkhorn.core import audit, limits
from inkhorn.core.access import House
from inkhorn.core.database import session, transaction
from tests.accounts.browsing import token_in
from tests.accounts.programs.asking import WHO, asks, bearer, make_integration, make_key
from tests.factories.accounts import make_user


def told(answer) -> dict:
    assert answer.status_code == 200, answer.text
    return answer.json["data"]


def test_a_personal_key_acts_as_its_person_and_within_its_words(app, wren):
    who = told(asks(app, make_key(wren, "posts.write").text))
    assert (who["kind"], who["user_id"], who["permissions"]) == ("personal", wren.id, ["posts.write"])
    assert "wren@example.org by key “Script” (ink_pk_" in who["label"]


def test_an_integration_acts_as_itself(app):
    who = told(asks(app, make_integration("posts.edit_any", "posts.write").text))
    assert (who["kind"], who["user_id"], who["permissions"]) == ("integration", None, ["posts.write", "posts.edit_any"])


def test_a_key_may_no_more_than_its_person_may_now(app, cast):
    with transaction():
        words = ["members.read", "posts.write"]
        role = make_role(name="helper", description="", permissions=words, demands_second_factor=None, by=House())
    hana = make_user(email="hana@example.org", name="Hana", role="helper")
    key = make_key(type(cast.wren)(hana), "members.read", "posts.write").text
    with transaction():
        changed = {"description": "", "permissions": ["members.read"], "demands_second_factor": None}
        redefine_role(session().get(Role, role.id), by=House(), **changed)
    assert told(asks(app, key))["permissions"] == ["members.read"]


def test_a_program_writes_as_its_person_and_the_log_names_the_key(app, wren):
    key = make_key(wren, "posts.write").text
    answer = asks(app, key, "/api/v1/posts", method="POST", json={"title": "By a script"})
    assert answer.status_code == 201, answer.text
    entry = session().query(audit.Entry).filter_by(action="posts.drafted").one()
    assert (entry.actor_id, entry.actor_label.startswith("wren@example.org by key “Script”")) == (wren.id, True)
    assert asks(app, make_key(wren, "media.upload").text, "/api/v1/posts", method="POST", json={"title": "No"}).status_code == 403


@pytest.mark.parametrize(
    "scheme", ["Basic {}", "{}", "Token {}", "Bearer", "Bearer  ", "Bearer {} {}", "Bearer {},Bearer {}", "bearer\t{}"]
)
def test_only_one_bearer_counts(app, wren, scheme: str):
    shown = scheme.replace("{}", make_key(wren).text)
    answer = app.test_client().get("/api/v1/posts", headers={"Authorization": shown})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer error=invalid_token"
    assert answer.content_type == "application/problem+json"


def test_a_bad_key_is_refused_even_where_everybody_may_ask(app):
    assert app.test_client().get("/api/v1/posts").status_code == 200
    assert asks(app, "ink_pk_aaaaaaaa_" + "A" * 43, "/api/v1/posts").status_code == 401
    assert asks(app, "x" * LONGEST_HEADER, "/api/v1/posts").status_code == 401


def test_nobody_shown_is_told_how(app, database):
    assert app.test_client().get(WHO).headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_key_opens_nothing(app, wren):
    made = make_key(wren)
    assert asks(app, made.text).status_code == 200
    with transaction():
        revoke_key(session().merge(made.row), by=wren)
    assert asks(app, made.text).status_code == 401


@pytest.mark.parametrize("path", ["/account/", "/desk/posts/", "/admin/keys", "/preview/1/", "/"])
def test_a_key_is_nothing_outside_the_api(app, cast, path: str):
    shown, bare = asks(app, make_key(cast.orla).text, path), app.test_client().get(path)
    assert (shown.status_code, shown.location) == (bare.status_code, bare.location)


def test_a_key_and_a_cookie_together_are_refused(app, cast, wren):
    browser = cast.browser_of(app, wren)
    answer = browser.get(WHO, headers=bearer(make_key(wren).text))
    assert (answer.status_code, answer.json["detail"]) == (400, "Send a key or a session's cookie, not both.")


def test_a_cookie_counts_only_beside_the_desks_own_token(app, cast, wren):
    browser = cast.browser_of(app, wren)
    assert browser.get(WHO).status_code == 401
    assert browser.get(WHO, headers={"X-CSRF-Token": "wrong"}).status_code == 401
    assert told(browser.get(WHO, headers={"X-CSRF-Token": token_in(browser)}))["kind"] == "session"
    assert browser.post("/api/v1/posts", json={"title": "x"}).status_code == 400


def test_in_production_a_key_of_the_powerful_waits_for_their_second_factor(app, cast, monkeypatch):
    key = make_key(cast.ada, "posts.write").text
    monkeypatch.setattr("inkhorn.accounts.identity.programs.bearers.demands_second_factor", lambda user, is_production: True)
    assert asks(app, key).status_code == 403


def test_guessing_is_counted_by_place_and_disturbs_nobody_else(app, wren, monkeypatch):
    monkeypatch.setattr(limits, "API_REFUSED", limits.Limit("api.refused", "2 per minute"))
    statuses = [asks(app, "ink_pk_guess").status_code for _each in range(4)]
    assert statuses == [401, 401, 429, 429]
    assert asks(app, make_key(wren).text).status_code == 200


def test_a_key_costs_one_statement(app, wren, queries, clock):
    key = make_key(wren).text
    asks(app, key)
    clock.forward(seconds=1)
    session().expire_all()
    queries.clear()
    asks(app, key)
    # PostgreSQL counts in a table of its own.
    asked = [each for each in queries if "allowance" not in each]
    assert len(asked) == 1, asked
