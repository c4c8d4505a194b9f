"""Serve the product with gunicorn as in production, in processes of their own."""

import fcntl
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import django
import requests

# A production site must be given these settings. They stand here because programs need them before Django is set up.
PRODUCTION = {"DEBUG": "off", "SECRET_KEY": "a secret for tests", "ALLOWED_HOSTS": "127.0.0.1"}
# Programs like the fuzz send everything from one network and book for one mail address, so they need high limits.
ROOM_FOR_ALL = dict.fromkeys(("HOLDS_PER_ADDRESS", "AHEAD_PER_CLIENT", "POSTS_PER_MINUTE"), "100000")
STARTED_WITHIN, STOPPED_WITHIN = 60, 10
# This file names the run of the tests in which static files were collected last.
LOCK = Path("staticfiles.lock")


def set_up_django(**environment: str) -> None:
    """Set Django up in a program that fills the database of a site, with the settings of that site."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "SITE_URL": "http://127.0.0.1", "STRIPE_SANDBOX": "1"}
    os.environ |= {**PRODUCTION, **environment}
    django.setup()


@dataclass(frozen=True)
class Server:
    address: str
    pid: int
    """The process of gunicorn's arbiter, whose children are the workers."""


@contextmanager
def gunicorn(
    application: str = "config.wsgi",
    *,
    python: str = sys.executable,
    workers: int = 2,
    threads: int = 8,
    port: int = 0,
    **environment: str,
) -> Iterator[Server]:
    """Serve an application under gunicorn.conf.py, on a free port unless one is given.

    The log is printed at the end, for pytest to show.
    """
    address = f"127.0.0.1:{port or free_port()}"
    site = {"SITE_URL": f"http://{address}", "STRIPE_SANDBOX": "1"}
    options = ["--bind", address, f"--workers={workers}", f"--threads={threads}"]
    # No worker is replaced: the bench measures what each of them costs.
    command = [python, "-m", "gunicorn", application, *options, "--max-requests=0"]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **PRODUCTION, **site, **environment}, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            wait_for(f"http://{address}/healthz", process)
            yield Server(f"http://{address}", process.pid)
        finally:
            stop(process)
            log.seek(0)
            print(log.read())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_for(url: str, process: subprocess.Popen) -> None:
    """Wait for any answer, even 404. Raises RuntimeError after STARTED_WITHIN seconds, or if the process ends."""
    give_up = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < give_up and process.poll() is None:
        with suppress(requests.ConnectionError), quiet_session() as session:
            session.get(url, timeout=STARTED_WITHIN)
            return
        time.sleep(0.05)
    raise RuntimeError(f"Nothing answered at {url}; the log says why.")


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(STOPPED_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def quiet_session() -> requests.Session:
    """Return a session with cookies and connections of its own, which ignores proxies that the environment names."""
    session = requests.Session()
    session.trust_env = False
    return session


@cache
def collect_static_files() -> None:
    """Collect them as a deployment does, with hashed names and compressed copies; the admin's are left out.

    A run of the tests has several processes but collects once, since servers of the others may be reading the files.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    environment = {**os.environ, **PRODUCTION, "SITE_URL": "http://127.0.0.1", "STRIPE_SANDBOX": "1"}
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
    with LOCK.open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        if lock.read() != run:
            subprocess.run([*command, "--ignore=admin"], env=environment, check=True)
            lock.truncate(0)
            lock.write(run)
