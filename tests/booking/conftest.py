from datetime import UTC, datetime

import pytest

NOW = datetime(2026, 6, 1, 11, 0, tzinfo=UTC)


@pytest.fixture
def noon_in_dublin(time_machine):
    """A Monday, and it stays that moment."""
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def default_rules(settings):
    settings.NOTICE_MINUTES, settings.HORIZON_DAYS, settings.SLOT_STEP_MINUTES, settings.HOLD_MINUTES = 60, 60, 15, 15
