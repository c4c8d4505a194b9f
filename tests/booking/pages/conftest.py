import pytest

from tests.booking.clock import dublin
from tests.booking.pages.moving import POLICY
from tests.factories import make_appointment


@pytest.fixture
def booked(provider):
    """It is paid and begins on Thursday at ten, three days from now."""
    at = dublin(4, "10:00")
    return make_appointment(provider=provider, at=at, status="confirmed", cancellation_policy=POLICY)
