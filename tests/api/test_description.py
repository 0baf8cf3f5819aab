"""The description itself: sound, and of every operation there is."""

import pytest
from openapi_spec_validator import validate

METHODS = {"get", "post", "put", "patch", "delete"}


def operations(client, version: str = "v1"):
    paths = client.get(f"/api/{version}/openapi.json").json["paths"]
    return [(method, told) for item in paths.values() for method, told in item.items() if method in METHODS]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_description_is_sound(client, version: str):
    told = client.get(f"/api/{version}/openapi.json")
    assert told.json["openapi"].startswith("3.1")
    validate(told.json)


def test_every_operation_is_described(app, client):
    paths = client.get("/api/v1/openapi.json").json["paths"]
    told = {operation["operationId"] for path in paths.values() for method, operation in path.items() if method != "parameters"}
    there = {rule.endpoint.partition(".")[2] for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api_v1.")}
    assert told == there - {"describe"}


def test_no_operation_says_that_anything_may_be_answered(client):
    assert [told["operationId"] for _method, told in operations(client) if "default" in told["responses"]] == []


def test_a_patch_is_read_by_both_of_its_types(client):
    kinds = {tuple(told["requestBody"]["content"]) for method, told in operations(client) if method == "patch"}
    assert kinds == {("application/json", "application/merge-patch+json")}


def test_what_wants_somebody_says_by_what_they_are_recognised(app, client):
    rules = {
        rule.endpoint.partition(".")[2]: app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        if "api_v1." in rule.endpoint
    }
    for _method, told in operations(client):
        is_open = rules[told["operationId"]].access_rule.name == "everyone"
        assert told.get("security") == (None if is_open else [{"key": []}, {"session": [], "token": []}])


def test_what_is_made_says_where_it_is(client):
    made = [told for _method, told in operations(client) if "201" in told["responses"]]
    assert len(made) > 5
    assert all("Location" in told["responses"]["201"]["headers"] for told in made)
