import os
import re
import threading

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from playwright.sync_api import sync_playwright

from payments.gateway.deadlines import Deadline, Timeouts
from tests.browser import find_browser
from tests.every_page.states import Site
from tests.factories import make_provider, make_service
from tests.meeting import Meeting

# Playwright's synchronous driver runs an event loop in this thread; Django would refuse the database beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
# A test that asks for none of these sees no database, so it is done on one engine only.
DATABASE = {"db", "transactional_db", "live_server", "database_url"}
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def pytest_configure(config):
    """The test runner turns DEBUG off, but nothing is collected, or not yet: serve static files by their own names."""
    # Quick, where a safe one takes half a second for every login.
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django_settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    django_settings.STATIC_ROOT = None


def pytest_xdist_auto_num_workers(config):
    """One more than there are processors: the soak and the crowd mostly wait for processes of their own."""
    return os.cpu_count() + 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Without a browser, and outside CI, everything else runs."""
    mark_what_sees_no_database(items)
    if is_browser_there_or_required():
        return
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


@pytest.fixture(autouse=True)
def site_at_the_live_server(request, settings):
    """The site's own address, and the sandbox's, are those of the live server where a test has one."""
    if "live_server" in request.fixturenames:
        settings.SITE_URL = request.getfixturevalue("live_server").url
        settings.STRIPE_API_BASE = f"{settings.SITE_URL}/stripe-sandbox"
    yield
    wait_for_deliveries()


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """A busy test machine answers later than a client waits. Tests of that waiting have a fixture of this name."""
    monkeypatch.setattr(Deadline, "timeouts", lambda deadline: Timeouts())


@pytest.fixture(autouse=True)
def nothing_remembered():
    """What a process remembers of Stripe's silence goes with the test."""
    yield
    cache.clear()


def wait_for_deliveries():
    """The sandbox posts its webhooks from threads of their own, and the rows they are about go with the test."""
    for thread in threading.enumerate():
        if thread.name == "sandbox webhook":
            thread.join(timeout=20)


@pytest.fixture
def engine():
    return django_settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]


@pytest.fixture(scope="session")
def database_url(django_db_setup):
    """Of the database that tests see, for processes that a test starts."""
    name = django_settings.DATABASES["default"]["NAME"]
    url = os.environ.get("DATABASE_URL", "sqlite:///")
    return f"sqlite:///{name}" if url.startswith("sqlite") else f"{url.rpartition('/')[0]}/{name}"


@pytest.fixture
def together():
    """Run callables at the same moment, each in a thread of its own with its own database connection."""

    def run(*calls):
        barrier = threading.Barrier(len(calls))
        answers = [None] * len(calls)

        def one(index, call):
            from django.db import connection

            barrier.wait(timeout=10)
            try:
                answers[index] = call()
            finally:
                connection.close()

        threads = [threading.Thread(target=one, args=pair) for pair in enumerate(calls)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        return answers

    return run


@pytest.fixture
def meeting(monkeypatch):
    return Meeting(monkeypatch)


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def javascript(request):
    return request.param == "with JavaScript"


@pytest.fixture
def expected():
    """Chromium's own line about an answer that a test expects: our refusals, and 503 while Stripe is out of reach."""
    return re.compile(r"Failed to load resource: the server responded with a status of (4\d\d|503)")


@pytest.fixture
def device():
    """What else there is to know of the client's device; a test says so by a parameter of this name."""
    return {}


@pytest.fixture
def visitor(chromium, live_server, javascript, expected, device):
    """A phone-sized browser on the site; the test fails on any console error or policy violation."""
    phone = {"viewport": {"width": 390, "height": 844}, "timezone_id": "Europe/Dublin", **device}
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=javascript, **phone)
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints, page.full_loads = [], []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: page.full_loads.append(request.url) if request.is_navigation_request() else None)
    yield page
    context.close()
    assert [complaint for complaint in complaints if not expected.match(complaint)] == []


@pytest.fixture
def practice(live_server):
    consultation = make_service(name="Consultation", minutes=30, price="60.00")
    call = make_service(name="Introductory call", minutes=15, price="0.00", position=1)
    return make_provider(name="Dr Ada Byrne", services=[consultation, call])


@pytest.fixture
def site(chromium, live_server, settings, monkeypatch):
    context = chromium.new_context(base_url=live_server.url, timezone_id="Europe/Dublin")
    context.set_default_timeout(10_000)
    yield Site(context.new_page(), settings, monkeypatch)
    context.close()


@pytest.fixture
def webhooks_off(monkeypatch):
    """Stripe's deliveries all get lost on their way."""
    monkeypatch.setattr("payments.sandbox.webhooks.post", lambda event: "dropped")
