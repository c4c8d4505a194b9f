"""A step in which there is only one thing to choose is skipped, and no link leads back into it."""

import re
from html import unescape

import pytest

from tests.booking.pages.book_page import TEN, address, chosen
from tests.factories import make_provider, make_service
from tests.pages import Page, page_and_htmx

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


def title(response):
    return Page(response).heading("title")[0].split(" ·")[0].strip()


def changes(response):
    """Return where the links lead that change what is chosen."""
    found = re.findall(r'<a href="([^"]*)" aria-label="Change (\w+)">', response.content.decode())
    return {what: unescape(where) for where, what in found}


def shared(response):
    return unescape(re.search(r'property="og:url" content="[^/]*//[^/]*([^"]*)"', response.content.decode())[1])


@page_and_htmx
def test_one_provider_with_one_service_begins_with_the_calendar(client, provider, headers):
    page = client.get("/", headers=headers)
    assert (title(page), Page(page).heading("h1"), changes(page)) == (
        "Choose a time with Dr Ada Byrne",
        ["When suits you?"],
        {},
    )
    details = client.get(Page(page).links["13:00"], headers=headers)
    assert (Page(details).heading("h1"), changes(details)) == (
        ["Your details"],
        {"time": chosen(date="2026-06-01")},
    )


def test_the_start_page_is_still_shared_as_the_start_page(client, provider):
    assert shared(client.get("/")) == "/"
    assert shared(client.get(chosen())) == chosen()


def test_one_provider_with_several_services_begins_with_these(client):
    make_provider(services=[make_service(), make_service(name="Call", position=1)])
    page = client.get("/")
    assert (title(page), Page(page).heading("h1")) == (
        "Choose a service with Dr Ada Byrne",
        ["What would you like to book?"],
    )
    assert "Change provider" not in page.content.decode()
    assert changes(client.get(chosen(time=TEN))) == {
        "service": "/?provider=dr-ada-byrne",
        "time": chosen(date="2026-06-02"),
    }


def test_a_provider_with_one_service_among_others_begins_with_the_calendar(client, provider):
    make_provider(name="Bo", services=[make_service(name="Call")])
    page = client.get(address(provider="bo"))
    assert (title(page), changes(page)) == ("Choose a time with Bo", {"provider": "/"})
    assert Page(client.get("/")).heading("h1") == ["Who would you like to see?"]


def test_what_is_not_offered_any_more_is_no_other_choice(client, provider):
    gone = make_service(name="Gone", active=False)
    provider.services.add(gone)
    make_provider(name="Bo", services=[make_service(name="Call")], active=False)
    make_provider(name="Cy", services=[gone])
    assert changes(client.get(chosen())) == {}


def test_a_day_and_a_zone_can_be_asked_for_at_once(client, provider):
    page = Page(client.get(address(date="2026-06-03", zone="Asia/Kolkata")))
    assert page.times[0] == "13:30"
    assert page.links["13:30"] == chosen(zone="Asia/Kolkata", time="2026-06-03T13:30+05:30")


def test_a_former_address_of_the_only_provider_is_corrected(client, provider):
    provider.slug = "ada"
    provider.save()
    answer = client.get(address(provider="dr-ada-byrne"))
    assert (answer.status_code, answer["Location"]) == (302, address(provider="ada"))
