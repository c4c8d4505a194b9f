"""A signed cookie says which times a browser keeps. Without cookies, the form comes back and can be sent again."""

from urllib.parse import quote

import pytest
from django.core.signing import Signer
from django.test import Client

from booking.models import Appointment
from booking.pages.book import COOKIE_MISSING
from tests.booking.clock import instant
from tests.booking.pages.book_page import TEN, chosen, form
from tests.factories import make_appointment, make_provider, make_service
from tests.pages import Page, page_and_htmx

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


def test_the_cookie_of_holds_is_out_of_reach_of_scripts_and_other_sites(client, provider):
    response = client.post("/", form())
    cookie = response.cookies["holds"]
    assert (cookie["httponly"], cookie["samesite"], bool(cookie["secure"])) == (True, "Lax", False)
    assert "jo@example.com" not in cookie.value


def test_over_https_the_cookie_is_never_sent_in_the_clear(client, provider, settings):
    settings.HTTPS = True
    assert client.post("/", form()).cookies["holds"]["secure"] is True


def test_the_same_browser_posting_again_returns_to_its_hold(client, provider):
    first, again = client.post("/", form()), client.post("/", form())
    assert (again.status_code, again["Location"]) == (303, first["Location"])
    assert Appointment.objects.count() == 1


def test_who_books_the_same_again_in_another_language_gets_mail_in_that(client, provider, settings):
    settings.LANGUAGES = [("en-ie", "English"), ("es-ie", "Español")]
    for language in ("en", "es"):
        client.post("/", form(), headers={"Accept-Language": language})
    assert [booked.language for booked in Appointment.objects.all()] == ["es"]


def test_another_browser_is_refused_though_it_names_the_same_address(client, provider):
    client.post("/", form())
    assert Client().post("/", form()).status_code == 409
    assert Appointment.objects.count() == 1


def test_pressing_twice_before_the_first_answer_came_is_one_hold(client, provider):
    client.get(chosen(time=TEN))
    second = Client()
    second.cookies["holds"] = client.cookies["holds"].value
    first, again = client.post("/", form()), second.post("/", form())
    assert (first.status_code, again.status_code) == (303, 303)
    assert first["Location"] == again["Location"]


def test_a_hold_of_ones_own_is_on_offer_still_and_leads_back_to_paying(client, provider):
    place = client.post("/", form())["Location"]
    assert client.get(chosen(time=TEN)).status_code == 200
    assert Client().get(chosen(time=TEN)).status_code == 409
    assert Page(client.get("/")).links["Pay or give it back"] == place
    assert "Pay or give it back" not in Page(Client().get("/")).links


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda reference: reference, id="unsigned"),
        pytest.param(lambda reference: f"{reference}:{'A' * 43}", id="badly signed"),
        pytest.param(lambda reference: Signer(key="guessed", salt="holds").sign(reference), id="signed with a guess"),
        pytest.param(lambda reference: Signer(salt="other").sign(reference), id="signed for something else"),
        pytest.param(lambda reference: ":" * 500, id="rubbish"),
        pytest.param(lambda reference: quote("\ud7ff\x01"), id="unprintable"),
    ],
)
def test_a_forged_cookie_of_holds_is_ignored(provider, forge):
    held = make_appointment(provider=provider, at=instant(TEN), client_name="Jo Malone", note=form()["note"])
    stranger = Client()
    stranger.cookies["holds"] = forge(held.reference)
    assert "Pay or give it back" not in Page(stranger.get("/")).links
    assert stranger.post("/", form()).status_code == 409
    assert Appointment.objects.get().status == "held"


def test_a_cookie_of_another_visitor_name_is_worth_nothing_here(client, provider):
    """Its signature is ours, but a signature holds for the cookie of one name only."""
    client.post("/", form())
    stranger = Client()
    stranger.cookies["sessionid"] = client.cookies["holds"].value
    assert stranger.post("/", form()).status_code == 409


@page_and_htmx
def test_a_visitor_without_cookies_gets_the_form_again_with_what_was_typed(provider, headers):
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/", form(), headers=headers)
    page = Page(response)
    assert response.status_code == 403
    assert [words for words in page.text if "allow cookies for this site" in words] == [COOKIE_MISSING]
    assert page.fields["client_email"] == form()["client_email"]
    assert ("html" in page.tags) is (not headers)
    assert response.get("HX-Push-Url") == ("false" if headers else None)
    assert Appointment.objects.count() == 0
    assert strict.post("/", {**page.fields, **form()}).status_code == 303


def test_a_visitor_with_cookies_books_by_the_token_in_the_form(provider):
    strict = Client(enforce_csrf_checks=True)
    details = Page(strict.get(chosen(time=TEN)))
    assert strict.post("/", {**details.fields, **form()}).status_code == 303


def test_a_free_time_pressed_twice_is_one_appointment(client):
    make_provider(services=[make_service(price="0.00")])
    first, again = client.post("/", form()), client.post("/", form())
    assert (first.status_code, again.status_code) == (303, 303)
    assert first["Location"] == again["Location"]


def test_what_one_browser_holds_is_not_cached_for_another(client, provider):
    client.post("/", form())
    response = client.get("/")
    assert "Cookie" in response.get("Vary", "") or "private" in response.get("Cache-Control", "")
