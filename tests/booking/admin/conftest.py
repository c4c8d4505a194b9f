"""The people who work at the practice.

The owner may do everything. Alice cancels appointments and returns money, Bob at reception only cancels, and Charlie
returns money only.
"""

import pytest
from django.contrib.auth.models import User

from tests.booking.clock import TEN
from tests.factories import make_appointment, make_provider
from tests.staff import logged_in, member_of_staff


@pytest.fixture
def admin_client():
    """This is the owner's browser."""
    return logged_in(User.objects.create(username="owner", is_staff=True, is_superuser=True))


@pytest.fixture
def alice():
    return member_of_staff("view_appointment", "change_appointment", "add_refund", name="alice")


@pytest.fixture
def bob():
    return member_of_staff("view_appointment", "change_appointment", name="bob")


@pytest.fixture
def charlie():
    return member_of_staff("view_appointment", "view_payment", "add_refund", name="charlie")


@pytest.fixture
def late():
    """It is confirmed and paid, and begins so soon that the client is promised only half of the price back."""
    provider = make_provider()
    return make_appointment(provider=provider, at=TEN, status="confirmed", cancellation_policy="48h 100%, 12h 50%")
