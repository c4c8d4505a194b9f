import pytest

from tests.booking.conftest import default_rules, noon_in_dublin, provider
from tests.factories import make_provider
from tests.staff import logged_in, somebody

__all__ = ["default_rules", "noon_in_dublin", "provider"]


@pytest.fixture
def desk(db):
    """The browser of Grace Kelly, who works at reception and sees every diary."""
    return logged_in(somebody("Reception", name="grace", first_name="Grace", last_name="Kelly"))


@pytest.fixture
def other(provider):
    """Another provider, with the same service."""
    return make_provider(name="Dr Bo Ode", services=provider.services.all())


@pytest.fixture
def ada(provider):
    """The browser of Dr Ada Byrne, who sees only her own diary."""
    return logged_in(somebody("Provider", provider=provider, name="ada"))
