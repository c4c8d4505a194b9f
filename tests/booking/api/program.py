"""What a program sends to the JSON API, and the shape of what it is answered."""

import json

from booking.models import Appointment
from tests.shapes import booking_json, slots_address

TEN = "2026-06-02T10:00:00+01:00"
PROBLEM = "application/problem+json"


def slots(client, *, slug="dr-ada-byrne", date="2026-06-02", service="consultation"):
    return client.get(slots_address(slug, service, date=date))


def asked(**facts):
    """Return a body with the three fields that a booking needs, and with `facts` as further or other members."""
    return {**booking_json(at=TEN), **facts}


def post(client, body, *, content_type="application/json", to="/api/appointments"):
    """Send a body as JSON; text and bytes are sent as they are."""
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(to, text, content_type=content_type, CONTENT_TYPE=content_type)


def assert_problem(response, status, title, *, members=()):
    """Check the shape that every error has, and return its members."""
    problem = response.json()
    assert (response.status_code, response["Content-Type"]) == (status, PROBLEM)
    assert set(problem) == {"type", "title", "status", "detail", *members}
    assert (problem["type"], problem["title"], problem["status"]) == ("about:blank", title, status)
    assert problem["detail"].endswith(".") is True
    return problem


def assert_invalid(response, *fields):
    """Check that it is a 422 about exactly those fields and that nothing was booked; return the sentences by field."""
    problem = assert_problem(response, 422, "Unprocessable Entity", members=["errors"])
    assert set(problem["errors"]) == set(fields)
    assert {type(sentence) for sentences in problem["errors"].values() for sentence in sentences} == {str}
    assert Appointment.objects.count() == 0
    return problem["errors"]
