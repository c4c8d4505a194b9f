"""The page of the details: what it says before anything is typed, and what becomes of what was typed."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from booking.models import Appointment, Provider
from tests.booking.clock import instant
from tests.booking.pages.book_page import MARKUP, TEN, address, chosen, form
from tests.factories import make_appointment, make_provider, make_service
from tests.pages import Page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


def test_where_it_is_and_whom_to_call_is_said(client, provider, settings):
    settings.PRACTICE_PHONE = "+353 (1) 555 0100"
    Provider.objects.update(place="12 Linden Road, Dublin 6")
    offer, kept = client.get("/").content.decode(), client.get(client.post("/", form())["Location"]).content.decode()
    assert ["12 Linden Road, Dublin 6" in page for page in (offer, kept)] == [True, True]
    assert '<a href="tel:+35315550100">+353 (1) 555 0100</a>' in offer


SOON = "If you cancel, no money comes back, because it is so soon."
NEVER = "This practice returns nothing when a paid appointment is cancelled."


@pytest.mark.parametrize(
    ("policy", "time", "told"),
    [
        (
            "48h 100%, 24h 50%",
            "2026-06-05T10:00+01:00",
            [
                "If you cancel: €60.00 comes back until Wednesday 3 June 2026, 10:00, and less after that",
                "Until Wednesday 3 June 2026, 10:00",
                "Until Thursday 4 June 2026, 10:00",
            ],
        ),
        (
            "48h 100%, 24h 50%",
            "2026-06-03T10:00+01:00",
            [
                "If you cancel: €30.00 comes back until Tuesday 2 June 2026, 10:00, and nothing after that",
                "Until Tuesday 2 June 2026, 10:00",
            ],
        ),
        ("48h 100%, 24h 50%", TEN, [SOON]),
        ("", "2026-06-05T10:00+01:00", [NEVER]),
    ],
)
@pytest.mark.usefixtures("provider")
def test_the_details_say_what_cancelling_returns_and_why_if_nothing(client, settings, policy, time, told):
    settings.CANCELLATION_POLICY = policy
    words = Page(client.get(chosen(time=time))).text
    assert [one for one in words if one.startswith(("If you cancel", "Until ", SOON, NEVER))] == told


def test_the_dates_until_which_something_comes_back_are_on_the_clients_clock(client, provider, settings):
    settings.CANCELLATION_POLICY = "48h 100%"
    page = Page(client.get(chosen(time="2026-06-05T10:00+01:00", zone="Asia/Tokyo")))
    assert "If you cancel: €60.00 comes back until Wednesday 3 June 2026, 18:00, and nothing after that" in page.text
    assert "Times are Tokyo time." in page.text


def test_nothing_is_said_of_cancelling_what_is_free(client):
    make_provider(services=[make_service(price="0.00")])
    assert "comes back" not in " ".join(Page(client.get(chosen(time=TEN))).text)


def test_where_a_time_has_gone_the_others_say_what_cancelling_returns_too(client, provider, settings):
    settings.CANCELLATION_POLICY = "48h 100%, 24h 50%"
    make_appointment(provider=provider, at=instant(TEN))
    words = "all of it until 48 hours before, 50% until 24 hours before, and nothing after that"
    assert f"What comes back if you cancel: {words}." in Page(client.post("/", form())).text


def test_what_is_too_long_is_said_and_not_cut(client, provider):
    """With a `maxlength`, a browser would cut off the end of a pasted note without saying so."""
    page = client.get(chosen(time=TEN)).content.decode()
    assert ("maxlength" in page, "in up to 1,000 characters" in page) == (False, True)


def test_the_labels_are_those_that_people_are_told(client, provider):
    page = Page(client.get(chosen(time=TEN)))
    labels = re.findall(r"<label[^>]*>([^<]*)</label>", page.html)
    assert labels == [
        "Email address",
        "Your name",
        "Phone number",
        "Who is it for?",
        "Note",
    ]
    assert "Continue to payment" in page.text


def test_what_was_typed_never_enters_an_address(client, provider):
    responses = [client.post("/", form(client_email="jo")), client.post("/", form()), client.get("/")]
    make_appointment(provider=provider, at=instant("2026-06-03T10:00+01:00"))
    responses.append(client.post("/", form(appointment_time="2026-06-03T10:00+01:00")))
    responses.append(client.get(responses[1]["Location"]))
    secrets = ["jo@", "jo%40", "Malone", "stairs"]
    addresses = [response.get("Location", "") for response in responses]
    for response in responses:
        addresses += re.findall(r'(?:href|action|hx-\w+|src)="([^"]*)"', response.content.decode())
    assert [one for one in addresses if any(secret in one for secret in secrets)] == []


def test_markup_is_shown_as_it_was_typed(client):
    service = make_service(name="Tea & <b>talk</b>")
    make_provider(name="Dr <i>Ada</i>", services=[service])
    typed = {
        "provider": "dr-iadai",
        "service": "tea-btalkb",
        "appointment_time": TEN,
        "client_email": "jo@example.com",
        "client_name": MARKUP,
        "note": MARKUP,
    }
    pages = [client.get("/"), client.get(address(provider="dr-iadai", service="tea-btalkb", time=TEN))]
    pages.append(client.post("/", {**typed, "client_email": MARKUP}))
    assert Page(pages[2]).fields["client_email"] == Page(pages[2]).fields["note"] == MARKUP
    held = client.post("/", typed)
    reference = Appointment.objects.get().reference
    pages += [client.get(held["Location"]), client.get(f"/appointments/{reference}/")]
    assert [page.status_code for page in pages] == [200, 200, 422, 200, 200]
    for page in pages:
        body = page.content.decode()
        assert [raw for raw in ("<script>alert", "<i>Ada", "<b>talk") if raw in body] == []


@pytest.mark.parametrize("name", ["נועה לוי", "نور الدين 👩‍⚕️", "Łukasz 👨‍👩‍👧 O’Brien", "山田 太郎"])
def test_a_name_in_any_script_is_shown_as_it_was_typed_and_turns_nothing_beside_it(client, provider, name):
    held = client.post("/", form(client_name=name))
    assert (held.status_code, Appointment.objects.get().client_name) == (303, name)
    assert f"<bdi>{name}</bdi>" in client.get(held["Location"]).content.decode()


def test_no_page_tells_whether_an_address_has_appointments(client, provider):
    """An address that has appointments and one that has none are answered alike."""
    make_appointment(provider=provider, at=instant(TEN), status="confirmed", email="ann@example.com")
    told = []
    for email, free in (("ann@example.com", "2026-06-02T12:00+01:00"), ("bob@example.com", "2026-06-02T14:00+01:00")):
        for typed in (form(client_email=email), form(client_email=email, appointment_time=free)):
            answer = Client().post("/", typed)
            said = re.sub(r'value="[^"]*"', "", answer.content.decode())
            told.append((answer.status_code, said.replace(email, "")))
    assert told[:2] == told[2:]


def test_the_form_never_leaves_validation_to_the_browser(client, provider):
    assert re.findall(r"<form[^>]*\bnovalidate\b", client.get(chosen(time=TEN)).content.decode()) != []


def test_the_forms_address_holds_the_choices_and_only_those(client, provider):
    [action] = Page(client.get(chosen(time=TEN))).actions
    assert parse_qs(urlsplit(action).query) == {
        "provider": ["dr-ada-byrne"],
        "service": ["consultation"],
        "time": [TEN],
    }
