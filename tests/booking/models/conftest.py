import pytest

from booking.models import appointment_cancelled
from tests.factories import make_provider, make_service


@pytest.fixture
def provider():
    """A consultation takes half an hour, and nothing else begins in the quarter of an hour after it."""
    return make_provider(services=[make_service(minutes=30, buffer=15, price="60.00")])


@pytest.fixture
def free_of_charge():
    return make_provider(name="Bo Lund", services=[make_service(name="Introductory call", price="0.00")])


@pytest.fixture
def cancelled_ones():
    """This list gets the reference of each appointment that the signal `appointment_cancelled` is sent for."""
    told = []

    def hear(sender, appointment, **kwargs):
        told.append(appointment.reference)

    appointment_cancelled.connect(hear)
    yield told
    appointment_cancelled.disconnect(hear)
