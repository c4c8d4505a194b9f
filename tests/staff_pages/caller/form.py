"""The form with which staff book for a caller, as its page brings it."""

from urllib.parse import urlencode

from tests.pages import Page
from tests.shapes import HTMX

TEN = "2026-06-02T10:00+01:00"
PHONE = "087 123 4567"
KEPT = "+353871234567"


def address(**query):
    return f"/staff/book/?{urlencode({'provider': 'dr-ada-byrne', 'service': 'consultation', **query})}"


def opened(client, **query):
    """Return all fields that the page of a chosen time sends, by default that of Tuesday at ten, with a name typed."""
    page = Page(client.get(address(**{"time": TEN, **query})))
    sent = {name: value for name, value in page.fields.items() if name not in ("paying", "csrfmiddlewaretoken")}
    return {**sent, "client_name": "Jo Malone", "language": "en", "every": "", "paying": "tonight"}


def send(client, form, *, headers=None, **changes):
    """Send the form, with these changes; None leaves a field out."""
    fields = {name: value for name, value in {**form, **changes}.items() if value is not None}
    return client.post(address(time=fields.get("appointment_time", TEN)), fields, headers=headers)


def look_up(client, form, **typed):
    """Ask for the known clients as HTMX does while somebody types."""
    return Page(send(client, form, find="", headers={**HTMX, "HX-Target": "known-clients"}, **typed))
