"""The sandbox is called as the product calls Stripe: by the official SDK and by browsers, over real HTTP."""

import threading
from collections.abc import Iterator

import pytest

from payments.sandbox.webhooks import THREAD_NAME
from tests.payments.sandbox.pay_page import PayPage
from tests.payments.sandbox.receiver import Receiver
from tests.payments.sandbox.sdk import KEY, stripe_client
from tests.servers import address_of, listening


@pytest.fixture
def client_of(live_server):
    return lambda key=KEY: stripe_client(live_server.url, key, max_network_retries=0)


@pytest.fixture
def v1(client_of):
    return client_of().v1


@pytest.fixture
def sessions(v1):
    return v1.checkout.sessions


@pytest.fixture
def receiver(settings, site_at_the_live_server) -> Iterator[Receiver]:
    """A server of the test to which the sandbox sends its webhooks, instead of to our site."""
    receiver = Receiver()
    with listening(receiver.handler()) as server:
        receiver.url = settings.SITE_URL = address_of(server)
        yield receiver


@pytest.fixture
def page_of(live_server):
    return lambda session: PayPage(f"{live_server.url}/stripe-sandbox/pay/{session.id}")


@pytest.fixture(autouse=True)
def background_deliveries_end_with_the_test(request):
    """Wait for the threads that deliver webhooks before the live server and its rows go."""
    if "live_server" in request.fixturenames:
        request.getfixturevalue("live_server")
    yield
    for thread in threading.enumerate():
        if thread.name == THREAD_NAME:
            thread.join(timeout=15)
