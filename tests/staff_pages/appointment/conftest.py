import pytest

from tests.booking.clock import NOW, TEN
from tests.factories import make_appointment, make_payment
from tests.staff_pages.appointment.people import OWNER, RECEPTION, somebody


@pytest.fixture(autouse=True)
def noon_in_dublin(time_machine, settings):
    """It is Monday 1 June 2026, 12:00 in Dublin, until a test moves the clock. Mail leaves the site."""
    settings.NOTICE_MINUTES, settings.HORIZON_DAYS, settings.SLOT_STEP_MINUTES, settings.HOLD_MINUTES = 60, 60, 15, 15
    settings.CANCELLATION_POLICY, settings.MAILBOX = "48h 100%, 12h 50%", False
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def grace():
    """She is at reception: she sees money and returns what was promised."""
    return somebody("Grace Kelly", RECEPTION)


@pytest.fixture
def olive():
    """She is the owner, and decides what goes back."""
    return somebody("Olive Moss", OWNER)


@pytest.fixture
def held(provider):
    return make_appointment(provider=provider, at=TEN, client_name="Jo O’Neill")


@pytest.fixture
def on_its_way(held):
    """Its client has paid by a way that takes days."""
    make_payment(held, status="processing", amount_captured=0)
    held.set_hold_end(None)
    return held


@pytest.fixture
def confirmed(provider):
    return make_appointment(provider=provider, at=TEN, status="confirmed", price=0, client_name="Jo O’Neill")


@pytest.fixture
def paid(provider):
    """It is tomorrow at ten, so half of the price was promised back."""
    booked = make_appointment(provider=provider, at=TEN, status="confirmed", client_name="Jo O’Neill")
    make_payment(booked, paid_at=NOW)
    return booked
