"""PostgreSQL is killed and started again under a running site, which is well again by itself."""

import pytest

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
