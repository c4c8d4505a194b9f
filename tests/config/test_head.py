"""HEAD works wherever GET does: the same answer without its body."""

import re
from datetime import timedelta

import pytest
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from tests.factories import in_days, make_appointment, make_provider

# The first pattern finds variable parts, such as `<slug:reference>` and `(?P<url>.*)`. The second finds what is no
# part of a path: optional groups, `^` and `$`.
VARIABLE, NOT_IN_A_PATH = r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)", r"\(\?:[^)]*\)\?|[\^$]"


def routes(resolver, before="/"):
    """Yield every route of the site as a path, in which the variable parts are not filled in yet."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, before + str(pattern.pattern))
        else:
            yield re.sub(NOT_IN_A_PATH, "", before + str(pattern.pattern))


@pytest.fixture
def address_of():
    """Return a function that fills in a route's variable parts: facts of rows that exist, or else the number 1."""
    provider = make_provider()
    held = make_appointment(provider=provider, at=in_days(3, provider=provider))
    facts = {"reference": held.reference, "slug": provider.slug, "object_id": str(held.pk), "app_label": "booking"}
    return lambda route: re.sub(VARIABLE, lambda part: facts.get(part[1] or part[2], "1"), route)


def described(response):
    return {name: response.get(name) for name in ("Content-Type", "Allow", "Location", "Vary")}


def test_head_is_answered_like_get_at_every_address(admin_client, address_of):
    # Late in the evening nothing of today can be booked any more, so it is another day.
    day = timezone.localdate() + timedelta(days=3)
    query = {"provider": "dr-ada-byrne", "service": "consultation", "date": day.isoformat()}
    admin_client.raise_request_exception = False
    answered = {}
    for route in routes(get_resolver()):
        got, head = (ask(address_of(route), query) for ask in (admin_client.get, admin_client.head))
        assert (route, head.status_code, head.content) == (route, got.status_code, b"")
        assert described(head) == described(got), route
        answered[route] = head.status_code
    assert {route for route, status in answered.items() if status == 200} >= {
        "/",
        "/appointments/<slug:reference>/",
        "/payments/<slug:reference>/",
        "/api/providers",
        "/api/providers/<slug:slug>/slots",
        "/api/appointments/<slug:reference>",
        "/api/openapi.json",
        "/api/docs",
        "/admin/booking/appointment/<path:object_id>/change/",
        "/favicon.ico",
    }
    assert [route for route, status in answered.items() if status >= 500] == []


@pytest.mark.django_db
def test_head_says_how_long_the_body_is(client):
    make_provider()
    got = client.get("/api/providers")
    assert client.head("/api/providers")["Content-Length"] == got["Content-Length"] == str(len(got.content))


@pytest.mark.django_db
def test_head_is_among_the_methods_that_an_address_takes(client):
    assert client.delete("/api/providers")["Allow"] == "GET, HEAD"
    assert client.head("/api/appointments")["Allow"] == "POST"
