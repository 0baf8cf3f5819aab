"""A pod has the disk and the memory that its processes take at once; where either runs out, the cluster ends the pod."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from inkhorn.core.bodies import LARGEST_AT_ONCE
from inkhorn.core.config import Config
from inkhorn.core.config_loading import load_config
from inkhorn.media.images.large import LARGE_PIXELS
from inkhorn.media.images.pictures import MAX_PIXELS
from inkhorn.media.images.studio import MOST_CHILDREN
from inkhorn.media.services.shelves.places import MOST_TOGETHER
from inkhorn.media.views.sending import largest_body
from tests.fleet.parts import DEPLOY

SPARE_BYTES = 200 << 20
# What a node takes besides, and a picture of as many pixels as may be, turned upright (measured on 30 November 2026).
NODE_BYTES, PICTURE_BYTES = 400 << 20, 1170 << 20


@pytest.fixture
def loaded(tmp_path: Path) -> Config:
    """What a node is told, but for its secrets."""
    told = yaml.safe_load((DEPLOY / "kubernetes" / "settings.yaml").read_text(encoding="utf-8"))["data"]
    return load_config(data=tmp_path, environ=told)


def pod_of(part: str) -> dict[str, Any]:
    node = next(yaml.safe_load_all((DEPLOY / "kubernetes" / f"{part}.yaml").read_text(encoding="utf-8")))
    pod: dict[str, Any] = node["spec"]["template"]["spec"]
    return pod


def room_of(volume: str) -> int:
    (size,) = [each["emptyDir"]["sizeLimit"] for each in pod_of("web")["volumes"] if each["name"] == volume]
    return in_bytes(size)


def in_bytes(size: str) -> int:
    return int(size[:-2]) << {"Mi": 20, "Gi": 30}[size[-2:]]


def test_every_file_that_is_put_together_at_once(loaded: Config) -> None:
    assert room_of("data") > MOST_TOGETHER * loaded.web_workers * (loaded.max_media_mb << 20) + SPARE_BYTES


def test_all_that_is_sent_at_once(loaded: Config) -> None:
    assert room_of("tmp") > LARGEST_AT_ONCE * loaded.web_workers * largest_body(loaded) + SPARE_BYTES


@pytest.mark.parametrize("part", ["web", "worker"])
def test_the_largest_picture_and_smaller_ones_beside_it(loaded: Config, part: str) -> None:
    memory = in_bytes(pod_of(part)["containers"][0]["resources"]["limits"]["memory"])
    at_once = MOST_CHILDREN * (loaded.web_workers if part == "web" else 1)
    smaller = PICTURE_BYTES * LARGE_PIXELS // MAX_PIXELS
    assert memory > NODE_BYTES + PICTURE_BYTES + (at_once - 1) * smaller
