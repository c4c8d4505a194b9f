"""Clients are told where to come: to the practice, unless the provider is somewhere else."""

from urllib.parse import parse_qs, urlsplit

import pytest
from icalendar import Calendar

from booking.mail.calendar_file import calendar_file
from booking.models import Appointment, CalendarAddress, Provider, Service
from booking.templatetags.calendar_links import google, outlook
from tests.booking.clock import dublin
from tests.booking.mail.outbox import send
from tests.booking.pages.book_page import TEN, address, chosen, form
from tests.factories import book, make_appointment, make_provider, make_service
from tests.pages import Page
from tests.staff import somebody

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

PRACTICE, ELSEWHERE = "12 Oak Street, Dublin 2", "By video: we send you the link"
CHANGED = "Nothing was booked: something has changed since you opened this page."


@pytest.fixture(autouse=True)
def at_the_practice(settings):
    settings.PRACTICE_ADDRESS = PRACTICE
    settings.LANGUAGES = [("en-ie", "English"), ("es-ie", "Español")]
    settings.LANGUAGE_CODE = "en-ie"


@pytest.fixture
def booked(provider):
    return make_appointment(provider=provider, at=dublin(2, "10:00"), status="confirmed")


def everywhere(client, provider):
    """What each page, mail and calendar that a client gets says of where to come, in the order in which they come."""
    Service.objects.update(price=0)
    known = {PRACTICE, ELSEWHERE}
    seen = [known & set(Page(client.get(url)).text) for url in (address(), chosen(), chosen(time=TEN))]
    page = client.post("/", form(), follow=True)
    booked = Appointment.objects.get()
    [mail] = send()
    [event] = Calendar.from_ical(calendar_file(booked)).events
    links = [parse_qs(urlsplit(link(booked)).query).get("location", []) for link in (google, outlook)]
    diary = f"/diaries/{CalendarAddress.objects.make(provider, instead_of='', by=somebody('', name='ada'))}.ics"
    [own] = Calendar.from_ical(client.get(diary).content).events
    calendars = [{str(one["location"])} if "location" in one else set() for one in (event, own)]
    told = {line.removeprefix("Where: ") for line in mail.body.splitlines() if line.startswith("Where: ")}
    return [*seen, known & set(Page(page).text), told, *map(set, links), *calendars]


def test_a_provider_without_a_place_of_their_own_is_at_the_practice(client, provider):
    make_provider(name="Bo Lund", services=[make_service(name="Call", position=1)])
    assert everywhere(client, provider) == [{PRACTICE}] * 9


def test_one_who_has_a_place_is_there_and_nowhere_else(client, provider):
    Provider.objects.update(place=ELSEWHERE)
    assert everywhere(client, provider) == [{ELSEWHERE}] * 9


def test_where_nobody_has_said_it_nothing_is_said(client, provider, settings):
    settings.PRACTICE_ADDRESS = ""
    assert everywhere(client, provider) == [set()] * 9


def test_in_a_list_each_says_where_they_are(client, provider):
    Provider.objects.update(place=ELSEWHERE)
    make_provider(name="Bo Lund", services=[make_service(name="Call", position=1)])
    said = Page(client.get(address())).text
    assert [words for words in said if words in (ELSEWHERE, PRACTICE)] == [PRACTICE, ELSEWHERE]


def test_before_somebody_presses_the_last_button_they_have_read_where_it_is(client, provider):
    make_provider(name="Bo Lund", services=[make_service(name="Call", position=1)])
    said = Page(client.get(chosen(time=TEN))).text
    assert said[said.index("Where") + 1] == PRACTICE


@pytest.mark.parametrize(("place", "query"), [("", PRACTICE), ("3 Mill Street, Cork", "3 Mill Street, Cork")])
def test_a_map_shows_it(client, booked, place, query):
    Provider.objects.update(place=place)
    link = Page(client.get(f"/appointments/{booked.reference}/")).links["Show it on a map"]
    assert parse_qs(urlsplit(link).query) == {"query": [query]}


@pytest.mark.parametrize(("practices", "place"), [("", ""), (PRACTICE, ELSEWHERE), ("By video", "")])
def test_there_is_no_map_of_what_is_no_address(client, booked, settings, practices, place):
    settings.PRACTICE_ADDRESS = practices
    Provider.objects.update(place=place)
    assert "Show it on a map" not in Page(client.get(f"/appointments/{booked.reference}/")).links


def test_words_for_a_place_that_is_given_up_lead_nobody_there(client, provider):
    Provider.objects.update(place="", translations={"place": {"es": "Por vídeo"}})
    said = Page(client.get(chosen(time=TEN), headers={"Accept-Language": "es"})).text
    assert (PRACTICE in said, "Por vídeo" in said) == (True, False)


# Whoever has the form open is told of a change


def opened(client, **headers):
    return {**Page(client.get(chosen(time=TEN), headers=headers)).fields, "client_email": "jo@example.com"}


def practice_moves(settings):
    settings.PRACTICE_ADDRESS = "3 Mill Street, Cork"


def practice_says_nothing(settings):
    settings.PRACTICE_ADDRESS = ""


def provider_goes_elsewhere(settings):
    Provider.objects.update(place=ELSEWHERE)


@pytest.mark.parametrize(
    ("change", "now"),
    [
        (practice_moves, "3 Mill Street, Cork"),
        (practice_says_nothing, "not named here"),
        (provider_goes_elsewhere, ELSEWHERE),
    ],
)
def test_a_change_is_said_and_a_second_press_takes_it(client, provider, settings, change, now):
    sent = opened(client)
    change(settings)
    page = Page(answer := client.post("/", sent))
    sentence = f"The place is now {now}. When you opened this page it was {PRACTICE}."
    assert (answer.status_code, page.problem[:2], Appointment.objects.count()) == (409, [CHANGED, sentence], 0)
    assert client.post("/", page.fields).status_code == 303


def test_an_address_that_the_practice_has_only_given_since_is_said(client, provider, settings):
    settings.PRACTICE_ADDRESS = ""
    sent = opened(client)
    settings.PRACTICE_ADDRESS = PRACTICE
    sentence = f"The place is now {PRACTICE}. When you opened this page it was not named here."
    assert Page(client.post("/", sent)).problem[:2] == [CHANGED, sentence]


def test_a_provider_who_comes_back_to_the_practice_is_said_in_any_language(client, provider):
    Provider.objects.update(place="By video", translations={"place": {"es": "Por vídeo"}})
    sent = opened(client, **{"Accept-Language": "es"})
    Provider.objects.update(place="")
    answer = client.post("/", sent)
    assert (answer.status_code, Appointment.objects.count()) == (409, 0)
    assert f"The place is now {PRACTICE}. When you opened this page it was Por vídeo." in Page(answer).problem


def test_who_is_elsewhere_all_along_is_booked_whatever_the_practice_does(client, provider, settings):
    Provider.objects.update(place=ELSEWHERE)
    sent = opened(client)
    practice_moves(settings)
    assert client.post("/", sent).status_code == 303


def test_what_is_booked_already_is_where_the_practice_is_now(client, provider, settings):
    reference = book(provider, dublin(2, "10:00")).reference
    practice_moves(settings)
    assert "3 Mill Street, Cork" in Page(client.get(f"/payments/{reference}/")).text
