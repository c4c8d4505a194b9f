"""One client cannot fill the diary: times are counted by network and by mailbox, for pages and API together."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from booking import limits
from booking.models import Appointment, ByStaff
from tests.booking.clock import NOW, dublin
from tests.factories import book, make_appointment, make_provider, make_service
from tests.shapes import booking_form, booking_json

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules", "three_of_each")]

NINE = dublin(2, "09:00")
SENTENCE = (
    "More times than can be kept online at once, from one place or for one email address, so this one was not booked. "
    "Call the practice on +353 1 555 0100 to book another, or try again later."
)


@pytest.fixture
def three_of_each(settings):
    settings.HOLDS_PER_ADDRESS = settings.AHEAD_PER_CLIENT = 3
    settings.PRACTICE_PHONE = "+353 1 555 0100"


@pytest.fixture
def provider():
    call = make_service(name="Call", minutes=15, price="0.00", position=1)
    return make_provider(services=[make_service(), call])


def on_the_page(number, *, email=None, service="consultation", browser=None, **headers):
    """Book the time so many hours after nine, each from a browser of its own, so that no cookie limits it."""
    typed = booking_form(service=service, **wished(number, email))
    return (browser or Client()).post("/", typed, **headers)


def by_a_program(number, *, email=None, service="consultation", **headers):
    asked = booking_json(service=service, **wished(number, email))
    return Client().post("/api/appointments", asked, "application/json", **headers)


def wished(number, email):
    return {"at": NINE + number * timedelta(hours=1), "email": email or f"jo{number}@example.com"}


def statuses(ask, count, **facts):
    return [ask(number, **facts).status_code for number in range(count)]


@pytest.mark.parametrize("service", ["consultation", "call"])
@pytest.mark.parametrize(("ask", "booked"), [(on_the_page, 303), (by_a_program, 201)], ids=["page", "program"])
def test_one_network_begins_so_many_and_no_more(provider, ask, booked, service):
    assert statuses(ask, 5, service=service) == [booked, booked, booked, 429, 429]
    assert Appointment.objects.count() == 3


def test_pages_and_programs_are_counted_together(provider):
    answers = [on_the_page(0), by_a_program(1), on_the_page(2), by_a_program(3), on_the_page(4)]
    assert [answer.status_code for answer in answers] == [303, 201, 303, 429, 429]


def test_the_page_says_so_kindly_and_keeps_what_was_typed(provider):
    statuses(on_the_page, 3)
    answer = on_the_page(3, email="kept@example.com")
    page = answer.content.decode()
    assert (SENTENCE in page, 'value="kept@example.com"' in page) == (True, True)
    assert answer["Retry-After"] == str(15 * 60)


def test_a_program_is_told_in_its_own_shape(provider):
    statuses(by_a_program, 3)
    answer = by_a_program(3)
    assert (answer["Content-Type"], answer["Retry-After"]) == ("application/problem+json", str(15 * 60))
    assert answer.json() == {
        "type": "about:blank",
        "title": "Too Many Requests",
        "status": 429,
        "detail": SENTENCE,
    }


def test_what_is_paid_counts_no_more(provider):
    statuses(on_the_page, 3)
    Appointment.objects.first().confirm()
    assert on_the_page(3).status_code == 303


def test_what_ran_out_or_was_given_back_counts_no_more(provider, time_machine):
    statuses(on_the_page, 3)
    Appointment.objects.earliest("appointment_time").cancel()
    assert statuses(on_the_page, 1) == [303]
    time_machine.move_to(NOW + timedelta(minutes=15))
    assert on_the_page(4).status_code == 303


def test_a_free_one_counts_for_a_day(provider, time_machine):
    statuses(on_the_page, 3, service="call")
    answer = on_the_page(3, service="call")
    assert answer["Retry-After"] == str(24 * 60 * 60)
    time_machine.move_to(NOW + timedelta(days=1))
    assert on_the_page(30, service="call").status_code == 303


def test_another_network_is_somebody_else(provider):
    statuses(on_the_page, 3)
    assert on_the_page(3, REMOTE_ADDR="192.0.2.7").status_code == 303


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::9", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("2001:db8:0:1::1", "192.0.2.1", False),
    ],
)
def test_a_network_is_a_whole_address_or_half_of_a_long_one(one, other, same):
    assert (limits.network_hash(one) == limits.network_hash(other)) is same


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "192.0.2.1", "127.0.0.1"),
        (1, "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.9, 192.0.2.1", "192.0.2.1"),
        (2, "203.0.113.9, 192.0.2.1, 10.0.0.1", "192.0.2.1"),
        (2, "192.0.2.1", "127.0.0.1"),
        (1, "192.0.2.1:4711", "192.0.2.1"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "", "127.0.0.1"),
        (1, "unknown", "127.0.0.1"),
        (1, "192.0.2.1, unknown", "127.0.0.1"),
        (1, "192.0.2.1, ", "127.0.0.1"),
        (1, "192.0.2.999", "127.0.0.1"),
        (1, "<b>, ' OR 1=1 --", "127.0.0.1"),
        (1, "x" * 8000, "127.0.0.1"),
        (2, "192.0.2.1, unknown, 10.0.0.1", "127.0.0.1"),
        (1, "::ffff:192.0.2.1", "::ffff:192.0.2.1"),
    ],
)
def test_of_the_forwarded_addresses_only_what_our_own_proxies_wrote_is_believed(
    rf, settings, proxies, forwarded, address
):
    settings.TRUSTED_PROXIES = proxies
    assert limits.client_ip(rf.post("/", headers={"X-Forwarded-For": forwarded})) == address


@pytest.mark.parametrize("made_up", ["unknown", "", "192.0.2.1, junk", "1", "[::1", ":" * 9])
def test_a_header_that_says_nothing_lets_nobody_escape_the_limit(provider, settings, made_up):
    """The proxy passes on what clients write, so all of them count as the proxy itself."""
    settings.TRUSTED_PROXIES = 1
    headers = {"HTTP_X_FORWARDED_FOR": made_up}
    assert statuses(on_the_page, 4, **headers) == [303, 303, 303, 429]


def test_what_a_client_puts_before_our_proxys_entry_makes_it_nobody_else(provider, settings):
    settings.TRUSTED_PROXIES = 1
    answers = [on_the_page(number, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}, 192.0.2.1") for number in range(4)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]


def test_without_a_proxy_the_header_is_not_read_at_all(provider):
    answers = [on_the_page(number, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}") for number in range(4)]
    assert [answer.status_code for answer in answers] == [303, 303, 303, 429]


def test_where_the_network_cannot_be_told_only_the_mailbox_counts(provider):
    assert statuses(on_the_page, 5, REMOTE_ADDR="") == [303] * 5
    assert set(Appointment.objects.values_list("begun_from", flat=True)) == {""}


def test_no_address_is_kept_and_its_hash_goes_when_it_is_not_needed(provider, time_machine):
    on_the_page(0)
    on_the_page(1)
    on_the_page(2, service="call")
    paid, held, free = Appointment.objects.order_by("appointment_time")
    assert {len(one.begun_from) for one in (paid, held, free)} == {64}
    assert Appointment.objects.filter(begun_from__contains="127.0.0.1").count() == 0
    paid.confirm()
    assert Appointment.objects.forget_networks(timezone.now()) == 1
    known = Appointment.objects.exclude(begun_from="")
    assert list(known.order_by("pk")) == [held, free]
    time_machine.move_to(NOW + timedelta(minutes=15))
    Appointment.objects.lapse(timezone.now())
    assert Appointment.objects.forget_networks(timezone.now()) == 1
    time_machine.move_to(NOW + timedelta(days=1))
    assert Appointment.objects.forget_networks(timezone.now()) == 1
    assert known.count() == 0


@pytest.mark.parametrize("ask", [on_the_page, by_a_program])
def test_one_mailbox_has_so_many_coming_ones_however_it_is_written(provider, ask):
    written = ["jo@example.com", "Jo@Example.com", "jo+work@example.com", "JO+x+y@example.com", "jo.x@example.com"]
    networks = [f"192.0.2.{number}" for number in range(5)]
    answers = [
        ask(number, email=email, REMOTE_ADDR=network)
        for number, (email, network) in enumerate(zip(written, networks, strict=True))
    ]
    assert [answer.status_code == 429 for answer in answers] == [False, False, False, True, False]


def test_what_is_over_counts_no_more_for_a_mailbox(provider):
    for status, days in (("confirmed", -1), ("cancelled", 3), ("expired", 4), ("confirmed", 5), ("confirmed", 6)):
        make_appointment(provider=provider, at=NINE + timedelta(days=days), status=status)
    assert on_the_page(0, email="jo@example.com").status_code == 303
    answer = on_the_page(1, email="jo@example.com")
    assert (answer.status_code, answer["Retry-After"]) == (429, str(15 * 60))


def test_who_was_booked_by_staff_can_book_online_as_many_as_others(provider):
    grace = User.objects.create(username="grace")
    for number in range(3):
        book(provider, NINE + timedelta(days=1 + number), staff=ByStaff(grace))
    answers = statuses(on_the_page, 4, email="jo@example.com", REMOTE_ADDR="")
    assert answers == [303, 303, 303, 429]


def test_staff_at_the_telephone_have_no_limit(provider):
    staff = Client()
    staff.force_login(User.objects.create(username="desk", is_staff=True))
    answers = []
    for number in range(5):
        staff.cookies.pop("holds", None)
        answers.append(on_the_page(number, email="jo@example.com", browser=staff).status_code)
    assert answers == [303] * 5


def test_the_same_press_twice_is_no_second_one(provider, settings):
    settings.HOLDS_PER_ADDRESS = 1
    browser = Client()
    browser.get("/?provider=dr-ada-byrne&service=consultation&time=2026-06-02T09:00%2B01:00")
    assert on_the_page(0, browser=browser).status_code == 303
    assert on_the_page(0, browser=browser).status_code == 303
    assert Appointment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limit", ["network", "mailbox"])
def test_a_crowd_does_not_slip_through(limit, together):
    """Each books with another provider, so that no lock on a provider makes them wait for each other."""
    service = make_service(price="0.00")
    for number in range(8):
        make_provider(name=f"Dr {number}", services=[service])

    def ask(number):
        email = "jo@example.com" if limit == "mailbox" else f"jo{number}@example.com"
        network = f"192.0.2.{number}" if limit == "mailbox" else "192.0.2.1"
        asked = booking_json(at=NINE, provider=f"Dr {number}", email=email, service="consultation")
        return Client().post("/api/appointments", asked, "application/json", REMOTE_ADDR=network).status_code

    answers = together(*[lambda number=number: ask(number) for number in range(8)])
    assert sorted(answers) == [201] * 3 + [429] * 5
    assert Appointment.objects.count() == 3
