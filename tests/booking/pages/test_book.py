"""The form of the booking page: what it refuses, always without losing what was typed, and where it leads."""

import re
from urllib.parse import urlencode

import pytest

from booking.models import Appointment
from tests.booking.clock import instant
from tests.booking.pages.book_page import BELL, MARKUP, NUL, TEN, WRONG_TIMES, chosen, form
from tests.factories import make_appointment, make_provider, make_service
from tests.pages import Page, page_and_htmx
from tests.shapes import HTMX

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


# What the form may say


def assert_refused(response, status):
    assert response.status_code == status
    assert Appointment.objects.count() == 0
    assert "holds" not in response.cookies


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"client_email": None}, "Enter an email address, like name@example.com."),
        ({"client_email": ""}, "Enter an email address, like name@example.com."),
        ({"client_email": "jo"}, "Enter an email address, like name@example.com."),
        ({"client_email": "jo@"}, "Enter an email address, like name@example.com."),
        ({"client_email": "jo@example.com, sam@example.com"}, "Enter an email address, like name@example.com."),
        ({"client_email": "jo@example.com\nBcc: sam@example.com"}, "Enter an email address, like name@example.com."),
        ({"client_email": f"jo{BELL}@example.com"}, "Enter an email address, like name@example.com."),
        ({"client_email": "=?utf-8?q?a?=@example.com"}, "Enter an email address, like name@example.com."),
        ({"client_email": '"jo"@example.com'}, "Enter an email address, like name@example.com."),
        ({"client_email": "jo@localhost"}, "Enter an email address, like name@example.com."),
        ({"client_email": "jo@[127.0.0.1]"}, "Enter an email address, like name@example.com."),
        ({"client_email": MARKUP}, "Enter an email address, like name@example.com."),
        ({"client_email": f"{'j' * 300}@example.com"}, "Enter an email address of at most 254 characters."),
        ({"client_name": "x" * 101}, "Enter a name of at most 100 characters."),
        ({"client_name": "x" * 10_000}, "Enter a name of at most 100 characters."),
        ({"client_name": "Jo \u202egnp.exe"}, "Remove the line breaks and control characters, and try again."),
        ({"client_name": f"Jo{BELL}"}, "Remove the line breaks and control characters, and try again."),
        (
            {"client_name": "Jo\r\nBcc: sam@example.com"},
            "Remove the line breaks and control characters, and try again.",
        ),
        ({"client_name": "Jo\x85Malone"}, "Remove the line breaks and control characters, and try again."),
        ({"note": "x" * 1001}, "Shorten the note to 1,000 characters or fewer."),
        ({"note": "x" * 3000}, "Shorten the note to 1,000 characters or fewer."),
        ({"note": f"Stairs{BELL}"}, "Remove the control characters, and try again."),
        ({"note": "Stairs\x1b[31m"}, "Remove the control characters, and try again."),
    ],
)
@page_and_htmx
def test_a_field_filled_in_wrongly_is_422_and_the_form_again(client, provider, wrong, sentence, headers):
    typed = form(**wrong)
    response = client.post("/", typed, headers=headers)
    assert_refused(response, 422)
    page = Page(response)
    assert page.problem == ["There is a problem", sentence]
    shown = {name: page.fields[name].replace("\r\n", "\n") for name in form()}
    assert shown == {name: typed.get(name, "").replace("\r\n", "\n") for name in form()}


@pytest.mark.parametrize("field", ["client_email", "client_name", "note"])
def test_a_null_character_in_a_field_is_422_and_a_sentence(client, provider, field):
    response = client.post("/", form(**{field: f"{form()[field]}{NUL}"}))
    assert_refused(response, 422)
    assert Page(response).problem[0] == "There is a problem"
    assert len(Page(response).problem) >= 2


def test_what_is_wrong_is_said_first_in_the_form_and_leads_to_the_field(client, provider):
    page = client.post("/", form(client_email="jo", client_name="x" * 101), headers=HTMX).content.decode()
    alert = '<div class="problem" role="alert" tabindex="-1" autofocus>'
    assert page.count("autofocus") == 1
    assert page.index("<form") < page.index(alert) < page.index('name="client_email"')
    assert re.findall(r'href="#(\w+)"', page) == ["id_client_email", "id_client_name"]
    assert len(re.findall(r'aria-invalid="true"', page)) == 2


@pytest.mark.parametrize(("time", "sentence"), [*WRONG_TIMES, (None, "Choose a time."), ("", "Choose a time.")])
def test_a_time_posted_wrongly_is_422_and_nothing_typed_is_lost(client, provider, time, sentence):
    response = client.post("/", form(appointment_time=time))
    assert_refused(response, 422)
    page = Page(response)
    assert page.problem[:1] == [sentence]
    kept = ("provider", "service", "client_email", "client_name", "note")
    assert {name: page.fields[name] for name in kept} == {name: form()[name] for name in kept}


@pytest.mark.parametrize(
    "wrong",
    [
        {"provider": "nobody"},
        {"provider": "away"},
        {"provider": NUL},
        {"provider": "x" * 3000},
        {"service": "nothing"},
        {"service": "somebody-elses"},
        {"service": "retired"},
        {"service": NUL},
        {"service": "x" * 3000},
    ],
    ids=str,
)
def test_a_provider_or_service_posted_wrongly_is_422_with_the_list(client, wrong):
    service = make_service()
    make_provider(services=[service, make_service(name="Retired", active=False)])
    make_provider(name="Away", services=[service], active=False)
    make_provider(name="Bo Lund", services=[make_service(name="Somebody elses")])
    response = client.post("/", form(**wrong))
    assert_refused(response, 422)
    assert Page(response).problem == ["We do not know this provider or service. Choose from the list."]


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [({"provider": None, "service": None}, "Choose a provider."), ({"service": None}, "Choose a service.")],
)
def test_a_choice_that_was_not_posted_is_asked_for(client, provider, missing, sentence):
    response = client.post("/", form(**missing))
    assert_refused(response, 422)
    assert Page(response).problem == [sentence]


def test_invalid_utf8_in_the_form_is_read_without_failing(client, provider):
    body = urlencode(form(client_name="")).encode() + b"&client_name=%FF%FEJo"
    response = client.post("/", body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 303
    assert Appointment.objects.get().client_name == "\ufffd\ufffdJo"


def test_the_longest_that_may_be_typed_is_taken(client, provider):
    longest = {"client_name": "Ż" * 100, "note": "ż\n" * 499 + "żż"}
    assert client.post("/", form(**longest)).status_code == 303
    assert Appointment.objects.get().client_name == "Ż" * 100


@page_and_htmx
def test_a_time_that_went_is_409_with_three_buttons_and_everything_typed(client, provider, headers):
    make_appointment(provider=provider, at=instant(TEN))
    response = client.post("/", form(), headers=headers)
    assert response.status_code == 409
    assert Appointment.objects.count() == 1
    page = Page(response)
    assert page.problem[0] == "That time was taken a moment ago."
    assert page.buttons == [
        ("appointment_time", "2026-06-02T09:15+01:00"),
        ("appointment_time", "2026-06-02T09:30+01:00"),
        ("appointment_time", "2026-06-02T10:30+01:00"),
    ]
    typed = form(appointment_time=None)
    assert {name: page.fields[name] for name in typed} == typed
    pressed = {**page.fields, "appointment_time": page.buttons[2][1]}
    assert client.post("/", pressed).status_code == 303
    booked = Appointment.objects.get(client_name="Jo Malone")
    assert booked.appointment_time == instant("2026-06-02T10:30+01:00")


def test_a_time_that_went_on_a_full_diary_is_409_with_a_sentence(client, settings):
    settings.HORIZON_DAYS = 1
    provider = make_provider(hours=[("10:00", "10:30")])
    make_appointment(provider=provider, at=instant(TEN))
    page = Page(response := client.post("/", form()))
    assert response.status_code == 409
    assert page.problem[0] == "That time was taken a moment ago."
    assert page.buttons == []


def test_a_fourth_unpaid_time_is_409_with_the_form_to_press_again(client, provider):
    for day in (2, 3, 4):
        assert client.post("/", form(appointment_time=f"2026-06-0{day}T10:00+01:00")).status_code == 303
    response = client.post("/", form(appointment_time="2026-06-05T10:00+01:00"))
    page = Page(response)
    assert response.status_code == 409
    assert page.problem == ["You keep 3 unpaid times already. Pay for one or give one back first."]
    assert page.links["Pay or give it back"].startswith("/payments/") is True
    assert (page.fields["appointment_time"], page.fields["note"]) == ("2026-06-05T10:00+01:00", form()["note"])
    assert Appointment.objects.count() == 3


# Where it leads


def test_a_priced_booking_leads_to_its_payment_page(client, provider):
    response = client.post("/", form())
    held = Appointment.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/payments/{held.reference}/")
    assert (held.client_email, held.client_name, held.note, held.status) == (
        "jo@example.com",
        "Jo Malone",
        "The stairs are hard for me.",
        "held",
    )


def test_a_free_booking_leads_to_its_own_page(client):
    make_provider(services=[make_service(price="0.00")])
    details = Page(client.get(chosen(time=TEN)))
    assert "Confirm appointment" in details.text
    response = client.post("/", form())
    booked = Appointment.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/appointments/{booked.reference}/")
    assert booked.status == "confirmed"
    assert "Appointment confirmed" in client.get(response["Location"]).content.decode()


def test_a_note_of_as_many_characters_as_the_browser_lets_one_type_is_taken(client, provider):
    """A browser counts a line break as one character, but sends two."""
    response = client.post("/", form(note="ab\r\n" * 333 + "c"))
    assert response.status_code == 303


@pytest.mark.parametrize("field", ["client_name"])
@pytest.mark.parametrize("separator", ["\u2028", "\u2029"])
def test_a_line_separator_is_a_line_break_too(client, provider, field, separator):
    response = client.post("/", form(**{field: f"Jo{separator}Malone"}))
    assert response.status_code == 422


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b"])
def test_an_address_with_invisible_characters_is_refused(client, provider, hidden):
    response = client.post("/", form(client_email=f"jo@ex{hidden}mple.com"))
    assert response.status_code == 422
