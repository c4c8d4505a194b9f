"""A booking is made at what its page showed. If that has changed since, the change is said and nothing is booked."""

from decimal import Decimal

import pytest

from booking.models import Appointment, Provider, Service
from tests.booking.clock import instant
from tests.booking.pages.book_page import TEN, chosen, form
from tests.factories import make_appointment, make_provider, make_service
from tests.pages import Page
from tests.shapes import HTMX, booking_json

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

CHANGED = "Nothing was booked: something has changed since you opened this page."
AGAIN = "What you typed is still here. Press the button again if that is right."
TYPED = {"client_email": "jo@example.com", "client_name": "Jo Malone", "note": "The stairs are hard for me."}


@pytest.fixture(autouse=True)
def policy(settings):
    settings.CANCELLATION_POLICY = "48h 100%"


@pytest.fixture
def provider():
    provider = make_provider(hours=[("09:00", "17:00")])
    Provider.objects.update(place="12 Linden Road")
    return provider


def opened(client, time=TEN):
    """Return what the filled-in form of that page sends."""
    return {**Page(client.get(chosen(time=time))).fields, **TYPED}


def costs(price):
    return lambda settings: Service.objects.update(price=Decimal(price))


def now_costs_80(settings):
    Service.objects.update(price=Decimal("80.00"))


def takes_a_deposit(settings):
    Service.objects.update(payment="deposit", deposit=Decimal("20.00"))


def is_paid_at_the_practice(settings):
    Service.objects.update(payment="at practice")


def is_in_dollars(settings):
    settings.CURRENCY = "usd"


def takes_an_hour(settings):
    Service.objects.update(duration_minutes=60)


def returns_nothing(settings):
    settings.CANCELLATION_POLICY = ""


def returns_half(settings):
    settings.CANCELLATION_POLICY = "48h 100%, 24h 50%"


def has_moved_house(settings):
    Provider.objects.update(place="3 Mill Street")


def names_no_place(settings):
    Provider.objects.update(place="")


def is_on_another_clock(settings):
    Provider.objects.update(time_zone="Europe/Paris")


def goes_by_another_name(settings):
    Provider.objects.update(name="Dr Ada Lund")


def is_another_service(settings):
    Service.objects.update(name="Group talk")


ALL = "all of it until 48 hours before, and nothing after that"
HALF_LATER = "all of it until 48 hours before, 50% until 24 hours before, and nothing after that"
CHANGES = [
    (now_costs_80, "The price is now €80.00. When you opened this page it was €60.00."),
    (costs("0.00"), "The price is now nothing. When you opened this page it was €60.00."),
    (takes_a_deposit, "What is paid online is now €20.00. When you opened this page it was the whole price."),
    (is_paid_at_the_practice, "What is paid online is now nothing. When you opened this page it was the whole price."),
    (is_in_dollars, "The price is now US$60.00. When you opened this page it was €60.00."),
    (takes_an_hour, "It now takes 1 hour. When you opened this page it was 30 minutes."),
    (returns_nothing, f"What comes back if you cancel is now nothing. When you opened this page it was {ALL}."),
    (returns_half, f"What comes back if you cancel is now {HALF_LATER}. When you opened this page it was {ALL}."),
    (has_moved_house, "The place is now 3 Mill Street. When you opened this page it was 12 Linden Road."),
    (names_no_place, "The place is now not named here. When you opened this page it was 12 Linden Road."),
    (is_on_another_clock, "The practice’s clock is now Paris time. When you opened this page it was Dublin time."),
    (goes_by_another_name, "It is now with Dr Ada Lund. When you opened this page it was Dr Ada Byrne."),
    (is_another_service, "It is now for Group talk. When you opened this page it was Consultation."),
]


@pytest.mark.parametrize(("change", "sentence"), CHANGES)
@pytest.mark.usefixtures("provider")
def test_what_is_different_by_now_is_said_and_a_second_press_takes_it(client, settings, change, sentence):
    sent = opened(client)
    change(settings)
    answer = client.post("/", sent)
    page = Page(answer)
    assert (answer.status_code, Appointment.objects.count()) == (409, 0)
    assert page.problem == [CHANGED, sentence, AGAIN]
    assert {name: page.fields[name] for name in TYPED} == TYPED
    assert client.post("/", page.fields).status_code == 303
    booked, service = Appointment.objects.get(), Service.objects.get()
    assert (booked.price, booked.duration_minutes) == (service.price, service.duration_minutes)


def test_over_htmx_it_is_said_in_place(client, provider, settings):
    sent = opened(client)
    now_costs_80(settings)
    answer = client.post("/", sent, headers=HTMX)
    assert (answer.status_code, Page(answer).problem[0], answer["HX-Push-Url"]) == (409, CHANGED, "false")


def test_several_differences_are_said_at_once(client, provider, settings):
    sent = opened(client)
    now_costs_80(settings)
    takes_an_hour(settings)
    returns_nothing(settings)
    has_moved_house(settings)
    problem = Page(client.post("/", sent)).problem
    assert problem == [CHANGED, *(dict(CHANGES)[change] for change in (now_costs_80, takes_an_hour)), *problem[3:]]
    assert problem[3:5] == [dict(CHANGES)[change] for change in (returns_nothing, has_moved_house)]


@pytest.mark.parametrize(
    ("was", "now", "button"), [("0.00", "60.00", "Continue to payment"), ("60.00", "0.00", "Confirm appointment")]
)
def test_the_button_says_what_it_does_now(client, provider, was, now, button):
    Service.objects.update(price=Decimal(was))
    sent = opened(client)
    Service.objects.update(price=Decimal(now))
    page = Page(client.post("/", sent))
    assert [words for words in page.text if words in ("Continue to payment", "Confirm appointment")] == [button]
    client.post("/", page.fields)
    assert Appointment.objects.get().status == ("held" if Decimal(now) else "confirmed")


@pytest.mark.parametrize("free", [{"price": Decimal(0)}, {"payment": "at practice"}], ids=["free", "at practice"])
def test_nothing_is_said_of_terms_where_nothing_is_paid_online(client, provider, settings, free):
    Service.objects.update(**free)
    sent = opened(client)
    settings.CANCELLATION_POLICY = ""
    assert ("seen_terms" in sent, client.post("/", sent).status_code) == (False, 303)


def test_what_is_as_it_was_is_booked_at_the_first_press(client, provider):
    assert client.post("/", opened(client)).status_code == 303


def test_a_form_that_brings_nothing_seen_books_at_what_is_true_now(client, provider, settings):
    opened(client)
    now_costs_80(settings)
    assert client.post("/", form()).status_code == 303
    assert Appointment.objects.get().price == Decimal("80.00")


def test_a_program_books_at_what_is_true_now(client, provider, settings):
    wish = booking_json(at=TEN, seen_price="1.00 eur")
    answer = client.post("/api/appointments", wish, content_type="application/json")
    assert (answer.status_code, answer.json()["price"]) == (201, "60.00")


SEEN = [
    "seen_provider",
    "seen_service",
    "seen_minutes",
    "seen_price",
    "seen_due_online",
    "seen_terms",
    "seen_place",
    "seen_zone",
]
RUBBISH = [
    "rubbish", "\x00", "\u202e", "-1", "0", "9" * 5000, "١٢", "1e999999 eur", "NaN eur", "60.00 xyz", "60.00 EUR",
    "48h 900%", "../etc/passwd", "x" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("field", SEEN)
@pytest.mark.parametrize("value", RUBBISH, ids=lambda value: ascii(value[:12]))
def test_what_no_page_of_ours_has_shown_counts_as_different(client, provider, field, value):
    sent = {**opened(client), field: value}
    answer = client.post("/", sent)
    page = Page(answer)
    assert (answer.status_code, page.problem[0], Appointment.objects.count()) == (409, CHANGED, 0)
    assert ("x" * 201 in page.html, "\u202e" in page.html) == (False, False)
    assert client.post("/", page.fields).status_code == 303


def test_a_price_that_cannot_be_read_is_not_quoted(client, provider):
    page = Page(client.post("/", {**opened(client), "seen_price": "<b>1</b>"}))
    assert page.problem == [CHANGED, "The price is now €60.00.", AGAIN]


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        ("deposit", "online", "What is paid online is now the whole price. When you opened this page it was €20.00."),
        ("deposit", "at practice", "What is paid online is now nothing. When you opened this page it was €20.00."),
        ("at practice", "deposit", "What is paid online is now €20.00. When you opened this page it was nothing."),
        (
            "at practice",
            "online",
            "What is paid online is now the whole price. When you opened this page it was nothing.",
        ),
    ],
)
def test_how_it_is_paid_is_taken_at_the_second_press(client, provider, was, now, sentence):
    Service.objects.update(payment=was, deposit=Decimal("20.00"))
    sent = opened(client)
    Service.objects.update(payment=now)
    page = Page(answer := client.post("/", sent))
    assert (answer.status_code, page.problem, Appointment.objects.count()) == (409, [CHANGED, sentence, AGAIN], 0)
    assert client.post("/", page.fields).status_code == 303
    assert Appointment.objects.get().due_online == Service.objects.get().due_online


def test_another_price_with_the_same_deposit_is_one_change(client, provider, settings):
    takes_a_deposit(settings)
    sent = opened(client)
    now_costs_80(settings)
    assert Page(client.post("/", sent)).problem == [CHANGED, dict(CHANGES)[now_costs_80], AGAIN]


def test_what_was_mistyped_and_what_has_changed_are_said_together(client, provider, settings):
    sent = {**opened(client), "client_email": "jo"}
    now_costs_80(settings)
    answer = client.post("/", sent)
    said = [CHANGED, dict(CHANGES)[now_costs_80], AGAIN, "There is a problem"]
    assert (answer.status_code, Page(answer).problem[:4]) == (422, said)


def test_a_time_that_went_and_a_price_that_changed_are_said_together_and_the_next_time_takes_both(
    client, provider, settings
):
    sent = opened(client)
    make_appointment(provider=provider, at=instant(TEN), status="confirmed")
    now_costs_80(settings)
    page = Page(client.post("/", sent))
    assert page.problem[:2] == ["That time was taken a moment ago.", dict(CHANGES)[now_costs_80]]
    assert client.post("/", {**page.fields, "appointment_time": page.buttons[0][1]}).status_code == 303
    assert Appointment.objects.get(client_name="Jo Malone").price == Decimal("80.00")


def test_the_times_offered_instead_bring_along_what_they_show(client, provider, settings):
    sent = opened(client)
    make_appointment(provider=provider, at=instant(TEN), status="confirmed")
    page = Page(client.post("/", sent))
    now_costs_80(settings)
    again = Page(client.post("/", {**page.fields, "appointment_time": page.buttons[0][1]}))
    assert again.problem == [CHANGED, dict(CHANGES)[now_costs_80], AGAIN]
    assert Appointment.objects.filter(client_name="Jo Malone").count() == 0


@pytest.mark.parametrize(
    "gone",
    [
        lambda provider: Provider.objects.update(active=False),
        lambda provider: Service.objects.update(active=False),
        lambda provider: provider.services.clear(),
        lambda provider: Service.objects.update(slug="other"),
    ],
    ids=["provider", "service", "no longer offered", "renamed"],
)
def test_what_is_not_offered_any_more_is_named(client, provider, gone):
    sent = opened(client)
    gone(provider)
    page = Page(answer := client.post("/", sent))
    words = "Consultation with Dr Ada Byrne can no longer be booked here, so nothing was booked. Choose from the list."
    assert (answer.status_code, page.problem, Appointment.objects.count()) == (422, [words], 0)


def test_a_price_that_the_new_currency_cannot_have_is_refused_with_a_sentence(client, provider, settings):
    Service.objects.update(price=Decimal("60.50"))
    sent = opened(client)
    settings.CURRENCY = "jpy"
    page = Page(answer := client.post("/", sent))
    assert (answer.status_code, Appointment.objects.count()) == (422, 0)
    assert page.problem[0] == "This service cannot be booked online at the moment. Ask the practice."


def test_a_name_with_a_quote_in_it_comes_back_as_it_was_shown(client):
    make_provider(name='Dr Ada O\'Neill & "Co"', services=[make_service()])
    sent = {**Page(client.get(f"/?provider=dr-ada-oneill-co&service=consultation&time={TEN}")).fields, **TYPED}
    assert client.post("/", sent).status_code == 303
