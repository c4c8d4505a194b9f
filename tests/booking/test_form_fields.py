"""What holds for every field that a client fills in: a new one fails here until it stands in each of its places.

The places are listed in docs/recipes.md, "Add a field to the booking form".
"""

import pytest
from django.test import Client

from booking.forms import BookingForm
from booking.models import Appointment
from tests.booking.api.program import TEN, asked, post
from tests.booking.clock import instant
from tests.booking.pages.book_page import chosen
from tests.factories import make_appointment
from tests.pages import Page
from tests.shapes import booking_form
from tests.staff import member_of_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules", "provider")]

FIELDS = BookingForm.Meta.fields
each_field = pytest.mark.parametrize("field", FIELDS)


def typed(field, word="first"):
    match field:
        case "client_email":
            return f"{word}@example.com"
        case "client_phone":
            return "+353 87 123 4567" if word == "first" else "+353 87 765 4321"
    return f"{word}, as {field}"


def kept(field, word="first"):
    """What the column has of it: telephone numbers are kept without what people put between the digits."""
    return typed(field, word).replace(" ", "") if field == "client_phone" else typed(field, word)


def form(at=TEN, **facts):
    """Return the form with something in each of its fields."""
    return {**booking_form(at=at), **{field: typed(field) for field in FIELDS}, **facts}


@each_field
def test_what_was_typed_is_kept_and_its_client_reads_it_before_paying(client, field):
    page_to_pay = client.post("/", form())["Location"]
    assert getattr(Appointment.objects.get(), field) == kept(field)
    assert typed(field) in Page(client.get(page_to_pay)).text


@each_field
def test_a_correction_while_the_time_is_kept_is_saved(client, field):
    """`AppointmentFacts.is_same_booking_as` decides whether the two differ."""
    client.post("/", form())
    assert Page(client.get(chosen(time=TEN))).fields[field] == typed(field)
    client.post("/", form(**{field: typed(field, "second")}))
    assert getattr(Appointment.objects.get(status="held"), field) == kept(field, "second")


@each_field
@pytest.mark.parametrize("status", [422, 409, 403])
def test_nothing_typed_is_lost_when_the_form_comes_back(provider, field, status):
    if status == 409:
        make_appointment(provider=provider, at=instant(TEN))
    sent = form(at="rubbish" if status == 422 else TEN)
    answer = Client(enforce_csrf_checks=status == 403).post("/", sent)
    assert (answer.status_code, Page(answer).fields[field]) == (status, typed(field))


@each_field
def test_a_program_may_send_it(client, field):
    answer = post(client, asked(**{name: typed(name) for name in FIELDS}))
    assert (answer.status_code, getattr(Appointment.objects.get(), field)) == (201, kept(field))


@each_field
def test_a_program_is_told_its_length_beforehand(client, field):
    schema = client.get("/api/openapi.json").json()["components"]["schemas"]["AppointmentIn"]["properties"][field]
    assert schema.get("anyOf", [schema])[0]["maxLength"] == Appointment._meta.get_field(field).max_length


def too_long(field):
    return typed(field) + "x" * Appointment._meta.get_field(field).max_length


def with_a_bell(field):
    return f"{typed(field)}\x07"


@each_field
@pytest.mark.parametrize("wrong", [too_long, with_a_bell])
def test_what_no_column_may_hold_is_refused_to_people_and_programs_alike(client, field, wrong):
    """People are told in a sentence of ours: Django's own about a length begins with "Ensure"."""
    facts = {field: wrong(field)}
    page, program = client.post("/", form(**facts)), post(client, asked(**facts))
    assert (page.status_code, program.status_code, list(program.json()["errors"])) == (422, 422, [field])
    assert [words for words in Page(page).problem if words.startswith("Ensure")] == []
    assert Appointment.objects.count() == 0


@each_field
def test_staff_read_it(provider, field):
    booked = make_appointment(provider=provider, at=instant(TEN), **{field: kept(field)})
    page = member_of_staff("view_appointment").get(f"/admin/booking/appointment/{booked.pk}/change/")
    assert kept(field) in page.content.decode()
