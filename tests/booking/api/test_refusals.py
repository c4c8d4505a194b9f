"""What a program may send wrongly, and the problem that it is answered."""

import pytest

from booking.models import Appointment
from tests.booking.api.program import TEN, asked, assert_invalid, assert_problem, post
from tests.booking.clock import instant
from tests.factories import make_appointment, make_provider, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules", "address")]


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
    ],
)
def test_a_body_that_cannot_be_read_is_400(client, provider, body):
    assert_problem(post(client, body), 400, "Bad Request")
    assert Appointment.objects.count() == 0


def test_ten_megabytes_are_413(client, provider):
    problem = assert_problem(post(client, asked(note="x" * 10_000_000)), 413, "Content Too Large")
    assert problem["detail"].endswith("Nothing was changed. Send one small JSON object.") is True
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


def test_half_a_character_in_the_domain_of_an_address_is_422(client, provider):
    response = post(client, asked(client_email="jo@ex\ud800mple.com"))
    assert (response.status_code, list(response.json()["errors"])) == (422, ["client_email"])


@pytest.mark.parametrize("body", ["[]", "null", ""])
def test_json_that_is_not_an_object_names_only_fields_of_the_contract(client, body):
    answer = post(client, body)
    assert "asked" not in answer.json().get("errors", {})


NO_UNICODE = "Input should be a valid string, unable to parse raw data as a unicode string."
# Each kind of error that pydantic finds, and what it says of it.
WRONG = [
    (
        {"client_email": None},
        "client_email",
        "Input should be a valid string. An email address, like name@example.com.",
    ),
    ({"client_email": "jo"}, "client_email", "Not in the right form. An email address, like name@example.com."),
    (
        {"client_name": "x" * 101},
        "client_name",
        "String should have at most 100 characters. One line of up to 100 characters.",
    ),
    (
        {"client_name": "\ud800"},
        "client_name",
        f"{NO_UNICODE} One line of up to 100 characters.",
    ),
    (
        {"provider_name": ""},
        "provider_name",
        "String should have at least 1 character. The name of a provider, as GET /api/providers has it.",
    ),
]


@pytest.mark.parametrize(("wrong", "field", "sentence"), WRONG)
def test_each_kind_of_error_is_told_in_the_language_that_is_asked_for(client, settings, wrong, field, sentence):
    settings.LANGUAGES = [("en-ie", "English"), ("es-ie", "Español")]
    in_english = assert_invalid(post(client, asked(**wrong)), field)[field]
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "es"
    [in_spanish] = assert_invalid(post(client, asked(**wrong)), field)[field]
    assert in_english == [sentence]
    assert [half for half in sentence.rstrip(".").split(". ") if half in in_spanish] == []


def test_what_is_missing_and_what_is_no_date_are_told_in_that_language_too(client, provider, settings):
    settings.LANGUAGES = [("en-ie", "English"), ("es-ie", "Español")]
    said = {}
    for language in ("en", "es"):
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
        said[language] = client.get(f"/api/providers/{provider.slug}/slots?date=today").json()["errors"]
    missing = "Field required. The slug of a service; else the provider's first."
    assert said["en"] == {"date": ["Value error, a date is YYYY-MM-DD."], "service": [missing]}
    assert [field for field in said["en"] if said["en"][field] == said["es"][field]] == []
