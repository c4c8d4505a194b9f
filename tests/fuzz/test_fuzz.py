"""schemathesis finds no difference between openapi.json and the API. `make fuzz` looks for longer."""

import pytest

from tests.factories import make_provider, make_service
from tests.fuzz.run import fuzz
from tests.gunicorn import ROOM_FOR_ALL, collect_static_files, gunicorn


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_schemathesis_finds_nothing(database_url):
    services = [make_service(price="60.00"), make_service(name="Call", minutes=15, price="0.00", position=1)]
    make_provider(services=services)
    collect_static_files()
    with gunicorn(DATABASE_URL=database_url, **ROOM_FOR_ALL) as server:
        assert fuzz(server.address, cases=10) == 0
