"""In each language a client chooses, books, pays, reads the mails, moves, cancels and waits, and meets no English."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency
from django.core import mail as outbox
from django.core.management import call_command
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from booking.mail import sending
from booking.models import Appointment, WaitingEntry
from booking.schedule import telling
from config import languages
from payments.models import Payment
from tests.booking.clock import NOW
from tests.booking.waiting import links
from tests.factories import in_days, make_appointment, make_provider, make_service
from tests.languages.english import Texts, left_over, plain
from tests.pages import Page, form_of
from tests.payments.sandbox.pay_page import PayPage
from tests.shapes import booking_form

pytestmark = [pytest.mark.any_engine, pytest.mark.django_db(transaction=True)]

# Whose customs each language has at a practice in Ireland.
CUSTOMS = {"en": "en_IE", "pt": "pt_PT"}
CHOICE = {"provider": "dr-ada-byrne", "service": "consultation"}


@pytest.fixture(params=languages.NAMES)
def language(request, settings):
    """The practice offers all of them. Its own is another than the client's, so that nothing is right by chance."""
    own = "de" if request.param == "en" else "en"
    codes = [own, *(code for code in languages.NAMES if code != own)]
    settings.LANGUAGES = [(f"{code}-ie", languages.NAMES[code]) for code in codes]
    settings.LANGUAGE_CODE, settings.CANCELLATION_POLICY = f"{own}-ie", "0h 100%"
    with translation.override(f"{request.param}-ie"):
        yield request.param


@pytest.fixture
def provider(live_server, time_machine):
    """One hour a day can be booked. It is Monday noon, so those who wait are told at once and not in the morning."""
    time_machine.move_to(NOW)
    return make_provider(services=[make_service(minutes=60)], hours=[("10:00", "11:00")])


@pytest.fixture
def reader(client, language):
    """Opens pages as a browser of that language does."""
    return Reader(client, language)


class Reader:
    def __init__(self, client, language):
        self.client, self.language = client, language
        self.asks = {"headers": {"Accept-Language": language}}

    def open(self, address):
        return self.read(self.client.get(address, **self.asks))

    def post(self, address, fields):
        """Return the page that the answer leads to."""
        answer = self.client.post(address, fields, **self.asks)
        return self.open(answer["Location"]) if answer.status_code == 303 else self.read(answer)

    def read(self, answer):
        page = Page(answer)
        check_language(page.html, self.language)
        return page


def check_language(html, language):
    assert f'<html lang="{language}-ie">' in html
    assert left_over(Texts(html).found, language) == []


def new_mails(language):
    """Send what is owed. Return the mails since the last time, of which each line is in the language."""
    telling.see_to_who_waits(timezone.now())
    sending.send_due(timezone.now())
    mails, outbox.outbox[:] = outbox.outbox[:], []
    for mail in mails:
        check_language(mail.alternatives[0].content, language)
        assert left_over([mail.subject, *mail.body.splitlines()], language) == []
    return mails


def written(appointment, language):
    """The day, the clock and the price of an appointment as Babel writes them."""
    locale, start = Locale.parse(CUSTOMS.get(language, language)), appointment.appointment_time
    here = start.astimezone(appointment.provider.zone)
    price = format_currency(appointment.price, "EUR", locale=locale)
    return format_date(here, "full", locale), format_time(here.time(), "short", locale=locale), price


def said(sentence, **values):
    """The sentence in the language that is active, with single spaces as the pages are read here."""
    return plain(_(sentence) % values)


def when(day, clock):
    return said("%(day)s, %(time)s", day=day, time=clock)


def subjects(mails):
    return [plain(mail.subject) for mail in mails]


def pay(reader, appointment):
    answer = reader.client.post(f"/payments/{appointment.reference}/checkout/", **reader.asks)
    hosted = PayPage(answer["Location"])
    check_language_of_stripe(hosted.open().text, reader.language)
    return reader.open(hosted.pay().headers["Location"])


def check_language_of_stripe(html, language):
    """Stripe knows the language without a country."""
    assert f'<html lang="{language}"' in html
    assert left_over(Texts(html).found, language) == []
    assert Payment.objects.get().params["locale"] == language


def test_from_the_first_page_to_the_last_mail(reader, provider, language, time_machine):
    at = in_days(5, provider=provider)
    booked = book(reader, at)
    day, clock, price = written(booked, language)
    confirmed = pay(reader, booked)
    assert (confirmed.heading("h1"), day in confirmed.html, clock in confirmed.html) == (
        [said("Appointment confirmed")],
        True,
        True,
    )
    event = reader.client.get(f"/appointments/{booked.reference}/calendar.ics", **reader.asks)
    assert left_over(re.findall(r"^[A-Z-]+:(.*)\r$", event.text, re.MULTILINE), language) == []
    [mail] = new_mails(language)
    assert plain(mail.subject) == said("Confirmed: %(when)s", when=when(day, clock))
    assert (price in mail.body, day in mail.body) == (True, True)

    move(reader, booked, in_days(6, provider=provider))
    day, clock, _price = written(booked, language)
    assert subjects(new_mails(language)) == [said("New time: %(when)s", when=when(day, clock))]
    time_machine.move_to(booked.appointment_time - timedelta(hours=23))
    assert subjects(new_mails(language)) == [said("Reminder: %(when)s", when=when(day, clock))]
    cancel(reader, booked, price)
    call_command("tick")
    assert set(subjects(new_mails(language))) == {
        said("Cancelled: %(when)s", when=when(day, clock)),
        said("%(amount)s was returned to you", amount=price),
    }


def book(reader, at):
    """Go from the first page to that of paying, with an address that is mistyped at first."""
    assert reader.open("/").heading("h1") == [said("When suits you?")]
    details = reader.open(f"/?{urlencode({**CHOICE, 'time': at.isoformat()})}")
    assert details.heading("h1") == [said("Your details")]
    refused = reader.post("/", booking_form(at=at, email="jo@example"))
    assert said("Enter an email address, like name@example.com.") in refused.problem
    summary = reader.post("/", booking_form(at=at))
    booked = Appointment.objects.get()
    facts = [fact in summary.html for fact in written(booked, reader.language)]
    assert (summary.heading("h1"), facts) == ([said("Pay to confirm")], [True, True, True])
    return booked


def move(reader, booked, later):
    page = f"/appointments/{booked.reference}/reschedule/"
    assert reader.open(page).heading("h1") == [said("When suits you better?")]
    question = reader.open(f"{page}?{urlencode({'time': later.isoformat()})}")
    assert question.heading("h1") == [said("Take this time instead?")]
    moved = reader.post(page, {"appointment_time": later.isoformat()})
    assert moved.heading("h1") == [said("Appointment confirmed")]
    booked.refresh_from_db()


def cancel(reader, booked, price):
    page = f"/appointments/{booked.reference}/cancel/"
    question = reader.open(page)
    assert said("Cancel and get %(amount)s back", amount=price) in question.text
    assert reader.post(page, form_of(question.html)).heading("h1") == [said("Appointment cancelled")]


def test_who_waits_is_asked_and_told_of_a_time(reader, provider, language):
    taken = make_appointment(provider=provider, at=in_days(2, provider=provider), status="confirmed")
    day, clock, _price = written(taken, language)
    wish = f"{taken.appointment_time:%Y-%m-%d}"
    calendar = reader.open(f"/?{urlencode({**CHOICE, 'date': wish})}")
    asking = reader.open(calendar.links[said("No time suits you? Join the waiting list")])
    assert asking.heading("h1") == [said("Join the waiting list")]
    reader.post("/waiting/", {**CHOICE, "client_email": "wendy@example.com", "wish": wish})
    [mail] = new_mails(language)
    assert plain(mail.subject) == said("Shall we tell you when a time becomes free?")
    [key] = links(mail)
    reader.open(f"/{key}")
    assert reader.post(f"/{key}", {}).heading("h1") == [said("You are waiting")]
    taken.cancel()
    told = [mail for mail in new_mails(language) if mail.to == ["wendy@example.com"]]
    assert subjects(told) == [said("Free: %(time)s", time=when(day, clock))]
    ended = reader.post(f"/{key}stop/", {})
    assert ended.heading("h1") == [said("You are no longer waiting")]
    assert WaitingEntry.objects.get().ended_at <= timezone.now()
