"""The waiting list as its pages show it: asked for, confirmed by the owner of the address, and ended at one press."""

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import attrgetter

import pytest
from django.core import mail as outbox
from django.test import Client
from django.utils import timezone

from booking.mail import sending
from booking.models import Mail, WaitingEntry
from booking.schedule import telling
from tests.booking.clock import dublin
from tests.booking.pages.book_page import chosen
from tests.booking.waiting import fill, links, make_provider_of_one_hour, take_tuesday, tick, wait
from tests.factories import make_appointment, make_provider
from tests.pages import Page, form_of, page_and_htmx, problem, words
from tests.shapes import booking_form

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

LINK = "No time suits you? Join the waiting list"
OFFERED = {"provider": "dr-ada-byrne", "service": "consultation"}


@pytest.fixture
def provider():
    return make_provider_of_one_hour()


@pytest.fixture
def full(provider):
    return take_tuesday(provider)


def asking(*, email="wendy@example.com", wish="2026-06-02", **facts):
    return {**OFFERED, "client_email": email, "wish": wish, **facts}


def ask(client, **facts):
    return client.post("/waiting/", asking(**facts))


def mails():
    """Send what is owed, and return all messages of the waiting list so far."""
    sending.send_due(timezone.now())
    return [message for message in outbox.outbox if "List-Unsubscribe" in message.extra_headers]


# Asking


@page_and_htmx
def test_the_calendar_leads_to_it_and_what_can_be_waited_for_is_offered(client, full, headers):
    address = Page(client.get(chosen(date="2026-06-02"))).links[LINK]
    page = client.get(address, headers=headers)
    said = words(page)
    assert page.status_code == 200
    assert "On any day before Wednesday 3 June 2026, 10:00 On Tuesday 2 June 2026" in said
    assert re.findall(r'name="wish" value="([^"]+)"[^>]* checked', page.content.decode()) == ["2026-06-02"]


def test_where_all_that_is_on_offer_is_free_nobody_needs_to_wait(client, provider):
    assert LINK not in Page(client.get(chosen())).links
    answer = client.get("/waiting/", OFFERED)
    assert (answer.status_code, answer["Location"]) == (302, "/?provider=dr-ada-byrne&service=consultation")


def test_without_any_free_time_one_can_wait_for_any_day(client, provider):
    provider.time_off.create(starts=dublin(1, "00:00"), ends=dublin(1, "00:00").replace(month=12))
    page = client.get(Page(client.get(chosen())).links[LINK])
    assert "On any day of the next 60 days" in words(page)


def test_where_times_can_be_booked_for_a_day_one_waits_for_today_or_tomorrow(client, provider, settings):
    settings.HORIZON_DAYS = 1
    fill(provider)
    assert "Today or tomorrow" in words(client.get("/waiting/", OFFERED))


def test_a_site_that_sends_no_mail_has_no_waiting_list(client, full, settings):
    settings.MAIL_IS_SENT = False
    assert LINK not in Page(client.get(chosen())).links
    assert ask(client).status_code == 302
    assert WaitingEntry.objects.count() == 0


def test_who_asks_waits_only_once_the_owner_of_the_address_has_pressed_the_button(client, full):
    assert ask(client)["Location"] == "/waiting/asked/"
    [message] = mails()
    assert (message.to, message.subject) == (["wendy@example.com"], "Shall we tell you when a time becomes free?")
    assert "for Consultation with Dr Ada Byrne becomes free on Tuesday 2 June 2026." in " ".join(message.body.split())
    [page] = links(message)
    for _ in range(2):
        assert "Shall we tell you when a time becomes free?" in words(client.get(f"/{page}"))
    assert WaitingEntry.objects.get().state == "asked"
    assert client.post(f"/{page}")["Location"] == f"/{page}"
    assert WaitingEntry.objects.get().state == "waiting"
    assert "You wait for a time for Consultation with Dr Ada Byrne on Tuesday 2 June 2026." in words(
        client.get(f"/{page}")
    )


def test_a_day_on_which_clocks_go_forward_at_midnight_is_a_day_as_well(client, full, provider):
    """In Santiago the sixth of September 2026 begins at one o'clock."""
    day = datetime(2026, 9, 6, 4, tzinfo=UTC)
    entry = wait(provider, since=day, until=day + timedelta(hours=23), time_zone="America/Santiago")
    assert "with Dr Ada Byrne on Sunday 6 September 2026." in words(client.get(f"/waiting/{entry.key}/"))


def test_the_answer_to_who_asks_does_not_say_whether_a_mail_went(client, full):
    said = words(client.get(ask(client)["Location"]))
    assert "If that address can join the waiting list, a mail is on its way." in said


def test_who_asked_in_a_language_is_written_to_in_it_until_it_is_switched_off(client, full, settings):
    """Whoever signed up before that is written to in the practice's own language, and keeps their place."""
    settings.LANGUAGES = [("en-ie", "English"), ("es-ie", "Español")]
    client.post("/waiting/", {**asking(), "wish": "sooner"}, headers={"Accept-Language": "es"})
    [asked] = mails()
    WaitingEntry.objects.update(confirmed_at=timezone.now())
    settings.LANGUAGES = settings.LANGUAGES[:1]
    full.cancel()
    [told] = tick()
    assert WaitingEntry.objects.get().language == "es"
    assert (asked.subject, told.subject) == (
        "¿Le avisamos si queda libre una hora?",
        "Free: Tuesday 2 June 2026, 10:00",
    )


def test_nothing_else_is_sent_to_a_stranger(client, full):
    ask(client)
    full.cancel()
    telling.see_to_who_waits(timezone.now())
    assert [message.subject for message in mails()] == ["Shall we tell you when a time becomes free?"]


def test_a_strangers_address_gets_one_such_mail_a_day_whatever_is_asked(client, full, time_machine):
    for wish in ("2026-06-02", "sooner", "2026-06-02"):
        assert ask(client, email="Wendy+x@example.com", wish=wish).status_code == 303
    time_machine.shift(timedelta(hours=23))
    telling.see_to_who_waits(timezone.now())
    ask(client, wish="sooner")
    assert len(mails()) == 1
    time_machine.shift(timedelta(hours=1))
    telling.see_to_who_waits(timezone.now())
    assert WaitingEntry.objects.count() == 0


def test_a_strangers_owner_who_says_that_it_is_enough_is_not_asked_again_for_a_month(client, full, time_machine):
    """The mail that asks has a button of the mail program. Whoever presses it is not asked more often by that."""
    make_appointment(provider=full.provider, at=dublin(19, "10:00"), status="confirmed")
    ask(client)
    assert len(mails()) == 1
    client.post(f"/waiting/{WaitingEntry.objects.get().key}/stop/", {"List-Unsubscribe": "One-Click"})
    for hours in (1, 23, 24 * 3):
        time_machine.shift(timedelta(hours=hours, minutes=1))
        tick()
        assert ask(client, wish="2026-06-19").status_code == 303
        assert len(mails()) == 1
    time_machine.shift(timedelta(days=27))
    tick()
    assert WaitingEntry.objects.count() == 0


def test_five_things_at_once_are_the_most_and_the_answer_tells_nobody(client, full, provider):
    for _ in range(5):
        wait(provider)
    assert ask(client)["Location"] == "/waiting/asked/"
    assert (WaitingEntry.objects.count(), mails()) == (5, [])


def test_from_one_network_ten_may_ask_in_an_hour(client, full):
    answers = [ask(client, email=f"{number}@example.com") for number in range(11)]
    assert [answer.status_code for answer in answers] == [303] * 10 + [429]
    assert problem(answers[-1]).startswith("There is a problem Too many have asked from your network just now.")
    assert int(answers[-1]["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"email": ""}, "Enter an email address, like name@example.com."),
        ({"email": "jo"}, "Enter an email address, like name@example.com."),
        ({"email": "jö@example.com"}, "Enter an email address, like name@example.com."),
        ({"email": f"{'x' * 250}@example.com"}, "Enter an email address of at most 254 characters."),
        ({"wish": ""}, "Choose when you would like a time."),
        ({"wish": "2026-06-03"}, "That is no longer to be waited for. Choose another."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(client, full, typed, sentence):
    answer = ask(client, **typed)
    assert (answer.status_code, sentence in problem(answer), WaitingEntry.objects.count()) == (422, True, 0)


def test_one_can_wait_for_anybody_who_offers_the_service(client, full):
    make_provider(name="Dr Ben Nolan", services=[full.service], hours=[("09:00", "10:00")])
    assert "With anybody who offers this" in words(client.get("/waiting/", OFFERED))
    ask(client, anyone="on")
    assert WaitingEntry.objects.get().provider is None
    assert "for Consultation, with anyone, becomes free on" in " ".join(mails()[0].body.split())


def test_from_the_calendar_of_anyone_one_waits_for_whoever_is_free_first(client, full):
    other = make_provider(name="Dr Ben Nolan", services=[full.service], hours=[("10:00", "11:00")])
    make_appointment(provider=other, at=dublin(2, "10:00"), status="confirmed", price=0)
    with_anyone = {"service": "consultation"}
    page = client.get(Page(client.get("/", {**with_anyone, "date": "2026-06-02"})).links[LINK])
    assert "Consultation, with anyone: when somebody gives a time back" in words(page)
    assert "With anybody who offers this" not in words(page)
    assert form_of(page.content.decode()).keys() >= {"service"}
    assert "provider" not in form_of(page.content.decode())
    client.post("/waiting/", {**with_anyone, "client_email": "wendy@example.com", "wish": "2026-06-02"})
    entry = WaitingEntry.objects.get()
    assert (entry.provider, entry.service) == (None, full.service)


def test_with_anyone_nobody_waits_for_a_day_on_which_one_of_them_is_free(client, full):
    make_provider(name="Dr Ben Nolan", services=[full.service], hours=[("10:00", "11:00")])
    assert LINK not in Page(client.get("/", {"service": "consultation"})).links
    assert client.get("/waiting/", {"service": "consultation"})["Location"] == "/?service=consultation"


def test_an_address_that_names_no_offer_leads_to_the_list(client, full):
    assert client.get("/waiting/", {"provider": "nobody", "service": "nothing"})["Location"] == "/"


# The page of an entry


def test_one_press_ends_it_without_a_cookie_and_a_second_changes_nothing(full, provider):
    entry = wait(provider)
    stranger = Client(enforce_csrf_checks=True)
    address = f"/waiting/{entry.key}/stop/"
    assert stranger.get(address).status_code == 405
    assert [stranger.post(address).status_code for _ in range(2)] == [303, 303]
    assert "You get no more mails about free times." in words(stranger.get(f"/waiting/{entry.key}/"))


def test_what_has_ended_is_not_begun_again_by_the_old_mail(client, full):
    ask(client)
    entry = WaitingEntry.objects.get()
    client.post(f"/waiting/{entry.key}/stop/")
    client.post(f"/waiting/{entry.key}/")
    assert WaitingEntry.objects.get().state == "ended"


@pytest.mark.parametrize(
    ("ending", "sentence"),
    [
        ("booked", "You have booked, moved or cancelled since"),
        ("no answer", "We told you of several times and none was right."),
        ("over", "The days that you asked for are over."),
    ],
)
def test_the_page_says_why_it_has_ended(client, full, provider, ending, sentence):
    entry = wait(provider, ended_at=timezone.now(), ending=ending)
    assert sentence in words(client.get(f"/waiting/{entry.key}/"))


@pytest.mark.parametrize("address", ["/waiting/unknown/", "/waiting/unknown/stop/"])
def test_an_unknown_key_is_not_found(client, db, address):
    assert client.post(address).status_code == 404


def test_its_pages_are_private(client, full, provider):
    pages = [f"/waiting/{wait(provider).key}/", "/waiting/asked/", "/waiting/"]
    answers = [client.get(page, OFFERED) for page in pages]
    assert {(one["Cache-Control"], one["X-Robots-Tag"], one["Referrer-Policy"]) for one in answers} == {
        ("no-store", "noindex", "same-origin")
    }


# An earlier time than one's own


@pytest.fixture
def own(provider):
    facts = {"status": "confirmed", "price": 0, "email": "wendy@example.com"}
    return make_appointment(provider=provider, at=dublin(5, "10:00"), **facts)


def test_who_has_an_appointment_waits_for_an_earlier_one_at_one_press(client, full, own):
    """They are shown what is free already, and wait for what is not."""
    page = Page(client.get(f"/appointments/{own.reference}/")).links["An earlier time, if one becomes free"]
    said = words(client.get(page))
    assert (
        "It stays yours until you choose an earlier one. An earlier time is free already: Wednesday 3 June 2026, 10:00"
        in said
    )
    assert WaitingEntry.objects.count() == 0
    answers = [client.post(page)["Location"] for _ in range(2)]
    entry = WaitingEntry.objects.get()
    assert answers == [f"/waiting/{entry.key}/"] * 2
    assert client.get(page)["Location"] == f"/waiting/{entry.key}/"
    assert "before Wednesday 3 June 2026, 10:00." in words(client.get(answers[0]))
    assert (entry.appointment, entry.state, mails()) == (own, "waiting", [])


@page_and_htmx
def test_five_things_at_once_are_the_most_also_with_earlier_times(client, full, provider, own, headers):
    for _ in range(5):
        wait(provider)
    answer = client.post(f"/appointments/{own.reference}/earlier/", headers=headers)
    assert (answer.status_code, WaitingEntry.objects.count()) == (409, 5)
    assert problem(answer).startswith("wendy@example.com is on the waiting list with five wishes already")


def test_where_all_that_is_earlier_is_free_there_is_nothing_to_wait_for(client, own):
    page = f"/appointments/{own.reference}/earlier/"
    client.post(page)
    assert "Tell me of earlier times" not in words(client.get(page))
    assert WaitingEntry.objects.count() == 0


@pytest.mark.parametrize("facts", [{"status": "held"}, {"status": "cancelled"}, {"client_email": ""}])
def test_nobody_else_waits_for_an_earlier_one(client, own, facts):
    type(own).objects.update(**facts)
    assert client.post(f"/appointments/{own.reference}/earlier/").status_code == 302
    assert WaitingEntry.objects.count() == 0


# Two press at once


@pytest.mark.django_db(transaction=True)
def test_of_two_who_press_the_freed_time_at_once_one_gets_it_and_both_keep_the_place(full, provider, together):
    ann, bob = wait(provider, email="ann@example.com"), wait(provider, email="bob@example.com")
    full.cancel()
    tick()
    form = booking_form(at=dublin(2, "10:00"))
    emails = ("bob@example.com", "ann@example.com")
    answers = together(*[partial(Client().post, "/", {**form, "client_email": email}) for email in emails])
    taken, refused = sorted(answers, key=attrgetter("status_code"))
    assert (taken.status_code, refused.status_code) == (303, 409)
    assert "These are the nearest free times." in problem(refused)
    tick()
    assert [WaitingEntry.objects.get(pk=one.pk).state for one in (ann, bob)] == ["waiting", "waiting"]


@pytest.mark.django_db(transaction=True)
def test_of_one_who_books_the_freed_time_and_one_who_moves_to_it_one_gets_it(full, own, together):
    WaitingEntry.objects.ask_for_earlier(own, own.appointment_time, timezone.now())
    full.cancel()
    tick()
    page = f"/appointments/{own.reference}/reschedule/"
    moves = form_of(Client().get(page, {"time": full.appointment_time.isoformat()}).content.decode())
    books = booking_form(at=full.appointment_time)
    answers = together(partial(Client().post, page, moves), partial(Client().post, "/", books))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    live = type(own).objects.live(timezone.now()).filter(appointment_time=full.appointment_time)
    assert live.count() == 1


def test_a_mail_that_waited_is_not_sent_to_who_has_stopped(client, full):
    ask(client)
    client.post(f"/waiting/{WaitingEntry.objects.get().key}/stop/")
    assert (mails(), Mail.objects.get().status) == ([], "dropped")
