"""nginx in front of a site under test, from the file that ships: only its name, ports and certificate are put in place."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from inkhorn.core.certificates import Pair, pair_of
from tests.conftest import config_for
from tests.ports import free_port
from tests.running import await_port
from tests.serving import DEPLOY

FRAME = """{user}pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/inkhorn.conf;
}}
"""


def nginx_program() -> str:
    program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if not program:
        pytest.skip("nginx is not installed here.")
    return program


def authority_of(folder: Path) -> Pair:
    """A certificate for this machine, by an authority of the test's own."""
    (folder / "tls").mkdir(exist_ok=True)
    pair = pair_of(config_for(folder / "tls", https=True))
    assert pair
    return pair


def nginx_folder(
    folder: Path, *, upstreams: Sequence[int], http: int, https: int, keeps_pages: bool = False, shipped: str | None = None
) -> str:
    """Where its whole configuration is, with the shipped file in it; with the lines taken in by which nginx itself keeps pages, or without."""
    pair = authority_of(folder)
    text = shipped or (DEPLOY / "nginx" / "inkhorn.conf").read_text(encoding="utf-8")
    places = {
        " server 127.0.0.1:8000;\n": "".join(f" server 127.0.0.1:{port};\n" for port in upstreams),
        "listen 80;": f"listen 127.0.0.1:{http};",
        "    listen [::]:80;\n": "",
        "listen 443 ssl": f"listen 127.0.0.1:{https} ssl",
        "    listen [::]:443 ssl http2;\n": "",
        "https://example.org$": f"https://localhost:{https}$",
        "server_name example.org": "server_name localhost",
        "/etc/letsencrypt/live/example.org/fullchain.pem": str(pair.cert),
        "/etc/letsencrypt/live/example.org/privkey.pem": str(pair.key),
        "/var/cache/nginx/inkhorn": f"{folder}/kept",
    }
    for there, here in places.items():
        assert there in text
        text = text.replace(there, here)
    if keeps_pages:
        text, taken_in = re.subn(r"# (proxy_(cache|cache_bypass|no_cache) )", r"\1", text)
        assert taken_in == 3
    (folder / "inkhorn.conf").write_text(text, encoding="utf-8")
    path = folder / "nginx.conf"
    path.write_text(FRAME.format(folder=folder, user="user root;\n" if os.geteuid() == 0 else ""), encoding="utf-8")
    return str(path)


@contextmanager
def running_nginx(folder: Path, *upstreams: int, keeps_pages: bool = False) -> Iterator[tuple[int, int]]:
    """nginx before those ports; the ports on which it speaks http and https."""
    program, http, https = nginx_program(), free_port(), free_port()
    path = nginx_folder(folder, upstreams=upstreams, http=http, https=https, keeps_pages=keeps_pages)
    process = subprocess.Popen([program, "-c", path, "-g", "daemon off;"], stderr=subprocess.DEVNULL)
    try:
        await_port(https)
        yield http, https
    finally:
        process.terminate()
        process.wait(30)
