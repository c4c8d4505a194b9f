"""Every page in every state that a client can meet, made from rows: quick to reach, and each with a name.

A state is a function that leaves the browser on its page, and the words by which one knows that it is there.
"""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.utils import timezone
from playwright.sync_api import expect

from booking.mail import sending
from booking.models import Appointment, Provider
from booking.pages.holds import COOKIE, Holds
from payments.checkout import open_session
from payments.models import Payment
from payments.sandbox import checkout as stripe_checkout
from tests.factories import in_days, make_appointment, make_provider, make_service
from tests.payments.sandbox.conftest import session_params

NOWHERE = "http://127.0.0.1:9"
# What real people bring, and a narrow page has to find room for.
LONG_NAME = "Priv.-Doz. Dr Wilhelmine Freifrau von Donaudampfschifffahrtsgesellschaft"
LONG_EMAIL = "wilhelmine.donaudampfschifffahrtsgesellschaft@rehabilitationszentrum.example.com"


@dataclass
class Site:
    """The site with a browser in front of it."""

    page: Any
    settings: Any
    monkeypatch: Any

    def open(self, path: str) -> None:
        self.page.goto(path)

    def press(self, name: str, role: str = "button") -> None:
        self.page.get_by_role(role, name=name, exact=True).click()

    def lose_stripe(self) -> None:
        self.settings.STRIPE_API_BASE = NOWHERE

    def keeps(self, *appointments: Appointment) -> None:
        """This browser made them."""
        answer = HttpResponse()
        holds = Holds([])
        for appointment in appointments:
            holds.add(appointment.reference, answer)
        cookie = {"name": COOKIE, "value": answer.cookies[COOKIE].value, "url": self.settings.SITE_URL}
        self.page.context.add_cookies([cookie])


Build = Callable[[Site], None]
STATES: dict[str, tuple[str, Build]] = {}


def state(words: str) -> Callable[[Any], Any]:
    def keep(build: Any) -> Any:
        STATES[build.__name__.replace("_", " ")] = words, build
        return build

    return keep


def each(cases: dict[str, tuple[str, dict[str, Any]]]) -> Callable[[Any], Any]:
    """One state for each case: its name, its words, its facts."""

    def keep(build: Any) -> Any:
        for name, (words, facts) in cases.items():
            STATES[f"{build.__name__.replace('_', ' ')}, {name}"] = words, partial(build, **facts)
        return build

    return keep


# Choosing


def practice() -> Provider:
    consultation = make_service(name="Consultation", price="60.00")
    call = make_service(name="Introductory call", minutes=15, price="0.00", position=1)
    provider = make_provider(name=LONG_NAME, services=[consultation, call])
    provider.title, provider.bio = "General practitioner", "Family doctor for twenty years; takes time to listen."
    provider.place = "12 Linden Road, Dublin 6"
    provider.save()
    return provider


def choice(provider: Provider, service: str = "consultation", **query: str) -> str:
    rest = "".join(f"&{name}={value.replace('+', '%2B')}" for name, value in query.items())
    return f"/?provider={provider.slug}&service={service}{rest}"


@state("Nobody can be booked online yet.")
def no_provider_yet(site):
    site.open("/")


@state("Who and what?")
def the_start_page(site):
    practice()
    make_provider(name="Daniel Okafor", services=[make_service(name="Physiotherapy")])
    site.open("/")


@state("Pay or give it back")
def the_start_page_with_a_time_kept(site):
    site.keeps(appointment(practice()))
    site.open("/")


@state("What for?")
def the_services_of_one_provider(site):
    site.open(f"/?provider={practice().slug}")


@state("We do not know this provider or service.")
def an_unknown_provider(site):
    practice()
    site.open("/?provider=nobody")


@state("You have this time already:")
def back_at_a_time_that_is_booked_by_now(site):
    mine = appointment(practice(), status="confirmed")
    site.keeps(mine)
    site.open(choice(mine.provider, time=mine.appointment_time.isoformat()))


@state("Next free time:")
def the_calendar(site):
    site.open(choice(practice()))


@state("When?")
def the_calendar_swapped_in(site):
    practice()
    site.open("/")
    site.page.locator(".services a").first.click()


@state("Show times there")
def the_calendar_on_another_clock(site):
    site.open(choice(practice(), zone="America/New_York"))
    site.page.get_by_text("Change the time zone").click()


@state("No free times on this day.")
def a_day_without_times(site):
    provider = practice()
    midnight = in_days(3, "00:00", provider=provider)
    provider.time_off.create(starts=midnight, ends=midnight + timedelta(days=1))
    site.open(choice(provider, date=f"{midnight.astimezone(provider.zone):%Y-%m-%d}"))


@state("No free times in")
def a_month_without_times(site):
    provider = practice()
    provider.time_off.create(starts=in_days(7, provider=provider), ends=in_days(200, provider=provider))
    site.open(choice(provider, date=f"{in_days(45, provider=provider):%Y-%m}"))


@state("There are no free times in the next weeks.")
def no_free_time_at_all(site):
    provider = practice()
    provider.time_off.create(starts=in_days(-1, provider=provider), ends=in_days(400, provider=provider))
    site.open(choice(provider))


@state("That day cannot be booked here.")
def a_day_that_is_over(site):
    site.open(choice(practice(), date="2020-01-01"))


@state("These are the nearest free times:")
def a_time_that_is_taken(site):
    provider = practice()
    taken = appointment(provider, status="confirmed")
    site.open(choice(provider, time=taken.appointment_time.isoformat()))


# The details


def open_details(site, service="consultation"):
    provider = practice()
    site.open(choice(provider, service, time=in_days(3, provider=provider).isoformat()))
    return provider


@state("We keep this time for you while you pay")
def the_details(site):
    open_details(site)


@state("10:00 Dublin time")
def the_details_on_another_clock(site):
    provider = practice()
    site.open(choice(provider, zone="America/New_York", time=in_days(3, provider=provider).isoformat()))


@state("This appointment is free of charge.")
def the_details_of_what_is_free(site):
    open_details(site, "introductory-call")


@state("There is a problem")
def the_details_with_errors(site):
    open_details(site)
    site.page.get_by_label("Email address").fill("jo@example")
    site.page.get_by_label("Your name").fill("J" * 101)
    site.page.get_by_label("Note").fill("n" * 1001)
    site.press("Hold this time")


@state("What you typed is still here.")
def the_details_of_a_time_just_taken(site):
    provider = open_details(site)
    appointment(provider, status="confirmed")
    site.page.get_by_label("Email address").fill("jo@example.com")
    site.press("Hold this time")


@state("You are keeping this time")
def the_details_of_a_time_that_is_kept(site):
    mine = appointment(practice(), client_name="Jo")
    site.keeps(mine, appointment(mine.provider, days=4))
    site.open(choice(mine.provider, time=mine.appointment_time.isoformat()))
    site.page.get_by_text("Change your details").click()


@state("The price is now €80.00.")
def the_details_of_what_has_changed_meanwhile(site):
    provider = open_details(site)
    site.page.get_by_label("Email address").fill("jo@example.com")
    provider.services.filter(slug="consultation").update(price="80.00", duration_minutes=60)
    site.press("Hold this time")


@state("You keep 3 unpaid times already.")
def the_details_with_too_many_times_kept(site):
    provider = practice()
    site.keeps(*[appointment(provider, days=days) for days in (4, 5, 6)])
    site.open(choice(provider, time=in_days(3, provider=provider).isoformat()))
    site.page.get_by_label("Email address").fill("jo@example.com")
    site.press("Hold this time")


# Paying


def appointment(provider: Provider | None = None, *, days: int = 3, **facts: Any) -> Appointment:
    provider = provider or practice()
    note = "The left knee, since a fall on the stairs.\nI come with crutches."
    words = {"email": LONG_EMAIL, "client_name": "Wilhelmine Donaudampfschifffahrtsgesellschaft", "note": note}
    service = provider.services.get(slug=facts.pop("service", "consultation"))
    return make_appointment(
        provider=provider, service=service, at=in_days(days, provider=provider), **{**words, **facts}
    )


def payment_of(booked: Appointment, *, status: str = "paid", **facts: Any) -> Payment:
    money = {"amount": 6000, "currency": booked.currency, "amount_captured": 6000 if status == "paid" else 0}
    known = {"expires_at": timezone.now(), "params": {}, "checkout_session_id": f"cs_{booked.pk}_{status}"}
    return Payment.objects.create(appointment=booked, status=status, **{**money, **known, **facts})


@state("You pay by card on Stripe")
def the_pay_page(site):
    site.open(f"/payments/{appointment().reference}/")
    site.page.locator("main summary").click()


@state("Pay to confirm")
def the_pay_page_swapped_in(site):
    open_details(site)
    site.page.get_by_label("Email address").fill("jo@example.com")
    site.press("Hold this time")


@state("You came back from the payment page.")
def the_pay_page_after_stripe(site):
    site.open(f"/payments/{appointment().reference}/cancelled/")


@state("Stripe cannot be reached at the moment.")
def the_pay_page_with_stripe_out_of_reach(site):
    site.lose_stripe()
    site.open(f"/payments/{appointment().reference}/")
    site.press("Pay with Stripe")


@state("A payment for this time is on its way.")
def the_pay_page_of_a_slow_payment(site):
    booked = appointment(hold_expires_at=None)
    payment_of(booked, status="processing")
    site.open(f"/payments/{booked.reference}/")


@state("Do not pay again")
def the_pay_page_of_what_is_paid_already(site):
    booked = appointment()
    payment_of(booked)
    site.open(f"/payments/{booked.reference}/")
    site.press("Pay with Stripe")


@state("This time was given back")
def a_hold_that_ran_out_before_pay_was_pressed(site):
    booked = appointment()
    site.open(f"/payments/{booked.reference}/")
    Appointment.objects.update(hold_expires_at=timezone.now())
    site.press("Pay with Stripe")


GIVEN_BACK = {"status": "cancelled", "cancelled_at": timezone.now()}
CANCELLED = {**GIVEN_BACK, "confirmed_at": timezone.now()}


@each(
    {
        "confirmed": ("Appointment confirmed", {"status": "confirmed"}),
        "not heard of": ("Checking your payment", {"payment": {"status": "open"}}),
        "on its way": ("Your payment is on its way", {"payment": {"status": "processing"}}),
        "not paid": ("Not paid", {"payment": {"status": "expired"}}),
        "paid twice": ("your money goes back", {"status": "confirmed", "payment": {"problem": "paid twice"}}),
        "paid too late": ("your money goes back", {**GIVEN_BACK, "payment": {"problem": "time gone"}}),
        "of another amount": ("and we look into it", {"payment": {"problem": "mismatch"}}),
        "unknown": ("We cannot find your payment", {"payment": {"problem": "unknown", "status": "failed"}}),
        "cancelled since": ("Appointment cancelled", CANCELLED),
    }
)
def back_from_stripe(site, payment=None, **facts):
    site.lose_stripe()
    booked = appointment(**facts)
    paid = payment_of(booked, **(payment or {}))
    site.open(f"/payments/{booked.reference}/success/?session_id={paid.checkout_session_id}")


# The appointment


@each(
    {
        "held": ("Your time is kept", {}),
        "held for a slow payment": ("Your time is kept", {"hold_expires_at": None}),
        "confirmed": ("Appointment confirmed", {"status": "confirmed"}),
        "confirmed and free": ("Appointment confirmed", {"status": "confirmed", "service": "introductory-call"}),
        "moved": ("Your appointment was moved.", {"status": "confirmed", "moved_from": timezone.now()}),
        "over": ("Appointment confirmed", {"status": "confirmed", "days": -1}),
        "cancelled": ("Appointment cancelled", CANCELLED),
        "given back": ("This time was given back", GIVEN_BACK),
        "expired": ("This time was given back", {"status": "expired"}),
    }
)
def the_appointment(site, **facts):
    site.open(f"/appointments/{appointment(**facts).reference}/")


@each(
    {
        "returned": ("€60.00 was returned.", {"status": "succeeded"}),
        "on its way": ("€60.00 is on its way back to you.", {"status": "pending"}),
        "waiting for the bank": ("€60.00 is waiting.", {"status": "owed", "dispute": "needs_response"}),
        "failed": ("could not be returned to your card.", {"status": "failed"}),
        "with the bank": ("Your bank has returned your payment.", {"status": "canceled", "dispute": "lost"}),
    }
)
def the_money_of_a_cancelled_appointment(site, status, dispute=""):
    booked = appointment(**GIVEN_BACK)
    paid = payment_of(booked, dispute=dispute, refund_due=0 if dispute == "lost" else 6000)
    paid.refunds.create(attempt=1, amount=6000, reason="cancelled", status=status)
    site.open(f"/appointments/{booked.reference}/")


@each(
    {
        "all of it comes back": ("Cancel and get €60.00 back", {"days": 5}),
        "half of it comes back": ("Cancel and get €30.00 back", {"days": 2, "cancellation_policy": "24h 50%"}),
        "some went back before": ("has gone back to you already", {"days": 5, "returned": Decimal("20.00")}),
        "too late": ("it is too late for that", {"days": 2, "cancellation_policy": "72h 100%"}),
        "nothing ever comes back": ("This practice returns nothing", {"cancellation_policy": ""}),
        "free": ("Keep the appointment", {"service": "introductory-call"}),
    }
)
def the_cancel_step(site, **facts):
    site.open(f"/appointments/{appointment(status='confirmed', **facts).reference}/cancel/")


@state("Nothing was cancelled yet.")
def the_cancel_step_when_its_terms_have_changed(site):
    booked = appointment(status="confirmed", days=5)
    site.open(f"/appointments/{booked.reference}/cancel/")
    Appointment.objects.update(returned=Decimal("20.00"))
    site.press("Cancel and get €60.00 back")


@state("This appointment has begun or is over")
def the_appointment_that_began_before_cancel_was_pressed(site):
    booked = appointment(status="confirmed", service="introductory-call")
    site.open(f"/appointments/{booked.reference}/cancel/")
    begun = timezone.now() - timedelta(minutes=1)
    Appointment.objects.update(appointment_time=begun)
    site.press("Cancel this appointment")


@state("Leave it as it is")
def another_time_for_an_appointment(site):
    site.open(f"/appointments/{appointment(status='confirmed', days=5).reference}/reschedule/")


@state("Take this time instead?")
def the_step_that_changes_the_time(site):
    moved = appointment(status="confirmed", days=5)
    later = (moved.appointment_time + timedelta(days=1)).isoformat().replace("+", "%2B")
    site.open(f"/appointments/{moved.reference}/reschedule/?time={later}")


def about_to_move(site, **facts):
    """In front of the step whose button moves it."""
    moved = appointment(**{"status": "confirmed", "days": 5, **facts})
    later = quote(in_days(6, provider=moved.provider).isoformat())
    site.open(f"/appointments/{moved.reference}/reschedule/?time={later}")
    return moved


@state("That time was taken a moment ago.")
def a_time_that_was_taken_before_the_appointment_moved(site):
    moved = about_to_move(site)
    make_appointment(provider=moved.provider, at=in_days(6, provider=moved.provider), status="confirmed")
    site.press("Change the time")


@state("so nothing was changed. Try again soon.")
def moving_with_stripe_out_of_reach(site):
    moved = about_to_move(site, status="held")
    open_session(moved)
    site.lose_stripe()
    site.press("Change the time")


@state("The time of this appointment can no longer be changed here.")
def moving_what_was_cancelled_in_another_tab(site):
    moved = about_to_move(site)
    moved.cancel(Decimal(0))
    site.press("Change the time")


@state("If you have lost our mail")
def finding_an_appointment(site):
    site.open("/appointments/find/")


@state("There is a problem")
def finding_an_appointment_by_no_address(site):
    site.open("/appointments/find/")
    site.press("Mail me the links")


@state("Look in your mail")
def finding_an_appointment_when_it_was_asked_for(site):
    site.open("/appointments/find/asked/")


@state("We cannot mail you the link of your appointment.")
def finding_an_appointment_where_no_mail_is_sent(site):
    site.settings.MAIL_IS_SENT = False
    site.open("/appointments/find/")


@contextmanager
def a_mailbox(site):
    """In which the mail about an appointment lies."""
    site.settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    with TemporaryDirectory() as folder:
        site.settings.EMAIL_FILE_PATH = folder
        appointment().confirm()
        sending.send_due(timezone.now())
        site.open("/mail/")
        yield


@state("This is a development site.")
def the_development_mailbox(site):
    with a_mailbox(site):
        expect(site.page.get_by_role("link", name="Confirmed: ")).to_be_visible()


@state("Confirmed: ")
def a_mail_in_the_development_mailbox(site):
    with a_mailbox(site):
        site.page.locator(".mails a").click()
        expect(site.page.get_by_role("heading", name="Confirmed: ")).to_be_visible()


# What goes wrong, and what programs read


@state("There is nothing at this address")
def an_unknown_address(site):
    site.open("/nowhere/")


@state("That cannot be done here")
def an_address_that_is_only_posted_to(site):
    site.open(f"/payments/{appointment().reference}/checkout/")


@state("Your browser did not send our cookie")
def a_browser_without_cookies(site):
    open_details(site)
    site.page.context.clear_cookies()
    site.press("Hold this time")


@state("Something went wrong on our side")
def a_fault_of_our_own(site):
    def fail(request):
        raise RuntimeError("on purpose")

    site.monkeypatch.setattr("booking.pages.book.choose", fail)
    site.open("/")


@state("There is no connection.")
def a_connection_that_was_lost(site):
    open_details(site)
    site.page.context.set_offline(True)
    site.press("Hold this time")


@state("For programs")
def the_description_for_programs(site):
    site.open("/api/docs")


# The sandbox's payment page


def open_hosted(site, **facts):
    session = stripe_checkout.create(session_params())
    session.change(**facts)
    site.open(f"/stripe-sandbox/pay/{session.pk}")


def pay(site, number, expiry="12 / 34", cvc="123"):
    site.page.get_by_label("Card number").fill(number)
    site.page.get_by_label("Expiry").fill(expiry)
    site.page.get_by_label("CVC").fill(cvc)
    site.press("Pay")


@state("Pay by card")
def the_hosted_page(site):
    open_hosted(site)


@state("Nothing was charged yet.")
def the_hosted_page_with_errors(site):
    open_hosted(site)
    pay(site, "4242", "13 / 34", "12")


@state("Your card has insufficient funds.")
def the_hosted_page_after_a_decline(site):
    open_hosted(site)
    pay(site, "4000 0000 0000 9995")


@state("Your bank asks whether it is you")
def the_hosted_page_when_the_bank_asks(site):
    open_hosted(site)
    pay(site, "4000 0027 6000 3184")


@state("This payment page has expired")
def the_hosted_page_expired(site):
    open_hosted(site, status="expired")


@state("This is already paid")
def the_hosted_page_paid(site):
    open_hosted(site, status="complete")


@state("There is no such payment page")
def the_hosted_page_unknown(site):
    site.open("/stripe-sandbox/pay/cs_test_nobody")
