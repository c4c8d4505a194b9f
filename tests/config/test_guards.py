"""What is refused before any view sees it: visitors from elsewhere while DEBUG is on."""

import pytest
from django.test import Client

from tests.factories import make_provider

pytestmark = pytest.mark.django_db

PROBLEM = "application/problem+json"


@pytest.fixture
def provider():
    return make_provider()


# With DEBUG on


@pytest.fixture
def debugging(settings):
    settings.DEBUG = True


@pytest.mark.usefixtures("debugging")
@pytest.mark.parametrize(
    "request_headers",
    [
        {"REMOTE_ADDR": "192.0.2.1"},
        {"REMOTE_ADDR": "10.0.0.7"},
        {"REMOTE_ADDR": "::ffff:192.0.2.1"},
        {"REMOTE_ADDR": "2001:db8::1"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.1"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1, 192.0.2.1"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.1, 127.0.0.1"},
        {"HTTP_X_FORWARDED_FOR": "unknown"},
        {"HTTP_X_REAL_IP": "192.0.2.1"},
        {"HTTP_FORWARDED": "for=192.0.2.1;proto=https;by=127.0.0.1"},
        {"HTTP_FORWARDED": 'proto=https, For="[2001:db8::1]:4711"'},
        {"HTTP_FORWARDED": "for=127.0.0.1, for=_hidden"},
        {"SERVER_PROTOCOL": "HTTP/1.0"},
    ],
    ids=str,
)
def test_while_debug_is_on_nobody_from_elsewhere_is_answered_whatever_name_they_use(provider, request_headers):
    for address in ("/", "/api/providers", "/admin/login/", "/healthz", "/nowhere"):
        answer = Client().get(address, **{"HTTP_HOST": "localhost", **request_headers})
        assert (address, answer.status_code, answer["Content-Type"]) == (address, 403, "text/plain")
    assert "set DEBUG=off" in answer.content.decode()


@pytest.mark.usefixtures("debugging")
@pytest.mark.parametrize(
    "request_headers",
    [
        {},
        {"REMOTE_ADDR": "127.8.9.1"},
        {"REMOTE_ADDR": "::1"},
        {"REMOTE_ADDR": "::ffff:127.0.0.1"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1:4711, ::1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
        {"HTTP_FORWARDED": 'for="[::1]:4711";by=192.0.2.1'},
    ],
    ids=str,
)
def test_while_debug_is_on_the_machine_itself_is_answered_even_through_a_proxy_of_its_own(provider, request_headers):
    assert Client().get("/", **request_headers).status_code == 200


def test_with_debug_off_it_matters_to_nobody_where_a_visitor_is(provider):
    assert Client().get("/", REMOTE_ADDR="192.0.2.1", SERVER_PROTOCOL="HTTP/1.0").status_code == 200


# Abilities of the browser


@pytest.mark.parametrize("address", ["/", "/nowhere", "/api/providers", "/admin/login/"])
def test_every_answer_takes_the_browsers_abilities_away(client, provider, address):
    taken = client.get(address)["Permissions-Policy"].split(", ")
    assert {"camera=()", "microphone=()", "geolocation=()", "payment=()", "usb=()"} <= set(taken)
    assert [one for one in taken if not one.endswith("=()")] == []
