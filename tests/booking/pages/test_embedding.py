"""The booking page in a frame on pages of the practice, and links to it that name a language."""

import re
from itertools import chain

import pytest
from django.test import Client
from django.urls import get_resolver

from booking.models import Appointment
from tests.booking.clock import dublin
from tests.booking.pages.book_page import TEN, address, chosen, form
from tests.factories import make_appointment, make_service
from tests.pages import Page, page_and_htmx, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

OAK, ELM = "https://www.oak.example", "https://elm.example"
NOBODY, THEM = ("frame-ancestors 'none'", "DENY"), (f"frame-ancestors {OAK} {ELM}", "")
OWN_PAGE = "Once you have chosen a time, you go on at Linden House Practice’s own page."
COOKIE_MISSING = "Your browser did not send our cookie, so nothing was booked."


@pytest.fixture
def named(settings):
    settings.EMBED_ON = [OAK, ELM]


@pytest.fixture
def spanish(settings):
    settings.LANGUAGES, settings.LANGUAGE_CODE = [("en-ie", "English"), ("es-ie", "Español")], "en-ie"


def framed_by(response):
    """Return what the two headers say about who may show the answer in a frame."""
    policy = response.get("Content-Security-Policy", "").split("; ")
    return (*(one for one in policy if one.startswith("frame-ancestors")), response.get("X-Frame-Options", ""))


def links(response):
    """Return the addresses of a page's links, first those that stay in the frame, then those that lead out of it."""
    tags = re.findall(r"<a\s[^>]*>", response.text)
    found = [(re.search('href="([^"#]*)', tag)[1].replace("&amp;", "&"), 'target="_top"' in tag) for tag in tags]
    return [[url for url, leads_out in found if url and leads_out is wanted] for wanted in (False, True)]


# Who may frame it


def addresses(patterns, reference, before="/"):
    """Yield each address of the site, with that reference and otherwise made-up values."""
    for one in patterns:
        address = before + re.sub("<[^>]*>", "7", str(one.pattern).replace("<slug:reference>", reference))
        if hasattr(one, "url_patterns"):
            yield from addresses(one.url_patterns, reference, address)
        else:
            yield address


@pytest.mark.usefixtures("named")
def test_of_all_addresses_only_the_booking_page_may_be_framed(provider):
    held = make_appointment(provider=provider, at=dublin(4, "10:00"))
    browser = Client(raise_request_exception=False)
    may = {one: framed_by(browser.get(one)) for one in addresses(get_resolver().url_patterns, held.reference)}
    assert may.pop("/") == THEM
    assert [one for one, said in may.items() if said[-1] != "DENY" or OAK in said[0]] == []


@pytest.mark.usefixtures("named", "provider")
def test_of_the_booking_page_only_what_leads_to_a_time_may_be_framed(client):
    choosing = [address(), chosen(), chosen(date="2026-06-02"), chosen(date="junk"), address(provider="nobody")]
    assert {framed_by(client.get(one)) for one in choosing} == {THEM}
    assert framed_by(client.get(chosen(time=TEN))) == NOBODY
    assert framed_by(client.post(chosen(), form(client_email=""))) == NOBODY


@pytest.mark.usefixtures("provider")
def test_nobody_may_frame_anything_unless_they_are_named(client):
    assert {framed_by(client.get(one)) for one in (address(), address(embedded="1"), chosen())} == {NOBODY}
    assert client.get(chosen(embedded="1")).text == client.get(chosen()).text


# In the frame


@pytest.mark.usefixtures("named", "provider")
@page_and_htmx
def test_choices_stay_in_the_frame_and_each_time_leads_out_of_it(client, headers):
    make_service(name="Call")
    for one in (address(embedded="1"), chosen(embedded="1"), chosen(embedded="1", zone="Asia/Tokyo")):
        inside, out = links(client.get(one, headers=headers))
        assert [url for url in inside if "embedded=1" not in url or "time=" in url] == []
        assert [url for url in out if "embedded" in url or "time=" not in url] == []
        assert len(out) > 0


@pytest.mark.usefixtures("named", "provider")
def test_the_frame_has_neither_header_nor_footer_and_says_where_one_goes_on(client):
    page = client.get(chosen(embedded="1"))
    assert (OWN_PAGE in words(page), "<header" in page.text, "<footer" in page.text) == (True, False, False)
    assert Page(page).fields["embedded"] == "1"


@pytest.mark.usefixtures("named", "provider")
@pytest.mark.parametrize("junk", ["junk", "", "0", "2", "1 or 1=1", "\x00", "<script>"])
def test_any_other_value_of_embedded_is_as_none(client, junk):
    page = client.get(chosen(embedded=junk))
    assert (page.status_code, OWN_PAGE in words(page), "<header" in page.text) == (200, False, True)
    assert "embedded" not in "".join(chain(*links(page)))


@pytest.mark.usefixtures("named", "provider")
def test_a_frame_whose_address_does_not_say_so_is_led_to_the_one_that_does(client):
    led = client.get(chosen(date="2026-06-02"), headers={"Sec-Fetch-Dest": "iframe"})
    assert (led.status_code, led["Location"]) == (302, chosen(date="2026-06-02", embedded="1"))


@pytest.mark.usefixtures("named", "provider")
def test_a_time_that_a_frame_is_opened_with_leads_out_of_it_without_a_form(client):
    page = client.get(chosen(time=TEN, embedded="1"))
    assert (framed_by(page), Page(page).heading("h1"), "<form" in page.text) == (THEM, ["This time is free"], False)
    assert links(page)[1] == [chosen(time=TEN)]
    assert client.cookies == {}


@pytest.mark.usefixtures("named", "provider")
def test_a_form_that_is_sent_without_our_cookie_from_a_frame_books_nothing_and_says_so():
    stranger = Client(enforce_csrf_checks=True)
    from_a_frame = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site", "Origin": OAK}
    page = stranger.post(chosen(embedded="1"), form(), headers=from_a_frame)
    assert (page.status_code, framed_by(page), Appointment.objects.count()) == (403, NOBODY, 0)
    assert COOKIE_MISSING in words(page)


# A link that names the language


@pytest.mark.usefixtures("spanish", "provider")
def test_a_link_names_the_language_and_so_do_the_links_of_its_page(client):
    page = client.get(chosen(language="es", date="2026-06-02"), headers={"Accept-Language": "en"})
    assert (page["Content-Language"], client.cookies) == ("es-ie", {})
    assert [url for url in chain(*links(page)) if url.startswith("/?") and "language=es" not in url] == []


@pytest.mark.usefixtures("spanish", "provider")
def test_a_form_that_is_refused_comes_back_in_the_language_of_its_address(client):
    details = client.get(chosen(time=TEN, language="es"))
    action = next(one for one in Page(details).actions if "time=" in one)
    refused = client.post(action, form(client_email=""))
    assert (refused.status_code, refused["Content-Language"], action in Page(refused).actions) == (422, "es-ie", True)
    assert client.post(action, form()).status_code == 303
    assert Appointment.objects.get().language == "es"
    assert client.get(address())["Content-Language"] == "es-ie"


@pytest.mark.usefixtures("spanish", "provider")
@pytest.mark.parametrize("unknown", ["de", "es-ie", "ES", "../es", "", "\x00", "e" * 10_000])
def test_a_language_that_is_not_offered_is_ignored(client, unknown):
    page = client.get(chosen(language=unknown), headers={"Accept-Language": "es"})
    assert (page.status_code, page["Content-Language"]) == (200, "es-ie")
    assert "language=" not in "".join(chain(*links(page)))
