import pytest

from tests.booking.clock import NOW
from tests.factories import make_provider


@pytest.fixture
def provider():
    """Dr Ada Byrne works in Dublin from nine to five every day. A consultation is half an hour and costs 60 euros."""
    return make_provider()


@pytest.fixture
def noon_in_dublin(time_machine):
    """It is Monday 1 June 2026, 12:00 in Dublin, until a test moves the clock."""
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def default_rules(settings):
    settings.NOTICE_MINUTES, settings.HORIZON_DAYS, settings.SLOT_STEP_MINUTES, settings.HOLD_MINUTES = 60, 60, 15, 15
    settings.EVERY_TIME_IS_SHOWN = False
