import os
import threading
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.db.backends.postgresql.base import DatabaseWrapper
from django.test import TransactionTestCase
from django.urls import get_resolver
from playwright.sync_api import expect, sync_playwright

from booking.in_force import NOTHING, in_force
from payments.gateway.deadlines import Deadline, Timeouts
from tests.browser import find_browser
from tests.meeting import Meeting

# Playwright runs an event loop in this thread, beside which Django would refuse to use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
# A test with none of these fixtures and without the marker django_db uses no database, so `make test` runs it on one
# engine only.
DATABASE = {"db", "transactional_db", "live_server", "database_url"}
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# Migrating makes the rows of these tables, and no test that commits changes them.
MADE_BY_MIGRATE = {"django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}


def pytest_configure(config):
    """Serve static files by their plain names. With DEBUG off, as in tests, hashed names would need collected files."""
    # A safe hasher would take half a second for every login.
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Tests move the clock by days, and staff stay signed in.
    django_settings.SESSION_COOKIE_AGE = timedelta(days=14) // timedelta(seconds=1)
    django_settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    django_settings.STATIC_ROOT = None
    if "init_command" in (options := django_settings.DATABASES["default"]["OPTIONS"]):
        # SQLite waits for the disk at each commit. The database of tests need not survive a power cut.
        options["init_command"] += "; PRAGMA synchronous=OFF"
    TransactionTestCase._fixture_teardown = delete_rows


def delete_rows(test_case):
    """Delete what a test has committed. Django would flush all tables and fill those of MADE_BY_MIGRATE anew.

    That takes ten times as long. As a flush does, this waits for transactions that are still open in other threads.
    """
    tables = [f'"{name}"' for name in connection.introspection.django_table_names() if name not in MADE_BY_MIGRATE]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")
        for table in tables:
            cursor.execute(f"DELETE FROM {table}")


def pytest_xdist_auto_num_workers(config):
    """Start some workers more than there are processors, since many tests mostly wait for other processes."""
    return os.cpu_count() + 2


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Mark tests before -m selects them, and put the long ones first, so that no worker runs one alone at the end."""
    mark_what_sees_no_database(items)
    if not is_browser_there_or_required():
        leave_out_what_drives_a_browser(config, items)
    yield
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def leave_out_what_drives_a_browser(config, items):
    """Where there is no browser and this is not CI, `make test` says so at its end."""
    left_out = [item for item in items if item.get_closest_marker("browser")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter):
    if not is_browser_there_or_required():
        terminalreporter.line("No browser was found, so tests that drive one were left out. Install Chromium for them.")


def is_browser_there_or_required():
    return find_browser() or os.environ.get("CI")


def mark_what_sees_no_database(items):
    for item in items:
        if not (item.get_closest_marker("django_db") or DATABASE & set(item.fixturenames)):
            item.add_marker("any_engine")


@pytest.fixture(scope="session", autouse=True)
def addresses_of_the_site():
    """Load the URLs before a test changes one of the settings that say which there are, as they are loaded once."""
    return get_resolver().url_patterns


@pytest.fixture(autouse=True)
def site_at_the_live_server(request, settings):
    """Give the site and the sandbox's API the address of the live server, where a test has one."""
    if "live_server" in request.fixturenames:
        settings.SITE_URL = request.getfixturevalue("live_server").url
        settings.STRIPE_API_BASE = f"{settings.SITE_URL}/stripe-sandbox"
    yield
    wait_for_deliveries()


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Wait for Stripe without a limit, as a test machine may be slow. Tests of the limits replace this fixture."""
    monkeypatch.setattr(Deadline, "timeouts", lambda deadline: Timeouts())


@pytest.fixture(autouse=True)
def one_thread(request, settings):
    """Let tick work in the test's own thread where the rows are in a transaction, which no other connection sees."""
    marker = request.node.get_closest_marker("django_db")
    committed = {"transactional_db", "live_server"} & set(request.fixturenames)
    if not committed and not (marker and marker.kwargs.get("transaction")):
        settings.DATABASE_POOL = 1


@pytest.fixture(autouse=True)
def nothing_is_set_at_the_desk(monkeypatch):
    """Have no request ask what was set, until the test itself sets something: so each makes the queries of its page."""
    monkeypatch.setattr(in_force, "known", NOTHING)
    monkeypatch.setattr(in_force, "read_again_at", float("inf"))


@pytest.fixture(autouse=True)
def nothing_remembered():
    """Forget after each test what the cache says of a Stripe that did not answer."""
    yield
    cache.clear()


def wait_for_deliveries():
    """Wait for the threads in which the sandbox posts webhooks, since their rows are deleted after the test."""
    for thread in threading.enumerate():
        if thread.name == "sandbox webhook":
            thread.join(timeout=20)


@pytest.fixture
def engine():
    """The name of the database's backend: sqlite3 or postgresql."""
    return django_settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]


@pytest.fixture(scope="session")
def database_url(django_db_setup):
    """Name the tests' database to processes that a test starts."""
    name = django_settings.DATABASES["default"]["NAME"]
    url = os.environ.get("DATABASE_URL", "sqlite:///")
    return f"sqlite:///{name}" if url.startswith("sqlite") else f"{url.rpartition('/')[0]}/{name}"


@pytest.fixture
def postgres_away():
    """Have Django look for its database at a port where no PostgreSQL listens."""
    ours = connections["default"]
    nowhere = {"ENGINE": "django.db.backends.postgresql", "NAME": "practice", "HOST": "127.0.0.1", "PORT": 9}
    connections["default"] = DatabaseWrapper({**ours.settings_dict, **nowhere, "OPTIONS": {}}, "default")
    yield
    connections["default"] = ours


@pytest.fixture
def together():
    """Run callables at the same moment, each in a thread of its own with its own database connection."""

    def run(*calls):
        barrier = threading.Barrier(len(calls))
        answers = [None] * len(calls)

        def one(index, call):
            barrier.wait(timeout=30)
            try:
                answers[index] = call()
            finally:
                connection.close()

        threads = [threading.Thread(target=one, args=pair) for pair in enumerate(calls)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        return answers

    return run


@pytest.fixture
def meeting(monkeypatch):
    """Watch whether a lock keeps two threads apart."""
    return Meeting(monkeypatch)


@pytest.fixture(scope="module")
def chromium():
    """One browser process for all tests of a module; each test opens a context of its own in it."""
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=CHROMIUM)
        yield browser
        browser.close()
