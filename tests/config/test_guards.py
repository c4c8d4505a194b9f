"""What is refused before any view sees it: visitors from elsewhere while DEBUG is on, large bodies, floods of POSTs."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from booking.models import Appointment, LinksRequest, Tries
from tests.factories import in_days, make_appointment, make_provider
from tests.payments.events import post_event, signature, signed_event
from tests.shapes import HTMX, booking_form, booking_json
from tests.staff import member_of_staff

pytestmark = pytest.mark.django_db

PROBLEM = "application/problem+json"


@pytest.fixture
def provider():
    return make_provider()


# With DEBUG on


@pytest.fixture
def debugging(settings):
    settings.DEBUG = True


@pytest.mark.usefixtures("debugging")
@pytest.mark.parametrize(
    "request_headers",
    [
        {"REMOTE_ADDR": "192.0.2.1"},
        {"REMOTE_ADDR": "10.0.0.7"},
        {"REMOTE_ADDR": "::ffff:192.0.2.1"},
        {"REMOTE_ADDR": "2001:db8::1"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.1"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1, 192.0.2.1"},
        {"HTTP_X_FORWARDED_FOR": "192.0.2.1, 127.0.0.1"},
        {"HTTP_X_FORWARDED_FOR": "unknown"},
        {"HTTP_X_REAL_IP": "192.0.2.1"},
        {"HTTP_FORWARDED": "for=192.0.2.1;proto=https;by=127.0.0.1"},
        {"HTTP_FORWARDED": 'proto=https, For="[2001:db8::1]:4711"'},
        {"HTTP_FORWARDED": "for=127.0.0.1, for=_hidden"},
        {"SERVER_PROTOCOL": "HTTP/1.0"},
    ],
    ids=str,
)
def test_while_debug_is_on_nobody_from_elsewhere_is_answered_whatever_name_they_use(provider, request_headers):
    for address in ("/", "/api/providers", "/admin/login/", "/healthz", "/nowhere"):
        answer = Client().get(address, **{"HTTP_HOST": "localhost", **request_headers})
        assert (address, answer.status_code, answer["Content-Type"]) == (address, 403, "text/plain")
    assert "set DEBUG=off" in answer.content.decode()


@pytest.mark.usefixtures("debugging")
@pytest.mark.parametrize(
    "request_headers",
    [
        {},
        {"REMOTE_ADDR": "127.8.9.1"},
        {"REMOTE_ADDR": "::1"},
        {"REMOTE_ADDR": "::ffff:127.0.0.1"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1:4711, ::1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
        {"HTTP_FORWARDED": 'for="[::1]:4711";by=192.0.2.1'},
    ],
    ids=str,
)
def test_while_debug_is_on_the_machine_itself_is_answered_even_through_a_proxy_of_its_own(provider, request_headers):
    assert Client().get("/", **request_headers).status_code == 200


def test_with_debug_off_it_matters_to_nobody_where_a_visitor_is(provider):
    assert Client().get("/", REMOTE_ADDR="192.0.2.1", SERVER_PROTOCOL="HTTP/1.0").status_code == 200


# Abilities of the browser


@pytest.mark.parametrize("address", ["/", "/nowhere", "/api/docs", "/admin/login/"])
def test_every_page_takes_the_browsers_abilities_away(client, provider, address):
    taken = client.get(address)["Permissions-Policy"].split(", ")
    assert {"camera=()", "microphone=()", "geolocation=()", "payment=()", "usb=()"} <= set(taken)
    assert [one for one in taken if not one.endswith("=()")] == []


# Large bodies

TEN_MEGABYTES = "x" * 10_000_000


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_form_of_ten_megabytes_is_413_in_our_words(client, provider, settings, headers, debug):
    settings.DEBUG = debug
    answer = client.post("/", booking_form(at="x", note=TEN_MEGABYTES), headers=headers)
    page = answer.content.decode()
    assert (answer.status_code, "That is more than we can take at once" in page) == (413, True)
    assert "Go back, shorten what you typed, and try once more." in page
    assert (answer["X-Frame-Options"], "Content-Security-Policy" in answer) == ("DENY", True)


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "1"}], ids=["", "with a key"])
@pytest.mark.parametrize("address", ["/api/appointments", "/api/appointments/unknown/cancel"])
def test_ten_megabytes_of_json_are_413_as_a_problem(client, provider, address, key):
    answer = client.post(address, json.dumps(TEN_MEGABYTES), "application/json", headers=key)
    assert (answer.status_code, answer["Content-Type"]) == (413, PROBLEM)
    assert answer.json()["detail"].endswith("Nothing was changed. Send one small JSON object.") is True


def test_an_event_of_ten_megabytes_is_413_even_if_it_is_signed():
    answer = post_event(*signed_event("cs_test_1", padding=TEN_MEGABYTES))
    assert (answer.status_code, answer["Content-Type"]) == (413, PROBLEM)


def test_the_body_is_not_read_to_find_out_that_it_is_too_large(client, provider):
    """The body is empty, and only its announced length is large."""
    assert client.post("/", {}, CONTENT_LENGTH="10000000").status_code == 413


@pytest.mark.parametrize("length", ["", "ten", "9" * 5000], ids=["none", "a word", "too many digits"])
def test_a_length_that_is_no_number_is_no_body(client, provider, length):
    assert client.post("/", booking_form(at="x"), CONTENT_LENGTH=length).status_code == 422


# Floods


@pytest.fixture
def three_a_minute(settings, time_machine):
    settings.POSTS_PER_MINUTE = 3
    time_machine.move_to("2026-06-01T11:00Z", tick=False)
    return time_machine


FLOODS = {
    "bookings": lambda **sender: Client().post("/", booking_form(at="x"), **sender),
    "bookings of programs": lambda **sender: Client().post("/api/appointments", "{", "application/json", **sender),
    "links": lambda **sender: Client().post("/appointments/find/", {"client_email": "jo@example.com"}, **sender),
    "references": lambda **sender: Client().post("/payments/guessed/checkout/", **sender),
    "without a cookie": lambda **sender: Client(enforce_csrf_checks=True).post("/appointments/find/", **sender),
}


@pytest.mark.usefixtures("three_a_minute")
@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_a_network_sends_so_many_and_is_then_told_when_to_come_again(provider, flood):
    answers = [flood() for _ in range(5)]
    assert [answer.status_code == 429 for answer in answers] == [False, False, False, True, True]
    assert answers[-1]["Retry-After"] == "20"
    assert flood(REMOTE_ADDR="192.0.2.7").status_code != 429


@pytest.mark.usefixtures("three_a_minute")
def test_all_that_is_posted_counts_together(provider):
    assert [flood().status_code == 429 for flood in FLOODS.values()] == [False, False, False, True, True]


def test_who_waits_may_go_on_one_by_one(provider, three_a_minute):
    flood = FLOODS["links"]
    assert [flood().status_code for _ in range(4)] == [303, 303, 303, 429]
    three_a_minute.shift(20)
    assert [flood().status_code for _ in range(2)] == [303, 429]
    three_a_minute.shift(60)
    assert [flood().status_code for _ in range(4)] == [303, 303, 303, 429]


@pytest.mark.usefixtures("three_a_minute")
def test_a_person_is_told_so_kindly_and_loses_nothing(provider):
    for _ in range(3):
        FLOODS["links"]()
    answer = FLOODS["bookings"]()
    page = answer.content.decode()
    assert (answer.status_code, "That was too much at once" in page) == (429, True)
    assert "More came from your network than we take in a minute." in page
    assert "Wait a moment, go back, and try again: what you typed is still there." in page


@pytest.mark.usefixtures("three_a_minute")
def test_over_htmx_a_line_says_so_and_the_page_stays_as_it_is(provider):
    for _ in range(3):
        FLOODS["links"]()
    answer = Client().post("/", booking_form(at="x"), headers=HTMX)
    assert (answer.status_code, answer["Content-Type"], "HX-Push-Url" in answer) == (429, "text/plain", False)
    assert answer.content.decode().startswith("That was too much at once. Nothing was changed.") is True


@pytest.mark.usefixtures("three_a_minute")
def test_a_program_is_told_so_in_its_own_shape(provider):
    for _ in range(3):
        FLOODS["links"]()
    answer = FLOODS["bookings of programs"]()
    assert (answer.status_code, answer["Content-Type"], answer["Retry-After"]) == (429, PROBLEM, "20")
    assert answer.json() == {
        "type": "about:blank",
        "title": "Too Many Requests",
        "status": 429,
        "detail": (
            "That was too much at once. Nothing was changed. More came from your network than we take in a minute. "
            "Send it again after as many seconds as Retry-After says."
        ),
    }


@pytest.mark.usefixtures("three_a_minute")
def test_what_is_refused_is_not_done(provider):
    for _ in range(3):
        FLOODS["bookings"]()
    at = in_days(2, provider=provider)
    Client().post("/api/appointments", booking_json(at=at), "application/json")
    Client().post("/", booking_form(at=at))
    FLOODS["links"]()
    assert (Appointment.objects.count(), LinksRequest.objects.count()) == (0, 0)


@pytest.mark.usefixtures("three_a_minute")
def test_staff_at_the_telephone_are_no_flood(provider):
    staff = member_of_staff()
    assert [staff.post("/", booking_form(at="x")).status_code for _ in range(5)] == [422] * 5


@pytest.mark.usefixtures("three_a_minute")
def test_clients_whose_network_nobody_can_tell_count_as_one(provider):
    flood = FLOODS["links"]
    assert [flood(REMOTE_ADDR="").status_code for _ in range(4)] == [303, 303, 303, 429]


@pytest.mark.usefixtures("three_a_minute")
def test_a_crowd_of_posts_at_one_moment_is_counted_one_by_one(transactional_db, together):
    answers = together(*[FLOODS["links"]] * 8)
    assert sorted(answer.status_code for answer in answers) == [303] * 3 + [429] * 5


def test_looking_at_pages_counts_nothing(client, provider):
    held = make_appointment(provider=provider, at=in_days(2, provider=provider))
    pages = ["/", "/?provider=dr-ada-byrne&service=consultation", f"/appointments/{held.reference}/", "/api/providers"]
    for page in pages:
        assert client.get(page).status_code == 200
    assert Tries.objects.count() == 0


def test_counting_a_post_takes_one_statement(client, provider, django_assert_num_queries):
    def post():
        return client.post("/appointments/find/", {})

    with django_assert_num_queries(1):
        assert post().status_code == 422
    with django_assert_num_queries(1):
        assert post().status_code == 422


# The webhook


@pytest.mark.usefixtures("three_a_minute")
def test_what_stripe_did_not_sign_is_a_flood_too():
    answers = [post_event("{}", "t=1,v1=00") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 429]
    assert (answers[-1]["Retry-After"], answers[-1]["Content-Type"]) == ("20", "text/plain")


@pytest.mark.usefixtures("three_a_minute")
def test_what_stripe_signed_is_taken_however_much_else_came_from_its_network():
    for _ in range(4):
        post_event("{}", "t=1,v1=00")
    now = int(timezone.now().timestamp())
    answers = [post_event(*signed_event("cs_test_1", event_id=f"evt_{number}", signed_at=now)) for number in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5


def test_an_unsigned_event_of_a_hundred_thousand_brackets_is_400():
    body = "[" * 100_000
    assert (post_event(body, None).status_code, post_event(body, signature(body)).status_code) == (400, 400)
