"""Prometheus is answered by gunicorn's workers and by tick, each at a port of its own, and only where it is wanted."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest
import requests

from tests.config.starting import start
from tests.gunicorn import free_port, gunicorn, quiet_session, stop, wait_for

BY_ROUTE = re.compile(r'http_request_duration_seconds_count{method="(\w+)",route="(.*)",status="(...)"} (\d+)')


def scrape(port):
    with quiet_session() as session:
        return session.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text


def ask_for_pages(address):
    """Three requests, each on a connection of its own, so that any worker may take it."""
    for method, path in (("GET", "/"), ("GET", "/nowhere/jo@example.com"), ("PROPFIND", "/")):
        requests.request(method, f"{address}{path}", timeout=10)


def workers(server):
    return psutil.Process(server.pid).children()


def kill_one_worker(server):
    """Kill one, and wait until another has taken its place and tells the figures."""
    before = {worker.pid for worker in workers(server)}
    os.kill(min(before), signal.SIGKILL)
    give_up = time.monotonic() + 60
    while len({worker.pid for worker in workers(server)} - {min(before)}) < len(before):
        assert time.monotonic() < give_up
        time.sleep(0.05)


def counted(port, requests_in_all):
    """The requests by route as soon as there are so many: a worker counts a request just after it has answered."""
    give_up, found = time.monotonic() + 60, {}
    while sum(found.values()) != requests_in_all:
        assert time.monotonic() < give_up
        with suppress(requests.ConnectionError):
            found = {(*labels,): int(number) for *labels, number in BY_ROUTE.findall(scrape(port))}
    return found


@pytest.mark.django_db(transaction=True)
def test_any_worker_tells_what_all_have_counted_and_those_that_were_killed(database_url, monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    port = free_port()
    with gunicorn(DATABASE_URL=database_url, METRICS_PORT=str(port)) as server:
        for _ in range(4):
            ask_for_pages(server.address)
        before = counted(port, 12)
        kill_one_worker(server)
        for _ in range(4):
            ask_for_pages(server.address)
        after = counted(port, 24)
        figures = scrape(port)
        [folder] = tmp_path.glob("metrics-*")
        assert len(list(folder.iterdir())) <= 2
    assert before == {("GET", "/", "2xx"): 4, ("GET", "(no route)", "4xx"): 4, ("other", "/", "4xx"): 4}
    assert after == {labels: 2 * number for labels, number in before.items()}
    assert ("booking_database_up 1.0" in figures, "jo@example.com" in figures) == (True, False)
    assert list(tmp_path.glob("metrics-*")) == []


@pytest.mark.django_db(transaction=True)
def test_tick_answers_at_the_next_port(database_url):
    port = free_port()
    command = [sys.executable, "manage.py", "tick", "--every", "10"]
    environment = {**os.environ, "DATABASE_URL": database_url, "METRICS_PORT": str(port - 1)}
    ticking = subprocess.Popen(command, env=environment)
    try:
        wait_for(f"http://127.0.0.1:{port}/metrics", ticking)
        figures = scrape(port)
    finally:
        stop(ticking)
    assert ('booking_owed{what="refund"} 0.0' in figures, ticking.returncode) == (True, 0)


WHAT_IS_THERE = """
import sys, threading
from config.wsgi import application
from django.conf import settings
middleware = {"config.metrics.seconds_by_route", "config.sentry.remember_request"} & {*settings.MIDDLEWARE}
print(*sorted({"prometheus_client", "sentry_sdk"} & sys.modules.keys()), len(middleware), threading.active_count())
"""


def test_where_nothing_of_it_is_wanted_nothing_is_imported_and_nothing_runs():
    assert start(WHAT_IS_THERE).stdout == "0 1\n"
    wanted = {"METRICS_PORT": "9100", "SENTRY_DSN": "http://key@127.0.0.1:9/1"}
    assert start(WHAT_IS_THERE, **wanted).stdout == "prometheus_client sentry_sdk 2 1\n"
