"""When it is at the desk, and whose diary staff look at."""

import pytest

from tests.booking.clock import NOW
from tests.factories import make_provider
from tests.servers import NOWHERE


@pytest.fixture
def noon_in_dublin(time_machine):
    """It is Monday 1 June 2026, 12:00 in Dublin, and a public holiday."""
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def provider():
    return make_provider()


@pytest.fixture
def nobody_outside_answers(settings, tmp_path):
    """Whoever examines the connections finds neither Stripe nor the site's own address, and no collected files."""
    settings.STRIPE_API_BASE = settings.SITE_URL = NOWHERE
    settings.STATIC_ROOT = tmp_path
