"""What holds for every field that a client fills in: a new one fails here until it stands in each of its places.

The places are listed in docs/recipes.md, "Add a field to the booking form".
"""

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client

from booking.forms import BookingForm
from booking.models import Appointment
from tests.factories import in_days, make_appointment, make_provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

FIELDS = BookingForm.Meta.fields
each_field = pytest.mark.parametrize("field", FIELDS)


@pytest.fixture
def provider():
    return make_provider(name="Dr Ada Byrne")


def typed(field, word="first"):
    return f"{word}@example.com" if field == "client_email" else f"{word}, as {field}"


def form(provider, **facts):
    """The page's form, with something in each of its fields."""
    choice = {"provider": provider.slug, "service": "consultation", "appointment_time": ten(provider)}
    return {**choice, **{field: typed(field) for field in FIELDS}, **facts}


def ten(provider):
    return in_days(1, provider=provider).isoformat()


def ask_as_program(client, provider, **facts):
    body = {"provider_name": provider.name, "appointment_time": ten(provider), **facts}
    return client.post("/api/appointments", json.dumps(body), content_type="application/json")


def too_long(field):
    return typed(field) + "x" * Appointment._meta.get_field(field).max_length


@each_field
def test_what_was_typed_is_kept_and_its_client_reads_it_before_paying(client, provider, field):
    to_pay = client.post("/", form(provider))["Location"]
    assert getattr(Appointment.objects.get(), field) == typed(field)
    assert typed(field) in client.get(to_pay).content.decode()


@each_field
def test_a_correction_while_the_time_is_kept_is_saved(client, provider, field):
    """`AppointmentFacts.is_same_booking_as` decides whether there was one."""
    client.post("/", form(provider))
    client.post("/", form(provider, **{field: typed(field, "second")}))
    assert getattr(Appointment.objects.get(status="held"), field) == typed(field, "second")


@each_field
@pytest.mark.parametrize("status", [422, 409, 403])
def test_nothing_typed_is_lost_when_the_form_comes_back(provider, field, status):
    if status == 409:
        make_appointment(provider=provider, at=in_days(1, provider=provider))
    sent = form(provider, **({"appointment_time": "rubbish"} if status == 422 else {}))
    answer = Client(enforce_csrf_checks=status == 403).post("/", sent)
    assert (answer.status_code, typed(field) in answer.content.decode()) == (status, True)


@each_field
def test_it_is_there_again_where_a_time_is_kept(client, provider, field):
    client.post("/", form(provider))
    page = client.get("/", {"provider": provider.slug, "service": "consultation", "time": ten(provider)})
    assert typed(field) in page.content.decode()


@each_field
def test_a_program_may_send_it(client, provider, field):
    answer = ask_as_program(client, provider, **{name: typed(name) for name in FIELDS})
    assert (answer.status_code, getattr(Appointment.objects.get(), field)) == (201, typed(field))


@each_field
def test_a_program_is_told_its_length_beforehand(client, field):
    schema = client.get("/api/openapi.json").json()["components"]["schemas"]["AppointmentIn"]["properties"][field]
    length = Appointment._meta.get_field(field).max_length
    assert schema.get("anyOf", [schema])[0]["maxLength"] == length


@each_field
@pytest.mark.parametrize("wrong", [too_long, lambda field: f"{typed(field)}\x07"], ids=["too long", "a bell"])
def test_what_no_column_may_hold_is_refused_to_people_and_programs_alike(client, provider, field, wrong):
    """In a sentence of ours: Django's own begins with "Ensure", and the API's with what pydantic found."""
    facts = {"client_email": typed("client_email"), field: wrong(field)}
    page, program = client.post("/", form(provider, **facts)), ask_as_program(client, provider, **facts)
    assert (page.status_code, program.status_code) == (422, 422)
    assert list(program.json()["errors"]) == [field]
    assert "Ensure" not in page.content.decode()
    assert Appointment.objects.count() == 0


@each_field
def test_staff_read_it(provider, field):
    booked = make_appointment(provider=provider, at=in_days(1, provider=provider), **{field: typed(field)})
    staff = Client()
    staff.force_login(User.objects.create(username="owner", is_staff=True, is_superuser=True))
    page = staff.get(f"/admin/booking/appointment/{booked.pk}/change/").content.decode()
    assert typed(field) in page
