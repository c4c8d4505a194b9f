"""gunicorn for tests: the product served as in production, by processes of its own."""

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

import requests

# What a production site must be given; whoever starts one adds what it is about. Here, and not beside the fixtures:
# programs need it before Django is set up.
PRODUCTION = {"DEBUG": "off", "SECRET_KEY": "a secret for tests", "ALLOWED_HOSTS": "127.0.0.1"}
STARTED_WITHIN, STOPPED_WITHIN = 30, 10
# Names the run of the tests that collected the files beside it.
LOCK = Path("staticfiles.lock")


@dataclass(frozen=True)
class Server:
    address: str
    pid: int
    """Of the arbiter; the workers are its children."""


@contextmanager
def gunicorn(*, workers: int = 2, threads: int = 8, port: int = 0, **environment: str) -> Iterator[Server]:
    """Serve config.wsgi on a free port, and print the log at the end, where pytest shows it beside a failure."""
    address = f"127.0.0.1:{port or free_port()}"
    site = {"SITE_URL": f"http://{address}", "STRIPE_SANDBOX": "1"}
    options = ["--bind", address, "--worker-class", "gthread", f"--workers={workers}", f"--threads={threads}"]
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", *options, "--keep-alive=30", "--no-control-socket"]
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
    """Any answer will do: a site without a health check answers 404."""
    give_up = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < give_up and process.poll() is None:
        with suppress(requests.ConnectionError), quiet_session() as session:
            session.get(url, timeout=STARTED_WITHIN)
            return
        time.sleep(0.05)
    raise RuntimeError(f"gunicorn did not answer at {url}; its log says why.")


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(STOPPED_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def quiet_session() -> requests.Session:
    """A cookie jar and connections of its own, and no proxy from the environment between it and the server."""
    session = requests.Session()
    session.trust_env = False
    return session


@cache
def collect_static_files() -> None:
    """As a deployment does, with hashed names and compressed copies; only what clients are sent, to be quick.

    Once in a run of the tests, which are several processes: the servers of the others read these files.
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
