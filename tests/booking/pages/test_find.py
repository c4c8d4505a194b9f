"""Whoever has lost our mail gets the links again, by mail. The page itself tells nobody who has appointments."""

from datetime import timedelta
from functools import partial

import pytest
from django.core import mail as outbox
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from booking.mail import sending
from booking.models import Appointment, LinksRequest, Mail
from tests.factories import in_days, make_appointment
from tests.pages import Page, page_and_htmx

pytestmark = pytest.mark.django_db

FIND = "/appointments/find/"
SAID = "If there are coming appointments for that address, a mail with their links is on its way."


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(timezone.now(), tick=False)


@pytest.fixture
def booked(provider):
    return make_appointment(provider=provider, at=in_days(5, provider=provider), status="confirmed")


def ask(client, email="jo@example.com", **more):
    return client.post(FIND, {"client_email": email}, **more)


def sent():
    """Answer requests and send mail as tick does; return to whom each was sent and the links in it."""
    outbox.outbox.clear()
    LinksRequest.objects.answer(timezone.now())
    sending.send_due(timezone.now())
    return [(mail.to[0], links_in(mail.body)) for mail in outbox.outbox]


def links_in(text):
    return [line for line in text.splitlines() if "/appointments/" in line]


def page_of(appointment):
    return appointment.absolute_url


@page_and_htmx
def test_the_links_are_mailed_to_whom_they_belong(client, booked, headers):
    answer = ask(client, headers=headers)
    assert (answer.status_code, answer["Location"]) == (303, "/appointments/find/asked/")
    shown = client.get(answer["Location"], headers=headers)
    assert (shown.status_code, SAID in Page(shown).text) == (200, True)
    assert sent() == [("jo@example.com", [page_of(booked)])]


def test_held_and_confirmed_ones_that_are_ahead_are_found_and_no_others(client, provider, booked):
    held = make_appointment(provider=provider, at=in_days(3, provider=provider))
    for at, status in ((4, "cancelled"), (6, "expired"), (-2, "confirmed")):
        make_appointment(provider=provider, at=in_days(at, provider=provider), status=status)
    make_appointment(provider=provider, at=in_days(7, provider=provider), email="ann@example.com")
    make_appointment(provider=provider, at=in_days(8, provider=provider), hold_minutes=-1)
    ask(client)
    assert sent() == [("jo@example.com", [page_of(held), page_of(booked)])]


@pytest.mark.parametrize(
    ("asked", "found"),
    [("JO@Example.COM", 1), ("jo+knee@example.com", 0), ("j_@example.com", 0), ("%", 0), ("o@example.com", 0)],
)
def test_only_the_very_address_is_found_whatever_its_capitals(client, booked, asked, found):
    ask(client, asked)
    assert sent() == [("jo@example.com", [page_of(booked)])] * found


def test_whose_address_it_is_shows_in_nothing_that_is_answered(client, booked):
    """The answer is the same for a stranger's address, and so are the statements sent to the database."""
    told = []
    for email in ("jo@example.com", "nobody@example.com", "jo@example.com", "nobody@example.com"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = ask(client, email)
            shown = client.get(answer["Location"])
        statements = [query["sql"].partition(" ")[0] for query in queries]
        told.append((answer.status_code, answer["Location"], answer.content, shown.content, statements))
    assert [one == told[0] for one in told] == [True] * 4


def test_the_address_is_in_no_address_and_is_forgotten_after_an_hour(client, booked, time_machine):
    answer = ask(client)
    assert "jo" not in answer["Location"]
    sent()
    time_machine.shift(timedelta(minutes=59))
    sent()
    assert LinksRequest.objects.count() == 1
    time_machine.shift(timedelta(minutes=1))
    sent()
    assert LinksRequest.objects.count() == 0


def test_one_address_gets_one_such_mail_an_hour(client, booked, time_machine):
    counts = []
    for minutes in (0, 1, 58, 1, 30):
        time_machine.shift(timedelta(minutes=minutes, seconds=1 if minutes == 1 else 0))
        ask(client, "Jo@example.com")
        counts.append(len(sent()))
    assert counts == [1, 0, 0, 1, 0]


def test_asked_again_before_any_tick_came_by_after_an_hour_it_is_answered(client, booked, time_machine):
    ask(client)
    time_machine.shift(timedelta(hours=2))
    ask(client)
    assert len(sent()) == 1


def test_what_waited_for_the_mail_server_is_one_mail_and_tells_of_what_is_coming_by_then(
    client, provider, booked, time_machine
):
    ask(client)
    LinksRequest.objects.answer(timezone.now())
    time_machine.shift(timedelta(hours=2))
    ask(client)
    LinksRequest.objects.answer(timezone.now())
    Appointment.objects.update(status="cancelled")
    other = make_appointment(provider=provider, at=in_days(9, provider=provider), status="confirmed")
    assert sent() == [("jo@example.com", [page_of(other)])]


def test_with_nothing_ahead_any_more_nothing_is_sent(client, booked):
    ask(client)
    LinksRequest.objects.answer(timezone.now())
    Appointment.objects.update(status="cancelled")
    assert (sent(), [mail.status for mail in Mail.objects.filter(kind="links")]) == ([], ["dropped"])


def test_asking_keeps_nobody_from_hearing_what_matters(client, provider, booked):
    """Anybody may type a stranger's address many times. That must not use up the stranger's mails of the hour."""
    for _ in range(10):
        ask(client)
        LinksRequest.objects.answer(timezone.now())
    for days in range(10, 14):
        make_appointment(provider=provider, at=in_days(days, provider=provider)).confirm()
    assert len(sent()) == 5


@pytest.mark.django_db(transaction=True)
def test_asked_and_answered_by_many_at_the_same_moment_it_is_one_mail(booked, together):
    now = timezone.now()
    together(*[partial(LinksRequest.objects.ask, "jo@example.com", now)] * 4)
    together(*[partial(LinksRequest.objects.answer, now)] * 4)
    assert (LinksRequest.objects.count(), Mail.objects.filter(kind="links").count()) == (1, 1)


@pytest.mark.parametrize("email", ["", "jo", "jo@", "jo@example.com\nBcc: x@example.com", "=?utf-8?q?a?=@example.com"])
@page_and_htmx
def test_what_is_no_address_is_422_with_a_sentence(client, email, headers):
    page = Page(answer := ask(client, email, headers=headers))
    assert (answer.status_code, LinksRequest.objects.count()) == (422, 0)
    assert page.problem == ["There is a problem", "Enter an email address, like name@example.com."]
    assert page.fields["client_email"] == email


def test_where_no_mail_is_sent_nothing_is_promised(client, booked, settings):
    settings.MAIL_IS_SENT, settings.PRACTICE_PHONE = False, "+353 1 555 0100"
    for answer in (client.get(FIND), ask(client), client.get("/appointments/find/asked/")):
        page = Page(answer)
        assert page.links["+353 1 555 0100"] == "tel:+35315550100"
        assert ("client_email" in page.fields, SAID in page.text) == (False, False)
    assert LinksRequest.objects.count() == 0


def test_looking_sends_nothing(client, booked):
    assert [client.get(page).status_code for page in (FIND, "/appointments/find/asked/")] == [200, 200]
    assert LinksRequest.objects.count() == 0


def test_it_is_found_from_every_page_and_where_a_link_was_broken(client, provider):
    assert Page(client.get("/")).links["Lost your confirmation mail?"] == FIND
    assert Page(client.get("/appointments/broken/")).links["Find an appointment that you booked"] == FIND


def test_its_pages_are_nobodys_business(client):
    page = client.get(FIND)
    kept = {name: page[name] for name in ("Cache-Control", "X-Robots-Tag", "Referrer-Policy")}
    assert kept == {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "same-origin"}
