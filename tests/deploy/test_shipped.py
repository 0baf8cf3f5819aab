"""The files of deploy/ are what the programs that read them take."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from inkhorn.core.config import Config, settings_of_config
from tests.behind import nginx_folder, nginx_program
from tests.serving import DEPLOY

UNITS = sorted((DEPLOY / "systemd").glob("*.*"))
SERVICES = [path for path in UNITS if path.suffix == ".service"]


def test_nginx_takes_its_file(tmp_path: Path):
    checked = subprocess.run(
        [nginx_program(), "-t", "-c", nginx_folder(tmp_path, upstreams=[8000], http=20_080, https=20_443)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    # Since 1.25.1 it wants http2 said in words that versions before it do not know.
    warnings = [
        line for line in checked.stderr.splitlines() if "[warn]" in line and '"listen ... http2" directive is deprecated' not in line
    ]
    assert warnings == []


def test_nginx_takes_its_file_behind_a_network_that_keeps_copies(tmp_path: Path):
    path = nginx_folder(tmp_path, upstreams=[8000], http=20_080, https=20_443)
    file = tmp_path / "inkhorn.conf"
    text, taken_in = re.subn(r"# ((set_real_ip_from|real_ip)\S* )", r"\1", file.read_text(encoding="utf-8"))
    assert taken_in == 4
    file.write_text(text, encoding="utf-8")
    checked = subprocess.run([nginx_program(), "-t", "-c", path], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_caddy_takes_its_file(tmp_path: Path):
    program = shutil.which("caddy")
    if not program:
        pytest.skip("Caddy is not installed here.")
    homes = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    command = [program, "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    checked = subprocess.run(command, env={**os.environ, **homes}, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_systemd_takes_every_unit(tmp_path: Path):
    program = shutil.which("systemd-analyze")
    if not program:
        pytest.skip("systemd is not installed here.")
    for path in UNITS:
        # It looks for the programs as well, which are in a place of the operator's.
        text = re.sub(r"=(/opt/inkhorn/bin/\w+|/usr/bin/litestream)", "=/bin/true", path.read_text(encoding="utf-8"))
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    command = [program, "verify", "--man=no", *(str(tmp_path / path.name) for path in UNITS)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    # What the machine's own units are warned of is not ours.
    assert [line for line in checked.stderr.splitlines() if "inkhorn" in line] == []


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_every_service_may_do_little(path: Path):
    text = path.read_text(encoding="utf-8")
    for word in (
        "User=inkhorn",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "CapabilityBoundingSet=\n",
        "PrivateTmp=yes",
    ):
        assert word in text


def test_the_files_name_only_settings_that_there_are():
    known = {each.name for each in settings_of_config()}
    texts = [path.read_text(encoding="utf-8") for path in DEPLOY.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    named = {name.lower() for text in texts for name in re.findall(r"INKHORN_([A-Z_]+)=", text)} | {
        name for text in texts for name in re.findall(r"\b(max_form_mb|max_upload_mb|trusted_proxies|site_url|web_\w+)\b", text)
    }
    assert named <= known


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_no_service_is_ended_while_it_brings_a_large_database_up_to_date(path: Path):
    told = _told(path)
    if "ExecStartPre" in told:
        assert told["TimeoutStartSec"] == ["infinity"]


@pytest.mark.parametrize("name", ["inkhorn", "inkhorn-web", "inkhorn-worker"])
def test_what_is_gathered_goes_to_a_disk_and_not_into_memory(name: str):
    told = _told(DEPLOY / "systemd" / f"{name}.service")
    assert "TMPDIR=/var/tmp" in told["Environment"]
    assert told["PrivateTmp"] == ["yes"]


@pytest.mark.parametrize("name", ["inkhorn", "inkhorn-web", "inkhorn-worker"])
def test_a_picture_that_memory_is_too_small_for_stops_no_service(name: str):
    assert _told(DEPLOY / "systemd" / f"{name}.service")["OOMPolicy"] == ["continue"]


def test_litestream_is_stopped_after_what_it_copies():
    assert set(_told(DEPLOY / "systemd" / "inkhorn-litestream.service")["Before"][0].split()) == {
        f"{name}.service" for name in ("inkhorn", "inkhorn-web", "inkhorn-worker")
    }


def test_caddy_waits_for_a_file_by_a_slow_line_and_for_nobody_who_left():
    text = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    minutes = int(re.findall(r"^\s*read_body (\d+)m$", text, re.MULTILINE)[0])
    largest = Config.__dataclass_fields__["max_upload_mb"].default << 20
    assert minutes * 60 * 500_000 / 8 > largest
    # With it Caddy tells nobody behind it that a reader has gone, and hands streams on at once without it too.
    assert "flush_interval" not in text


def _told(path: Path) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE):
        told.setdefault(name, []).append(value)
    return told
