"""The address by which a calendar shows a provider's diary: made at the desk, shown once, replaced and taken back."""

import re
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from booking.models import CalendarAddress
from tests.factories import make_provider
from tests.pages import Page, form_of, problem, words
from tests.staff import logged_in, somebody

pytestmark = pytest.mark.django_db

PAGE = "/staff/calendars/dr-ada-byrne/"
CHANGED = "Nothing was changed now: the address was made, made anew or removed since you opened the page."


@pytest.fixture
def reception():
    return logged_in(somebody("Reception", first_name="Sam", last_name="Hill"))


def press(browser, page=None, **button):
    """Press a button of the page as it is now, or of that one."""
    return browser.post(PAGE, form_of((page or browser.get(PAGE)).content.decode()) | button)


def shown(response):
    """Return the address that a page shows, as a path."""
    [address] = re.findall(r"<code>[^<]*?(/diaries/[^<]+\.ics)</code>", response.content.decode())
    return address


def opens(address):
    return Client().get(address).status_code


def test_it_is_made_at_a_press_and_opens_the_diary(provider, reception):
    assert "There is no address yet." in words(reception.get(PAGE))
    made = press(reception)
    assert (made.status_code, made["Cache-Control"], opens(shown(made))) == (200, "no-store", 200)


def test_it_is_shown_this_once_as_text_as_a_link_and_as_a_picture(provider, reception, settings):
    settings.SITE_URL = "https://practice.example"
    made = press(reception)
    opened = f"webcal://practice.example{shown(made)}"
    assert Page(made).links["Add it to this phone or computer"] == opened
    assert f"<code>https://practice.example{shown(made)}</code>" in made.content.decode()
    assert 'class="qr"' in made.content.decode()
    assert shown(made) not in reception.get(PAGE).content.decode()


def test_of_the_secret_only_a_hash_is_kept(provider, reception):
    key = shown(press(reception)).removeprefix("/diaries/").removesuffix(".ics")
    kept = CalendarAddress.objects.get()
    assert (len(key), len(kept.digest), key in str(CalendarAddress.objects.values())) == (22, 64, False)


def test_another_takes_its_place_at_once(provider, reception):
    first, second = (shown(press(reception)) for _ in range(2))
    assert [opens(address) for address in (first, second)] == [404, 200]
    assert CalendarAddress.objects.count() == 1


def test_it_is_taken_back_and_says_so(provider, reception):
    address = shown(press(reception))
    answer = press(reception, remove="yes")
    assert (answer.status_code, answer["Location"], opens(address)) == (303, PAGE, 404)
    assert "The address is removed." in words(page := reception.get(PAGE))
    assert "There is no address yet." in words(page)


def test_a_page_that_is_sent_twice_makes_no_other_address(provider, reception):
    """Who reloads the page that shows the address sends its form again. What they have just added stays good."""
    page = reception.get(PAGE)
    address = shown(press(reception, page))
    again = press(reception, page)
    assert (again.status_code, problem(again).startswith(CHANGED), opens(address)) == (409, True, 200)


def test_a_page_that_was_opened_before_another_was_made_takes_none_back(provider, reception):
    press(reception)
    page = reception.get(PAGE)
    address = shown(press(reception))
    late = press(reception, page, remove="yes")
    assert (late.status_code, problem(late).startswith(CHANGED), opens(address)) == (409, True, 200)


def test_it_is_written_down_who_did_what_and_the_page_says_who_made_it(provider, reception):
    for button in ({}, {}, {"remove": "yes"}):
        press(reception, **button)
    told = LogEntry.objects.order_by("pk").values_list("user__username", "object_repr", "change_message")
    assert list(told) == [
        ("somebody", "Dr Ada Byrne", "Calendar address made."),
        ("somebody", "Dr Ada Byrne", "Calendar address replaced."),
        ("somebody", "Dr Ada Byrne", "Calendar address removed."),
    ]
    press(reception)
    assert "There is an address. Sam Hill made it:" in words(reception.get(PAGE))


def test_a_provider_makes_their_own_and_finds_it_from_their_login(provider):
    browser = logged_in(somebody("Provider", provider=provider))
    assert opens(shown(press(browser))) == 200
    assert Page(browser.get("/staff/password/")).links["Your diary in your own calendar"] == PAGE


def test_it_is_found_from_the_week_of_the_provider(provider, reception):
    assert Page(reception.get("/staff/?provider=dr-ada-byrne")).links["Calendar of Dr Ada Byrne"] == PAGE


def test_who_sees_several_diaries_sees_who_else_has_an_address(provider, reception):
    bea = make_provider(name="Bea Roth", services=provider.services.all())
    CalendarAddress.objects.make(bea, instead_of="", by=somebody("", name="owner"))
    page = reception.get(PAGE)
    assert Page(page).links["Bea Roth"] == "/staff/calendars/bea-roth/"
    assert "has an address since" in words(page)


@pytest.mark.parametrize("others", [1, 12])
def test_the_page_costs_the_same_however_many_providers_there_are(
    provider, reception, others, django_assert_num_queries
):
    """They are the session, the user and what they may do, then the provider and the others."""
    for number in range(others):
        other = make_provider(name=f"Dr {number}", services=provider.services.all())
        CalendarAddress.objects.make(other, instead_of="", by=somebody("", name=f"owner {number}"))
    with django_assert_num_queries(7):
        page = reception.get(PAGE)
    assert len(re.findall("has an address", unescape(page.content.decode()))) == others


def test_who_is_deleted_takes_the_address_along(provider, reception):
    address = shown(press(reception))
    provider.delete()
    assert opens(address) == 404
