"""The browser of a client, and the practice that they book at."""

import re

import pytest
from django.utils import translation

from tests.factories import make_provider, make_service
from tests.journeys.keyboard import Keys


@pytest.fixture(params=["with JavaScript", pytest.param("without JavaScript", marks=pytest.mark.any_engine)])
def javascript(request):
    """Every journey is made in both ways, which write the same rows; tests look at this where it makes a difference."""
    return request.param == "with JavaScript"


@pytest.fixture
def spanish_without_javascript(javascript, settings):
    """Make journeys without JavaScript in Spanish: each is then made in a second language, and takes no longer.

    What such a journey looks for is `said` (tests/said.py), so that it is found in either language.
    """
    settings.LANGUAGES = [("en-ie", "English"), ("es-ie", "Español")]
    with translation.override("en-ie" if javascript else "es-ie"):
        yield


@pytest.fixture
def expected():
    """Chromium logs answers that tests expect: our refusals, and 503 while Stripe is out of reach."""
    return re.compile(r"Failed to load resource: the server responded with a status of (4\d\d|503)")


@pytest.fixture
def device():
    """A test says by a parameter of this name what is special about the client's device."""
    return {}


@pytest.fixture
def visitor(chromium, live_server, javascript, expected, device):
    """A browser of a phone's size; the test fails if its console shows an error or warning that is not expected."""
    phone = {"viewport": {"width": 390, "height": 844}, "timezone_id": "Europe/Dublin", **device}
    asks_for = translation.get_language()
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=javascript, locale=asks_for, **phone)
    context.set_default_timeout(30_000)
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
def keys(chromium, live_server, javascript, device):
    phone = {"viewport": {"width": 390, "height": 844}, "timezone_id": "Europe/Dublin", **device}
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=javascript, **phone)
    yield Keys(context.new_page(), swaps=javascript)
    context.close()


@pytest.fixture
def practice(live_server):
    """It offers a consultation at 60 euros and an introductory call that is free."""
    consultation = make_service(name="Consultation", minutes=30, price="60.00")
    call = make_service(name="Introductory call", minutes=15, price="0.00", position=1)
    return make_provider(name="Dr Ada Byrne", services=[consultation, call])


@pytest.fixture
def webhooks_off(monkeypatch):
    """All webhooks of Stripe get lost on their way."""
    monkeypatch.setattr("payments.sandbox.webhooks.post", lambda event: "dropped")
