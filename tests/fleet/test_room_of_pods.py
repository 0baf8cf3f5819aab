"""The volumes of a web node hold what its processes put into them at once; where one overflows, the cluster ends the node."""

from pathlib import Path

import pytest
import yaml

from inkhorn.core.bodies import LARGEST_AT_ONCE
from inkhorn.core.config import Config
from inkhorn.core.config_loading import load_config
from inkhorn.media.services.shelves.places import MOST_TOGETHER
from inkhorn.media.views.sending import largest_body
from tests.fleet.parts import DEPLOY

SPARE_BYTES = 200 << 20


@pytest.fixture
def loaded(tmp_path: Path) -> Config:
    """What a node is told, but for its secrets."""
    told = yaml.safe_load((DEPLOY / "kubernetes" / "settings.yaml").read_text(encoding="utf-8"))["data"]
    return load_config(data=tmp_path, environ=told)


def room_of(volume: str) -> int:
    node = next(yaml.safe_load_all((DEPLOY / "kubernetes" / "web.yaml").read_text(encoding="utf-8")))
    (size,) = [each["emptyDir"]["sizeLimit"] for each in node["spec"]["template"]["spec"]["volumes"] if each["name"] == volume]
    return int(size.removesuffix("Gi")) << 30


def test_every_file_that_is_put_together_at_once(loaded: Config) -> None:
    assert room_of("data") > MOST_TOGETHER * loaded.web_workers * (loaded.max_media_mb << 20) + SPARE_BYTES


def test_all_that_is_sent_at_once(loaded: Config) -> None:
    assert room_of("tmp") > LARGEST_AT_ONCE * loaded.web_workers * largest_body(loaded) + SPARE_BYTES
