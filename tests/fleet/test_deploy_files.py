"""The files of deploy/ are what the programs that read them expect, and say nothing that Inkhorn does not know."""

import json
import os
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import yaml

from inkhorn import __version__
from inkhorn.core.config import ConfigError, settings_of_config
from inkhorn.core.config_loading import load_config
from tests.behind import nginx_folder, nginx_program
from tests.fleet.parts import DEPLOY, SECRET, compose, settings_of_compose
from tests.ports import free_port

KUBERNETES = ("1.30", "1.34")
MANIFESTS = [path for path in sorted((DEPLOY / "kubernetes").glob("*.yaml")) if path.name != "kustomization.yaml"]


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def every_manifest() -> list[dict[str, Any]]:
    return [each for path in MANIFESTS for each in documents(path)]


def test_the_compose_file_is_one() -> None:
    told = resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    jsonschema.validate(compose(), json.loads(told.read_text(encoding="utf-8")))


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_manifests_are_what_a_cluster_takes(path: Path, version: str) -> None:
    for document in documents(path):
        kubernetes_validate.validate(document, version, strict=True)


def test_a_manifest_with_a_slip_would_be_found() -> None:
    document = documents(DEPLOY / "kubernetes" / "migrate.yaml")[0]
    document["spec"]["templates"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(document, KUBERNETES[0], strict=True)


def test_the_kustomization_names_every_manifest() -> None:
    named = documents(DEPLOY / "kubernetes" / "kustomization.yaml")[0]["resources"]
    assert sorted(named) == sorted(path.name.replace(".example", "") for path in MANIFESTS)


def test_the_dockerfile_has_nothing_a_linter_minds() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    if not linter.exists():
        pytest.skip("hadolint comes for Linux on x86-64 alone.")
    done = subprocess.run([linter, DEPLOY / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""


def test_no_setting_is_named_that_there_is_not() -> None:
    known = {f"INKHORN_{each.name.upper()}" for each in settings_of_config()}
    for path in (DEPLOY / "compose.yaml", DEPLOY / "Dockerfile", *MANIFESTS):
        assert set(re.findall(r"\bINKHORN_[A-Z_]+", path.read_text(encoding="utf-8"))) <= known, path.name


def test_what_compose_tells_a_node_starts_one(tmp_path: Path) -> None:
    said = {
        "SITE_HOST": "example.org",
        "SECRET_KEY": SECRET,
        "DATABASE_PASSWORD": "x",
        "STORE_ACCESS_KEY": "a",
        "STORE_SECRET_KEY": "b",
    }
    told = load_config(data=tmp_path, environ=settings_of_compose(said, {}))
    assert (told.profile, told.uses_sqlite, told.broker_url, told.trusted_proxies) == ("production", False, "redis://redis:6379/0", 1)


def test_a_pod_has_time_to_migrate_before_it_answers() -> None:
    (node,) = [each for each in every_manifest() if (each["kind"], each["metadata"]["name"]) == ("Deployment", "inkhorn-web")]
    probe = node["spec"]["template"]["spec"]["containers"][0]["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] >= 1800


def test_no_node_starts_with_a_secret_key_that_nobody_chose(tmp_path: Path) -> None:
    (told,) = [each["stringData"] for each in every_manifest() if each["kind"] == "Secret"]
    with pytest.raises(ConfigError, match="secret_key is too weak"):
        load_config(data=tmp_path, environ=told)


def test_what_the_manifests_tell_a_node_starts_one(tmp_path: Path) -> None:
    told = {}
    for each in every_manifest():
        told |= each.get("data", {}) if each["kind"] == "ConfigMap" else each.get("stringData", {})
    loaded = load_config(data=tmp_path, environ=told | {"INKHORN_SECRET_KEY": SECRET})
    assert (loaded.profile, loaded.host, loaded.uses_sqlite) == ("production", "0.0.0.0", False)


def test_no_pod_is_told_of_services_by_variables_that_look_like_settings(tmp_path: Path) -> None:
    services = [each["metadata"]["name"] for each in every_manifest() if each["kind"] == "Service"]
    for service in services:
        with pytest.raises(ConfigError, match="there is no setting"):
            load_config(data=tmp_path, environ={f"{service.upper().replace('-', '_')}_PORT": "tcp://10.0.0.1:80"})
    pods = [each["spec"]["template"]["spec"] for each in every_manifest() if each["kind"] in ("Deployment", "Job")]
    assert [pod["enableServiceLinks"] for pod in pods] == [False] * 3


def test_what_compose_makes_of_the_proxys_file_is_sound(tmp_path: Path) -> None:
    program, proxy = nginx_program(), compose()["services"]["proxy"]
    written = proxy["command"][2].replace("$$", "$").partition("&& {")[0]
    for there, here in (
        ("/etc/nginx/inkhorn.conf", DEPLOY / "nginx" / "inkhorn.conf"),
        ("/etc/nginx/conf.d/default.conf", tmp_path / "made"),
    ):
        assert there in written
        written = written.replace(there, str(here))
    subprocess.run(["/bin/sh", "-c", written], env={"SITE_HOST": "localhost", "PATH": os.environ["PATH"]}, check=True)
    made = (tmp_path / "made").read_text(encoding="utf-8")
    assert "server web:8000 resolve;" in made
    # A name is looked up again from nginx 1.27.3 on, and an older one reads everything else.
    made = re.sub(r" resolver [^;]+; server web:8000 resolve;", " server 127.0.0.1:8000;", made)
    path = nginx_folder(tmp_path, upstreams=[8000], http=free_port(), https=free_port(), shipped=made.replace("localhost", "example.org"))
    done = subprocess.run([program, "-t", "-c", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_database_is_asked_where_others_reach_it() -> None:
    # At its own socket it answers before it has made the database, and then goes once more.
    asked = compose()["services"]["database"]["healthcheck"]["test"]
    assert asked[:4] == ["CMD", "pg_isready", "-h", "127.0.0.1"]


def test_whoever_restores_may_write_themes_and_nobody_else() -> None:
    places = {name: [each for each in compose()["services"][name]["volumes"] if "themes" in each] for name in ("migrate", "web", "worker")}
    assert places == {"migrate": ["themes:/data/themes"], "web": ["themes:/data/themes:ro"], "worker": ["themes:/data/themes:ro"]}
    # A new volume gets its owner from the folder of the image that it lies over.
    made = re.findall(
        r"install --directory --owner=10001 --group=10001 --mode=\d+ (.+)", (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    )
    assert made == ["/data /data/themes"]


def test_no_log_fills_the_disk() -> None:
    lasting = {name: each for name, each in compose()["services"].items() if each.get("restart") == "unless-stopped"}
    assert set(lasting) == {"web", "worker", "proxy", "database", "redis", "store"}
    assert [name for name, each in lasting.items() if "max-size" not in each.get("logging", {}).get("options", {})] == []


def test_the_database_has_room_for_what_its_processes_do_together() -> None:
    # More than maintenance_work_mem, which is 64 MB, for an index that several of them build.
    assert int(compose()["services"]["database"]["shm_size"].removesuffix("mb")) >= 128


def test_every_setting_can_be_told_to_the_fleet() -> None:
    for name in ("migrate", "web", "worker"):
        assert compose()["services"][name]["env_file"] == [{"path": "inkhorn.env", "required": False}]
    assert "/deploy/inkhorn.env" in (DEPLOY.parent / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_all_is_of_this_version() -> None:
    assert compose()["services"]["web"]["image"] == f"inkhorn:{__version__}"
    assert documents(DEPLOY / "kubernetes" / "kustomization.yaml")[0]["images"][0]["newTag"] == __version__


def test_every_container_of_ours_is_held_back() -> None:
    for name in ("migrate", "web", "worker"):
        service = compose()["services"][name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"]), name
    for each in every_manifest():
        if each["kind"] not in ("Deployment", "Job"):
            continue
        pod = each["spec"]["template"]["spec"]
        held = pod["containers"][0]["securityContext"]
        assert (pod["securityContext"]["runAsNonRoot"], held["readOnlyRootFilesystem"], held["allowPrivilegeEscalation"]) == (
            True,
            True,
            False,
        )


def test_the_image_takes_along_what_it_is_built_from() -> None:
    let_in = {
        line.removeprefix("!")
        for line in (DEPLOY.parent / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {name for line in copied for name in line.split()} == let_in
    assert all((DEPLOY.parent / name).exists() for name in let_in)
