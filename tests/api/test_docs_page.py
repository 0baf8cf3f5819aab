"""The page about the API: every operation without scripts, and nothing from elsewhere."""

import re

import pytest


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_every_operation_stands_on_the_page(client, version: str):
    page = client.get(f"/api/docs?version={version}").text
    paths = client.get(f"/api/{version}/openapi.json").json["paths"]
    named = [each["operationId"] for item in paths.values() for each in item.values() if isinstance(each, dict)]
    assert len(named) >= 4
    assert [name for name in named if f'id="{name}"' not in page] == []


def test_nothing_comes_from_elsewhere_or_stands_inline(client):
    page = client.get("/api/docs").text
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []
    assert re.findall(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page) == []
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("asked", ["version=v9", "version=", "verzion=v1", "version=v1&version=v2"])
def test_another_page_is_refused(client, asked: str):
    assert client.get(f"/api/docs?{asked}").status_code == 400
