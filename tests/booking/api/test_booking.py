"""The JSON contract of booking, word for word, as a program without cookies meets it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from booking.models import Appointment
from tests.factories import make_appointment, make_provider, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

TEN = "2026-06-02T10:00:00+01:00"
PROBLEM = "application/problem+json"


@pytest.fixture(autouse=True)
def address(settings):
    settings.SITE_URL = "https://book.example.com"


@pytest.fixture
def client():
    """A program: no cookies, no token, and whatever fails on our side is an answer to it."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


@pytest.fixture
def provider():
    return make_provider(services=[make_service(minutes=30, price="60.00")])


def instant(text):
    return datetime.fromisoformat(text).astimezone(UTC)


def asked(**facts):
    return {
        "provider_name": "Dr Ada Byrne",
        "appointment_time": TEN,
        "client_email": "jo@example.com",
        **facts,
    }


def post(client, body, *, content_type="application/json", to="/api/appointments"):
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(to, text, content_type=content_type, CONTENT_TYPE=content_type)


def assert_problem(response, status, title, *, members=()):
    """The shape of every error; returns what it says."""
    problem = response.json()
    assert (response.status_code, response["Content-Type"]) == (status, PROBLEM)
    assert set(problem) == {"type", "title", "status", "detail", *members}
    assert (problem["type"], problem["title"], problem["status"]) == ("about:blank", title, status)
    assert problem["detail"].endswith(".") is True
    return problem


def assert_invalid(response, *fields):
    """A 422 that names those fields, each with its sentences, and stored nothing."""
    problem = assert_problem(response, 422, "Unprocessable Entity", members=["errors"])
    assert set(problem["errors"]) == set(fields)
    assert {type(sentence) for sentences in problem["errors"].values() for sentence in sentences} == {str}
    assert Appointment.objects.count() == 0
    return problem["errors"]


# Providers


def test_providers_come_by_name_with_their_services_by_position(client):
    call = make_service(name="Introductory call", minutes=15, price="0.00", position=2)
    session = make_service(name="Session", minutes=50, buffer=10, price="85.5", position=1)
    make_provider(name="Bo Lund", zone="America/New_York", services=[call])
    make_provider(name="Ada Byrne", services=[call, session])
    response = client.get("/api/providers")
    free = {
        "name": "Introductory call",
        "slug": "introductory-call",
        "duration_minutes": 15,
        "price": "0.00",
        "currency": "eur",
    }
    priced = {"name": "Session", "slug": "session", "duration_minutes": 50, "price": "85.50", "currency": "eur"}
    assert (response.status_code, response["Content-Type"]) == (200, "application/json; charset=utf-8")
    assert response.json() == [
        {"name": "Ada Byrne", "slug": "ada-byrne", "time_zone": "Europe/Dublin", "services": [priced, free]},
        {"name": "Bo Lund", "slug": "bo-lund", "time_zone": "America/New_York", "services": [free]},
    ]


def test_a_currency_without_cents_has_prices_without_them(client, settings):
    settings.CURRENCY = "jpy"
    make_provider(services=[make_service(price="6000")])
    [provider] = client.get("/api/providers").json()
    assert [(one["price"], one["currency"]) for one in provider["services"]] == [("6000", "jpy")]


def test_who_and_what_cannot_be_booked_is_not_listed(client):
    service, gone = make_service(), make_service(name="Gone", active=False)
    make_provider(name="Ann Able", services=[service, gone])
    make_provider(name="Bo Away", services=[service], active=False)
    make_provider(name="Cy Empty", services=[gone])
    answer = client.get("/api/providers").json()
    assert [(one["name"], [of["name"] for of in one["services"]]) for one in answer] == [("Ann Able", ["Consultation"])]


def test_a_practice_with_nobody_is_an_empty_list(client):
    assert client.get("/api/providers").json() == []


@pytest.mark.parametrize("providers", [1, 20])
def test_the_providers_cost_two_questions_however_many(client, providers, django_assert_num_queries):
    service = make_service()
    for number in range(providers):
        make_provider(name=f"Provider {number}", services=[service])
    with django_assert_num_queries(2):
        assert len(client.get("/api/providers").json()) == providers


# Slots


def slots(client, *, slug="dr-ada-byrne", **query):
    return client.get(f"/api/providers/{slug}/slots", {"date": "2026-06-02", "service": "consultation", **query})


def test_the_slots_of_a_day_are_times_with_an_offset(client):
    make_provider(hours=[("09:00", "10:00")])
    assert slots(client).json() == {
        "date": "2026-06-02",
        "time_zone": "Europe/Dublin",
        "slots": ["2026-06-02T09:00:00+01:00", "2026-06-02T09:15:00+01:00", "2026-06-02T09:30:00+01:00"],
    }


def test_the_date_is_the_providers(client):
    make_provider(zone="Pacific/Auckland", hours=[("00:00", "00:45")])
    answer = slots(client, date="2026-06-03").json()
    assert answer["slots"] == ["2026-06-03T00:00:00+12:00", "2026-06-03T00:15:00+12:00"]
    assert instant(answer["slots"][0]) == datetime(2026, 6, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Europe/Dublin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC"])
def test_a_slot_is_posted_back_unchanged(client, zone):
    make_provider(zone=zone, hours=[("09:00", "10:00")])
    slot = slots(client, date="2026-06-03").json()["slots"][1]
    response = post(client, asked(appointment_time=slot))
    assert (response.status_code, response.json()["appointment_time"]) == (201, slot)
    assert slot not in slots(client, date="2026-06-03").json()["slots"]


def test_both_slots_of_a_clock_that_comes_twice_can_be_booked(client, time_machine):
    time_machine.move_to(datetime(2026, 10, 1, tzinfo=UTC), tick=False)
    make_provider(hours=[("01:00", "02:00")], services=[make_service(minutes=60)])
    twice = slots(client, date="2026-10-25").json()["slots"]
    assert (twice[0], twice[-1]) == ("2026-10-25T01:00:00+01:00", "2026-10-25T01:00:00+00:00")
    booked = [post(client, asked(appointment_time=slot)).json()["appointment_time"] for slot in (twice[0], twice[-1])]
    assert booked == [twice[0], twice[-1]]


def test_taken_times_and_days_off_the_calendar_are_not_on_offer(client, provider):
    make_appointment(provider=provider, at=instant(TEN))
    assert TEN not in slots(client).json()["slots"]
    for day in ("2026-05-31", "2026-08-01", "2000-01-01", "2100-01-01"):
        assert slots(client, date=day).json()["slots"] == []


def test_a_provider_we_do_not_know_is_404(client):
    make_provider(active=False)
    for slug in ("dr-ada-byrne", "nobody", "x" * 3000):
        assert_problem(slots(client, slug=slug), 404, "Not Found")


@pytest.mark.parametrize("service", ["nothing", "", "\x00", "x" * 3000, "retired", "somebody-elses"])
def test_a_service_that_the_provider_does_not_offer_is_404(client, service):
    make_provider(services=[make_service(), make_service(name="Retired", active=False)])
    make_provider(name="Bo Lund", services=[make_service(name="Somebody elses")])
    assert_problem(slots(client, service=service), 404, "Not Found")


@pytest.mark.parametrize(
    "date",
    ["", "rubbish", "2026-02-30", "2026-13-01", "02/06/2026", "20260602", "2026-W23-2", "\x00", "x" * 3000, "\ufffd"],
)
def test_a_date_that_cannot_be_is_422(client, provider, date):
    assert_invalid(slots(client, date=date), "date")


def test_a_missing_date_and_service_are_422_both(client, provider):
    assert_invalid(client.get("/api/providers/dr-ada-byrne/slots"), "date", "service")


@pytest.mark.parametrize("appointments", [1, 80])
def test_slots_cost_four_questions_however_busy_the_day(client, provider, appointments, django_assert_num_queries):
    service = make_service(name="Five minutes", minutes=5)
    for place in range(appointments):
        at = instant("2026-06-02T09:00+01:00") + timedelta(minutes=5 * place)
        make_appointment(provider=provider, service=service, at=at, status="confirmed")
    with django_assert_num_queries(4):
        assert slots(client).status_code == 200


# Booking


def test_the_three_original_fields_are_enough(client, provider):
    response = post(client, asked())
    held = Appointment.objects.get()
    assert response.status_code == 201
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert response["Location"] == f"https://book.example.com/api/appointments/{held.reference}"
    assert response.json() == {
        "reference": held.reference,
        "status": "held",
        "provider_name": "Dr Ada Byrne",
        "service": "consultation",
        "appointment_time": TEN,
        "duration_minutes": 30,
        "client_email": "jo@example.com",
        "price": "60.00",
        "currency": "eur",
        "hold_expires_at": "2026-06-01T12:15:00+01:00",
        "payment_url": f"https://book.example.com/payments/{held.reference}/",
    }
    assert (held.appointment_time, held.client_name, held.note) == (instant(TEN), "", "")
    assert response.cookies == {}


def test_the_location_answers_with_the_same_object(client, provider):
    booked = post(client, asked())
    again = client.get(booked["Location"].removeprefix("https://book.example.com"))
    assert (again.status_code, again.json()) == (200, booked.json())


def test_a_service_a_name_and_a_note_may_be_given(client):
    make_provider(services=[make_service(), make_service(name="Longer", minutes=60, price="90.00", position=1)])
    booked = post(client, asked(service="longer", client_name="Jo Żółć", note="Two\nlines")).json()
    assert (booked["service"], booked["duration_minutes"], booked["price"]) == ("longer", 60, "90.00")
    held = Appointment.objects.get()
    assert (held.client_name, held.note) == ("Jo Żółć", "Two\nlines")


def test_without_a_service_it_is_the_providers_first_by_position_that_is_active(client):
    make_provider(
        services=[
            make_service(name="Zebra", position=1),
            make_service(name="Ant", position=2),
            make_service(name="Gone", position=0, active=False),
        ]
    )
    assert post(client, asked()).json()["service"] == "zebra"


def test_what_is_free_of_charge_is_confirmed_at_once(client):
    make_provider(services=[make_service(price="0.00")])
    booked = post(client, asked()).json()
    assert (booked["status"], booked["price"]) == ("confirmed", "0.00")
    assert (booked["hold_expires_at"], booked["payment_url"]) == (None, None)


@pytest.mark.parametrize(
    "same",
    ["2026-06-02T09:00:00Z", "2026-06-02T09:00+00:00", "2026-06-02T11:00+02:00", "2026-06-02T10:00:00.000+01:00"],
)
def test_one_instant_may_be_written_in_any_offset(client, provider, same):
    assert post(client, asked(appointment_time=same)).json()["appointment_time"] == TEN


def test_a_name_with_letters_of_any_script_is_found(client):
    make_provider(name="Dr Łucja Żółć 李")
    assert post(client, asked(provider_name="Dr Łucja Żółć 李")).status_code == 201


def test_the_provider_is_named_by_the_current_name_and_the_booking_keeps_the_old(client, provider):
    booked = post(client, asked()).json()
    provider.name = "Dr Ada Lovelace"
    provider.save()
    assert client.get(f"/api/appointments/{booked['reference']}").json()["provider_name"] == "Dr Ada Byrne"
    later = "2026-06-02T11:00:00+01:00"
    assert post(client, asked(appointment_time=later)).status_code == 422
    assert post(client, asked(appointment_time=later, provider_name="Dr Ada Lovelace")).status_code == 201


def test_cookies_count_for_nothing(client, provider):
    browser = Client()
    form = {"provider": "dr-ada-byrne", "service": "consultation", "appointment_time": TEN}
    assert browser.post("/", {**form, "client_email": "jo@example.com"}).status_code == 303
    assert post(browser, asked()).status_code == 409
    assert Appointment.objects.get().status == "held"


def test_a_program_may_keep_many_times(client, provider):
    answers = [post(client, asked(appointment_time=f"2026-06-0{day}T10:00:00+01:00")) for day in range(2, 8)]
    assert [answer.status_code for answer in answers] == [201] * 6


@pytest.mark.parametrize("appointments", [0, 30])
def test_booking_costs_the_same_however_busy_the_provider(
    client, provider, appointments, django_assert_max_num_queries
):
    for day in range(appointments):
        at = instant("2026-06-03T10:00+01:00") + timedelta(days=day)
        make_appointment(provider=provider, at=at, email=f"jo{day}@example.com")
    with django_assert_max_num_queries(22):
        assert post(client, asked()).status_code == 201


# Refusals


@pytest.mark.parametrize("name", ["Nobody", "", "dr ada byrne", "dr-ada-byrne", "\x00", "\ud800", "x" * 3000])
def test_a_provider_we_do_not_know_is_422(client, provider, name):
    assert_invalid(post(client, asked(provider_name=name)), "provider_name")


def test_a_provider_who_is_away_or_offers_nothing_is_422(client):
    make_provider(active=False)
    make_provider(name="Cy Empty", services=[make_service(name="Gone", active=False)])
    assert_invalid(post(client, asked()), "provider_name")
    assert_invalid(post(client, asked(provider_name="Cy Empty")), "provider_name")


@pytest.mark.parametrize("service", ["nothing", "retired", "somebody-elses", "\x00", "\ud800", "x" * 3000])
def test_a_service_we_do_not_know_is_422(client, service):
    make_provider(services=[make_service(), make_service(name="Retired", active=False)])
    make_provider(name="Bo Lund", services=[make_service(name="Somebody elses")])
    assert_invalid(post(client, asked(service=service)), "service")


@pytest.mark.parametrize(
    "time",
    [
        "",
        "rubbish",
        "2026-06-02T10:00:00",
        "2026-06-02",
        "1780000000",
        "\x00",
        "\ud800",
        "x" * 3000,
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59-14:00",
        pytest.param("2026-06-01T11:45:00+01:00", id="past"),
        pytest.param("2026-06-01T12:45:00+01:00", id="too soon"),
        pytest.param("2026-08-03T10:00:00+01:00", id="beyond the horizon"),
        pytest.param("2026-06-02T08:45:00+01:00", id="before opening"),
        pytest.param("2026-06-02T16:45:00+01:00", id="ending after closing"),
        pytest.param("2026-06-02T10:05:00+01:00", id="between two steps"),
        pytest.param("2026-06-03T10:00:00+01:00", id="time off"),
    ],
)
def test_a_time_that_nobody_could_have_is_422(client, provider, time):
    provider.time_off.create(starts=instant("2026-06-03T00:00+01:00"), ends=instant("2026-06-04T00:00+01:00"))
    assert_invalid(post(client, asked(appointment_time=time)), "appointment_time")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"client_email": ""}, "client_email"),
        ({"client_email": "jo"}, "client_email"),
        ({"client_email": "jo@localhost"}, "client_email"),
        ({"client_email": "jo@[127.0.0.1]"}, "client_email"),
        ({"client_email": "jo\x00@example.com"}, "client_email"),
        ({"client_email": "jo\ud800@example.com"}, "client_email"),
        ({"client_email": f"{'j' * 300}@example.com"}, "client_email"),
        ({"client_email": "jo@example.com\nBcc: sam@example.com"}, "client_email"),
        ({"client_name": "x" * 101}, "client_name"),
        ({"client_name": "Jo\x00"}, "client_name"),
        ({"client_name": "Jo\x07"}, "client_name"),
        ({"client_name": "Jo\ud800"}, "client_name"),
        ({"client_name": "Jo\nMalone"}, "client_name"),
        ({"note": "x" * 1001}, "note"),
        ({"note": "\x00"}, "note"),
        ({"note": "a\x1bb"}, "note"),
        ({"note": "\udfff"}, "note"),
    ],
    ids=str,
)
def test_a_field_filled_in_wrongly_is_422_by_its_name(client, provider, wrong, field):
    assert_invalid(post(client, asked(**wrong)), field)


@pytest.mark.parametrize("value", [1, 1.5, True, [], {}, ["a"]], ids=repr)
@pytest.mark.parametrize("field", [*asked(), "service", "client_name", "note"])
def test_a_field_of_the_wrong_type_is_422_by_its_name(client, provider, field, value):
    assert_invalid(post(client, asked(**{field: value})), field)


@pytest.mark.parametrize("field", asked())
def test_null_is_no_value_for_a_field_that_is_needed(client, provider, field):
    assert_invalid(post(client, asked(**{field: None})), field)


@pytest.mark.parametrize("nothing", [None, ""])
def test_null_or_nothing_is_as_good_as_leaving_out_a_field_that_is_not(client, provider, nothing):
    assert post(client, asked(service=nothing, client_name=nothing, note=nothing)).status_code == 201
    held = Appointment.objects.get()
    assert (held.service.slug, held.client_name, held.note) == ("consultation", "", "")


def test_every_missing_field_is_named(client, provider):
    assert_invalid(post(client, {}), "provider_name", "appointment_time", "client_email")


@pytest.mark.parametrize("body", ["", "[]", "null", "1", '"text"', "true", "[[]]", "NaN", '[{"provider_name": "x"}]'])
def test_json_that_is_not_an_object_is_422(client, provider, body):
    response = post(client, body)
    assert_problem(response, 422, "Unprocessable Entity", members=["errors"])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(" ", id="blank"),
        pytest.param("{", id="cut off"),
        pytest.param("{'provider_name': 1}", id="not quite JSON"),
        pytest.param("provider_name=x", id="a form"),
        pytest.param("[" * 100_000, id="100000 brackets"),
        pytest.param('{"note":' * 100_000, id="100000 braces"),
        pytest.param("[" * 100_000 + "]" * 100_000, id="100000 brackets closed"),
        pytest.param("1" * 5000, id="a number too long to read"),
        pytest.param(b"\xff\xfe\xff", id="no text at all"),
        pytest.param(json.dumps({"note": "x" * 3_000_000}), id="three megabytes"),
    ],
)
def test_a_body_that_cannot_be_read_is_400(client, provider, body):
    assert_problem(post(client, body), 400, "Bad Request")
    assert Appointment.objects.count() == 0


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"]
)
def test_what_does_not_call_itself_json_is_415(client, provider, content_type):
    assert_problem(post(client, asked(), content_type=content_type), 415, "Unsupported Media Type")
    assert Appointment.objects.count() == 0


def test_json_may_name_its_encoding(client, provider):
    assert post(client, asked(), content_type="application/json; charset=utf-8").status_code == 201


def test_a_taken_time_is_409_with_the_nearest_free_ones(client, provider):
    make_appointment(provider=provider, at=instant(TEN))
    response = post(client, asked())
    problem = assert_problem(response, 409, "Conflict", members=["alternatives"])
    assert problem["alternatives"] == [
        "2026-06-02T09:15:00+01:00",
        "2026-06-02T09:30:00+01:00",
        "2026-06-02T10:30:00+01:00",
    ]
    assert [post(client, asked(appointment_time=problem["alternatives"][2])).status_code] == [201]


def test_a_full_diary_has_no_alternatives(client, settings):
    settings.HORIZON_DAYS = 1
    provider = make_provider(hours=[("10:00", "10:30")])
    make_appointment(provider=provider, at=instant(TEN))
    assert assert_problem(post(client, asked()), 409, "Conflict", members=["alternatives"])["alternatives"] == []


def test_a_time_too_late_to_be_booked_is_422_even_when_it_is_taken(client, provider):
    make_appointment(provider=provider, at=instant("2026-06-01T12:45:00+01:00"))
    response = post(client, asked(appointment_time="2026-06-01T12:45:00+01:00"))
    assert response.status_code == 422


# One appointment


@pytest.mark.parametrize("standing", ["held", "confirmed", "cancelled", "expired"])
def test_an_appointment_says_how_it_stands(client, provider, standing):
    row = make_appointment(provider=provider, at=instant(TEN), status=standing)
    answer = client.get(f"/api/appointments/{row.reference}").json()
    assert answer["status"] == standing
    assert (answer["payment_url"] is None, answer["hold_expires_at"] is None) == (
        standing != "held",
        standing != "held",
    )


def test_a_hold_that_ran_out_says_so_before_any_tick(client, provider, time_machine):
    held = make_appointment(provider=provider, at=instant(TEN))
    time_machine.move_to(held.hold_expires_at, tick=False)
    answer = client.get(f"/api/appointments/{held.reference}").json()
    assert (answer["status"], answer["hold_expires_at"], answer["payment_url"]) == ("expired", None, None)


def test_times_of_an_appointment_are_on_the_providers_clock(client):
    make_provider(zone="America/New_York", hours=[("09:00", "17:00")])
    booked = post(client, asked(appointment_time="2026-06-02T14:00:00Z")).json()
    assert booked["appointment_time"] == "2026-06-02T10:00:00-04:00"
    assert booked["hold_expires_at"] == "2026-06-01T07:15:00-04:00"


@pytest.mark.parametrize("reference", ["nope", "x" * 3000, "nope%00", "%FF", "A" * 22])
def test_a_reference_we_do_not_know_is_404(client, provider, reference):
    assert_problem(client.get(f"/api/appointments/{reference}"), 404, "Not Found")
    assert_problem(post(client, "", to=f"/api/appointments/{reference}/cancel"), 404, "Not Found")


def test_a_hold_is_given_back_once_and_stays_so(client, provider):
    held = make_appointment(provider=provider, at=instant(TEN))
    address = f"/api/appointments/{held.reference}/cancel"
    first, again = client.post(address), client.post(address)
    assert (first.status_code, first.json()["status"]) == (200, "cancelled")
    assert (again.status_code, again.json()) == (200, first.json())
    assert post(client, asked()).status_code == 201


def test_an_expired_hold_is_given_back_without_a_change(client, provider):
    gone = make_appointment(provider=provider, at=instant(TEN), status="expired")
    answer = client.post(f"/api/appointments/{gone.reference}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "expired")


def test_a_free_confirmed_appointment_is_given_back(client):
    make_provider(services=[make_service(price="0.00")])
    booked = post(client, asked()).json()
    answer = client.post(f"/api/appointments/{booked['reference']}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")


def test_a_paid_appointment_is_cancelled_by_the_policy(client, provider):
    paid = make_appointment(provider=provider, at=instant(TEN), status="confirmed")
    first, again = (client.post(f"/api/appointments/{paid.reference}/cancel") for _ in range(2))
    assert (first.status_code, first.json()["status"]) == (200, "cancelled")
    assert (again.status_code, again.json()) == (200, first.json())


def test_an_appointment_that_has_begun_is_409(client, provider):
    begun = make_appointment(provider=provider, at=timezone.now(), status="confirmed")
    assert_problem(client.post(f"/api/appointments/{begun.reference}/cancel"), 409, "Conflict")
    begun.refresh_from_db()
    assert begun.status == "confirmed"


# Addresses


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [
        ("post", "/api/providers", {"GET"}),
        ("put", "/api/providers", {"GET"}),
        ("get", "/api/appointments", {"POST"}),
        ("delete", "/api/appointments", {"POST"}),
        ("post", "/api/providers/dr-ada-byrne/slots", {"GET"}),
        ("delete", "/api/appointments/some-reference", {"GET"}),
        ("get", "/api/appointments/some-reference/cancel", {"POST"}),
        ("get", "/api/appointments/some-reference/checkout", {"POST"}),
    ],
)
def test_the_wrong_method_is_405_and_names_the_right_one(client, provider, method, address, allowed):
    response = getattr(client, method)(address)
    assert_problem(response, 405, "Method Not Allowed")
    assert set(response["Allow"].replace(" ", "").split(",")) - {"HEAD", "OPTIONS"} == allowed


@pytest.mark.parametrize(
    "address", ["/api/", "/api/nothing", "/api/providers/", "/api/appointments/", "/api/appointments/a b", "/api/%00"]
)
def test_an_address_that_is_none_is_404_as_a_problem(client, address):
    assert_problem(client.get(address), 404, "Not Found")


def test_the_schema_lists_every_route(client):
    [mounted] = [one for one in get_resolver().url_patterns if str(one.pattern) == "api/"]
    routes = {str(one.pattern) for one in mounted.url_patterns} - {"", "openapi.json"}
    response = client.get("/api/openapi.json")
    paths = response.json()["paths"]
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert set(paths) == {f"/api/{route.replace('<slug:', '{').replace('>', '}')}" for route in routes}
    assert {path: sorted(methods) for path, methods in paths.items()} == {
        "/api/providers": ["get"],
        "/api/providers/{slug}/slots": ["get"],
        "/api/appointments": ["post"],
        "/api/appointments/{reference}": ["get"],
        "/api/appointments/{reference}/cancel": ["post"],
        "/api/appointments/{reference}/checkout": ["post"],
    }


def test_the_schema_says_which_fields_are_needed(client):
    schema = client.get("/api/openapi.json").json()["components"]["schemas"]["AppointmentIn"]
    assert schema["required"] == ["provider_name", "appointment_time", "client_email"]
    assert sorted(schema["properties"]) == sorted([*schema["required"], "service", "client_name", "note"])


@pytest.fixture
def schema(client):
    return client.get("/api/openapi.json").json()


def operations(schema):
    return {f"{method} {path}": one for path, methods in schema["paths"].items() for method, one in methods.items()}


def resolved(schema, node):
    return schema["components"]["schemas"][node["$ref"].rpartition("/")[2]]


def test_the_schema_says_that_every_refusal_is_a_problem(schema):
    answers = [answer for one in operations(schema).values() for answer in one["responses"].items()]
    refusals = [answer["content"] for status, answer in answers if int(status) >= 400]
    assert {json.dumps(content) for content in refusals} == {
        json.dumps({PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}})
    }
    problem = resolved(schema, refusals[0][PROBLEM]["schema"])
    assert problem["required"] == ["type", "title", "status", "detail"]
    assert set(problem["properties"]) - set(problem["required"]) == {"errors", "alternatives"}


def test_the_schema_says_what_can_come_of_each_operation(schema):
    assert {name: sorted(map(int, one["responses"])) for name, one in operations(schema).items()} == {
        "get /api/providers": [200, 500, 503],
        "get /api/providers/{slug}/slots": [200, 404, 422, 500, 503],
        "post /api/appointments": [201, 400, 409, 415, 422, 429, 500, 503],
        "get /api/appointments/{reference}": [200, 404, 500, 503],
        "post /api/appointments/{reference}/cancel": [200, 400, 404, 409, 422, 500, 503],
        "post /api/appointments/{reference}/checkout": [200, 400, 404, 409, 422, 500, 503],
    }


def test_the_schema_says_how_each_post_is_sent_again(schema):
    for name, one in operations(schema).items():
        keys = [(header["name"], header["required"]) for header in one["parameters"] if header["in"] == "header"]
        replayed = {
            int(status) for status, to in one["responses"].items() if "Idempotent-Replayed" in to.get("headers", {})
        }
        posts = name.startswith("post")
        assert (name, keys) == (name, [("Idempotency-Key", False)] if posts else [])
        assert (name, replayed) == (name, {min(map(int, one["responses"])), 409} if posts else set())


def test_the_schema_says_when_to_come_again_and_where_the_appointment_is(schema):
    headers = {
        int(status): list(answer["headers"])
        for status, answer in operations(schema)["post /api/appointments"]["responses"].items()
        if "headers" in answer
    }
    again = "Retry-After"
    assert headers == {
        201: ["Location", "Idempotent-Replayed"],
        409: ["Idempotent-Replayed", again],
        429: [again],
        503: [again],
    }


def test_the_schema_leads_from_an_appointment_to_what_can_be_done_with_it(schema):
    known = {one["operationId"]: name for name, one in operations(schema).items()}
    for name in ("post /api/appointments", "get /api/appointments/{reference}"):
        answers = operations(schema)[name]["responses"]
        links = answers[min(answers)]["links"]
        assert {known[link["operationId"]] for link in links.values()} == {
            "get /api/appointments/{reference}",
            "post /api/appointments/{reference}/cancel",
            "post /api/appointments/{reference}/checkout",
        }
        assert [link["parameters"] for link in links.values()] == [{"reference": "$response.body#/reference"}] * 3


def test_the_schema_has_the_lengths_of_the_columns(schema):
    fields = schema["components"]["schemas"]["AppointmentIn"]["properties"]
    texts = {name: field.get("anyOf", [field])[0] for name, field in fields.items()}
    columns = {name: Appointment._meta.get_field(name).max_length for name in ("client_email", "client_name", "note")}
    assert {name: texts[name]["maxLength"] for name in columns} == columns
    assert {name for name, text in texts.items() if text.get("minLength") or name == "client_email"} == set(asked())


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"client_email": "jo"}, "Not in the right form. An email address, like name@example.com."),
        ({"client_name": "x" * 101}, "String should have at most 100 characters. One line of up to 100 characters."),
    ],
    ids=str,
)
def test_what_the_schema_refuses_is_told_with_what_would_be_right(client, provider, wrong, sentence):
    [field] = wrong
    assert assert_invalid(post(client, asked(**wrong)), field) == {field: [sentence]}


def test_the_docs_are_a_page_of_our_own_that_names_every_route(client):
    response = client.get("/api/docs")
    page = response.content.decode()
    paths = client.get("/api/openapi.json").json()["paths"]
    assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert [path for path in paths if path not in page] == []
    assert page.count("<code>Idempotency-Key</code> in the header, optional.") == 3
    assert [src for src in page.split('src="')[1:] if not src.startswith("/static/")] == []
