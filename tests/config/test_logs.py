"""What is logged: a line for each request, all under its number, in text or JSON, and nothing of a person."""

import io
import json
import logging
import re
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.test import Client

from config.logs import JsonLine, RouteOnly
from payments import gateway
from payments.gateway import StripeUnavailable
from tests.config.starting import refusal, start
from tests.factories import in_days, make_appointment, make_payment, make_provider
from tests.payments.ticking import give_everything_its_turn

pytestmark = pytest.mark.django_db

SECRETS = ["jo@example.com", "jo%40example.com", "Malone", "cs_test_secret"]
NUMBER = r"\d{4}-\d{4}-\d{4}"


@pytest.fixture
def provider():
    return make_provider()


@pytest.fixture
def held(provider):
    return make_appointment(provider=provider, at=in_days(2, provider=provider), client_name="Jo Malone")


@pytest.fixture
def failing(held):
    """An appointment whose page fails, by a zone that does not exist and that no form of ours would save."""
    held.provider.time_zone = "Nowhere/Town"
    held.provider.save()
    return held


@pytest.fixture
def forgiving():
    """Return a browser that gets a 500 where our code raises, and not the exception."""
    return Client(raise_request_exception=False)


@pytest.fixture
def console():
    """The handler that writes the site's log."""
    [console] = [one for one in logging.getLogger().handlers if any(isinstance(f, RouteOnly) for f in one.filters)]
    return console


@pytest.fixture
def log(console):
    """Yield a stream that gets every line that the site logs to the console."""
    lines = io.StringIO()
    before = console.setStream(lines)
    yield lines
    console.setStream(before)


@pytest.fixture
def in_json(console):
    before, console.formatter = console.formatter, JsonLine()
    yield
    console.formatter = before


@pytest.fixture(params=["text", "json"])
def any_log(request, log):
    """The log, in either form."""
    if request.param == "json":
        request.getfixturevalue("in_json")
    return log


# Without a person


def test_a_request_is_logged_by_its_route(client, held, log):
    client.get(f"/appointments/{held.reference}/")
    client.get("/?provider=dr-ada-byrne")
    client.get(f"/api/appointments/{held.reference}")
    logged = re.findall(rf"INFO {NUMBER} access (\w+) (\S+) (\d+) \d+ms", log.getvalue())
    assert logged == [
        ("GET", "/appointments/<slug:reference>/", "200"),
        ("GET", "/", "200"),
        ("GET", "/api/appointments/<slug:reference>", "200"),
    ]


def ask_with_secrets_everywhere(forgiving, held, settings):
    typed = {"client_email": "jo@example.com", "client_name": "Jo Malone", "note": "cs_test_secret"}
    posted = {**typed, "provider": "dr-ada-byrne", "service": "consultation", "appointment_time": "x"}
    query = urlencode({"provider": "jo@example.com", "session_id": "cs_test_secret"})
    forgiving.get(f"/?{query}")
    forgiving.post(f"/?{query}", posted)
    forgiving.get(f"/nowhere/no-such-reference-jo@example.com?{query}")
    forgiving.get(f"/appointments/{held.reference}x/?{query}")
    forgiving.put(f"/appointments/{held.reference}/?{query}")
    forgiving.get(f"/payments/{held.reference}/success/?{query}")
    forgiving.get(f"/api/appointments/{held.reference}x?{query}")
    forgiving.delete(f"/api/appointments/{held.reference}?{query}")
    forgiving.post("/api/appointments", json.dumps(typed), content_type="application/json")
    forgiving.get(f"/appointments/{held.reference}?{query}")
    Client(enforce_csrf_checks=True).post(f"/appointments/{held.reference}/cancel/?{query}", typed)
    settings.ALLOWED_HOSTS = ["book.example.com"]
    forgiving.get(f"/appointments/{held.reference}/?{query}", headers={"host": "evil.example.org"})


def test_no_log_line_holds_a_path_a_query_a_reference_or_what_was_typed(forgiving, held, any_log, settings):
    ask_with_secrets_everywhere(forgiving, held, settings)
    written = any_log.getvalue()
    assert len(written.splitlines()) >= 12
    secrets = [*SECRETS, held.reference, "no-such-reference", "/nowhere"]
    assert [secret for secret in secrets if secret in written] == []


def test_a_failure_of_ours_is_logged_by_its_route_too(forgiving, failing, any_log):
    assert forgiving.get(f"/appointments/{failing.reference}/?email=jo@example.com").status_code == 500
    written = any_log.getvalue()
    assert "Internal Server Error: /appointments/<slug:reference>/" in written
    assert "ZoneInfoNotFoundError" in written
    assert [secret for secret in [*SECRETS, failing.reference] if secret in written] == []


def test_gunicorns_lines_about_a_request_name_no_address(log):
    gunicorn = logging.getLogger("gunicorn.error")
    gunicorn.warning("Invalid request from ip=192.0.2.7: Invalid HTTP request line: 'GET /appointments/secret/'")
    gunicorn.error("Error handling request %s %s", "GET", "/appointments/secret/")
    gunicorn.info("Booting worker with pid: %s", 4711)
    written = re.findall(r" (\w+) - gunicorn\.error (.*)", log.getvalue())
    assert written == [
        ("WARNING", "Invalid request"),
        ("ERROR", "Error handling request"),
        ("INFO", "Booting worker with pid: 4711"),
    ]


# Under a number


def numbers(log):
    return re.findall(r"^[\d-]+ [\d:,]+ \w+ (\S+) ", log.getvalue(), re.MULTILINE)


def test_the_lines_of_a_failed_request_the_answer_and_the_page_have_one_number(forgiving, failing, log):
    response = forgiving.get(f"/appointments/{failing.reference}/")
    number = response["X-Request-ID"]
    assert re.fullmatch(NUMBER, number)[0] == number
    assert numbers(log) == [number, number]
    assert f"If you ask us about it, tell us this number: <strong>{number}</strong>." in response.content.decode()


def test_each_request_has_another_number_and_nothing_between_them_has_one(client, provider, log):
    first, second = (client.get("/")["X-Request-ID"] for _ in range(2))
    logging.getLogger("booking").info("between")
    assert (len({first, second}), numbers(log)) == (2, [first, second, "-"])


@pytest.mark.parametrize("address", ["/nowhere", "/appointments/unknown/"])
def test_a_page_that_says_what_to_do_instead_names_no_number(client, address):
    response = client.get(address)
    assert response["X-Request-ID"] not in response.content.decode()


def test_a_program_finds_the_number_in_the_header_only(forgiving, failing):
    response = forgiving.get(f"/api/providers/{failing.provider.slug}/slots?date=2026-06-02&service=consultation")
    assert (response.status_code, set(response.json())) == (500, {"type", "title", "status", "detail"})
    assert re.fullmatch(NUMBER, response["X-Request-ID"]) is not None


@pytest.mark.parametrize("number", ["3f2c9a1e", "b1946ac92492d2347c6235b4d2611184", "A-9" * 21 + "Z"])
def test_the_number_of_a_proxy_of_ours_is_taken_over(client, settings, log, number):
    settings.TRUSTED_PROXIES = 1
    assert client.get("/nowhere", headers={"x-request-id": number})["X-Request-ID"] == number
    assert numbers(log) == [number]


@pytest.mark.parametrize(
    "number", ["", "short-1", "x" * 65, "jo@example.com", "a b c d e f", "<b>12345678</b>", "é" * 9]
)
def test_a_number_that_could_hold_anything_is_not_taken_over(client, settings, number):
    settings.TRUSTED_PROXIES = 1
    assert re.fullmatch(NUMBER, client.get("/nowhere", headers={"x-request-id": number})["X-Request-ID"]) is not None


def test_a_number_is_taken_from_nobody_where_no_proxy_is_trusted(client):
    response = client.get("/nowhere", headers={"x-request-id": "b1946ac92492d2347c6235b4d2611184"})
    assert re.fullmatch(NUMBER, response["X-Request-ID"]) is not None


@pytest.mark.django_db(transaction=True)
def test_each_round_of_tick_has_a_number(provider, log):
    for day in (4, 5):
        make_appointment(provider=provider, at=in_days(day, provider=provider), hold_minutes=-1)
        call_command("tick")
    assert [re.fullmatch(NUMBER, number)[0] for number in numbers(log)] == numbers(log)
    assert len(set(numbers(log))) == 2


@pytest.mark.django_db(transaction=True)
def test_what_a_round_does_in_several_threads_is_under_its_number(provider, log, monkeypatch):
    def no_answer(session_id):
        raise StripeUnavailable

    monkeypatch.setattr(gateway, "retrieve_session", no_answer)
    for day in (4, 5, 6):
        make_payment(make_appointment(provider=provider, at=in_days(day, provider=provider)), status="open")
    give_everything_its_turn()
    call_command("tick")
    assert (log.getvalue().count("is seen to again"), len(numbers(log)), len(set(numbers(log)))) == (3, 4, 1)


# As JSON


def test_a_line_of_json_has_these_members(client, held, log, in_json):
    response = client.get(f"/appointments/{held.reference}/")
    line = json.loads(log.getvalue())
    moment, milliseconds = line.pop("time"), line.pop("milliseconds")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", moment)[0] == moment
    assert line == {
        "level": "INFO",
        "logger": "access",
        "request_id": response["X-Request-ID"],
        "message": f"GET /appointments/<slug:reference>/ 200 {milliseconds}ms",
        "method": "GET",
        "route": "/appointments/<slug:reference>/",
        "status": 200,
    }


def test_a_traceback_is_a_member_of_its_line(forgiving, failing, log, in_json):
    forgiving.get(f"/appointments/{failing.reference}/")
    failure, access = map(json.loads, log.getvalue().splitlines())
    assert failure.keys() == {"time", "level", "logger", "request_id", "message", "traceback"}
    assert (failure["level"], failure["logger"], access["status"]) == ("ERROR", "django.request", 500)
    assert failure["traceback"].startswith("Traceback (most recent call last):\n")


LOGS_A_LINE = "import django; django.setup(); import logging; logging.getLogger('booking').info('Hello %s', 1)"


def test_the_environment_says_in_which_form():
    in_text, in_json = (start(LOGS_A_LINE, **form).stderr for form in ({}, {"LOG_FORMAT": "json"}))
    assert re.fullmatch(r"[\d:, -]+ INFO - booking Hello 1\n", in_text) is not None
    assert json.loads(in_json)["message"] == "Hello 1"
    assert refusal(LOG_FORMAT="xml") == "LOG_FORMAT must be one of text, json, not 'xml'."
