"""PostgreSQL is killed and started again under a running site, which is well again by itself."""

import pytest

from tests.config.starting import start
from tests.gunicorn import collect_static_files, gunicorn, quiet_session
from tests.postgres import postgres

# The database is empty. That /readyz counts the migrations which are missing means that it could ask.
ASKED, UNREACHABLE = "migrations not applied", "database unreachable"


@pytest.fixture(scope="module")
def server():
    with postgres() as running:
        yield running


@pytest.fixture(scope="module")
def site(server):
    collect_static_files()
    with gunicorn(workers=1, DATABASE_URL=server.url) as running:
        yield running.address


@pytest.fixture
def ready(site):
    """Return a function that asks the site's only worker whether it is ready, and returns what it says."""
    with quiet_session() as http:

        def ask():
            return http.get(f"{site}/readyz", timeout=30).text.partition(":")[0].strip()

        yield ask


def test_whoever_asks_first_after_a_restart_is_not_given_a_dead_connection(server, ready):
    assert ready() == ASKED
    server.kill()
    server.start()
    assert ready() == ASKED


def test_whoever_asks_first_after_a_longer_absence_is_answered(server, ready):
    """Without a limit, the pool would by then make pauses that are longer than anybody waits."""
    server.kill()
    assert [ready() for _ in range(4)] == [UNREACHABLE] * 4
    server.start()
    assert ready() == ASKED


# As many threads use a connection at the same moment. Then all connections are ended, as they are when PostgreSQL is
# started again, and one request comes.
MANY_DEAD = """
import sys, warnings
warnings.simplefilter("ignore")
import django
django.setup()
import psycopg
from django.db import connection
from django.test import Client
from threading import Barrier, Thread

def use():
    connection.ensure_connection()
    all_have_one.wait()
    connection.close()

all_have_one = Barrier(8)
threads = [Thread(target=use) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
with psycopg.connect(sys.argv[1], autocommit=True) as other:
    clients = "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    [ended] = other.execute(f"SELECT count(pg_terminate_backend(pid)) {clients}").fetchone()
print(ended >= 8, Client().get("/readyz").content.decode().partition(":")[0].strip())
"""


def test_who_asks_first_is_answered_however_many_connections_have_died(server):
    process = start(MANY_DEAD, server.url, DATABASE_URL=server.url)
    assert process.stdout.splitlines() == [f"True {ASKED}"]
