"""nginx in front of a site, with the configuration that deploy/ has for a practice, here without TLS."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.abuse.site import Site
from tests.gunicorn import free_port, stop, wait_for
from tests.manage import ROOT

CONF = ROOT / "deploy/nginx/practice.conf"
# What in that file is about the machine of a practice rather than about its visitors.
OF_THE_MACHINE = re.compile(r"^ *(listen|ssl_\w+|access_log|error_log|server_tokens) .*;\n", re.MULTILINE)
MAIN = """\
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/log;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxied;
  fastcgi_temp_path {folder}/unused;
  uwsgi_temp_path {folder}/unused;
  scgi_temp_path {folder}/unused;
  upstream practice {{ server {site}; }}
  {practice}
}}
"""
# As nginx comes: it names no client, and asks the server behind it by that server's own address.
SILENT = "server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://practice; }} }}"


def is_there() -> bool:
    return shutil.which("nginx") is not None and CONF.exists()


def practice_conf(port: int) -> str:
    """Return the server that deploy/ has for HTTPS, to be reached at that port of this machine, without its TLS."""
    maps, _, practice = re.split(r"^server \{\n", CONF.read_text(), flags=re.MULTILINE)
    practice = OF_THE_MACHINE.sub("", practice).replace("/srv/practice/current", str(ROOT))
    return f"{maps}\nserver {{\n  listen 127.0.0.1:{port};\n{practice}"


@contextmanager
def nginx(site: Site, *, silent: bool = False) -> Iterator[Site]:
    """Put nginx in front of a site, and give the site as it is reached through it."""
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="abuse-nginx"))
    practice = SILENT.format(port=port) if silent else practice_conf(port)
    conf = MAIN.format(folder=folder, site=site.address.removeprefix("http://"), practice=practice)
    (folder / "nginx.conf").write_text(conf)
    process = subprocess.Popen(["nginx", "-p", folder, "-e", folder / "log", "-c", folder / "nginx.conf"])
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield Site(f"http://127.0.0.1:{port}", site.environment, site.booked)
    finally:
        stop(process)
        shutil.rmtree(folder)
