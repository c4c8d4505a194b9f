"""A provider makes the address of their diary, replaces it and takes it back, with JavaScript on and off."""

import re

import pytest
from django.test import Client
from django.utils import translation
from playwright.sync_api import expect

from tests.factories import in_days, make_appointment
from tests.said import said
from tests.staff import sign_in, somebody

pytestmark = [
    pytest.mark.usefixtures("spanish_without_javascript"),
    pytest.mark.browser,
    pytest.mark.any_engine,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def ada(visitor, live_server, practice):
    """She is at the page of her own login, which leads there."""
    sign_in(visitor, somebody("Provider", provider=practice, name="ada"), live_server.url)
    visitor.goto("/staff/password/")
    return visitor


def make(page, button):
    """Press that button, and return the path of the address that is shown."""
    page.get_by_role("button", name=said(button)).click()
    expect(page.get_by_role("heading", name=said("How to add it"))).to_be_visible()
    return re.search(r"/diaries/.*", page.locator(".read-out code").inner_text())[0]


def what_a_calendar_reads(address):
    with translation.override(translation.get_language()):  # a request in this thread would leave its own language
        answer = Client().get(address)
    return re.findall("SUMMARY:(.*)\r", answer.content.decode()) if answer.status_code == 200 else answer.status_code


def test_it_is_made_replaced_and_taken_back(practice, ada):
    at = in_days(1, provider=practice)
    make_appointment(provider=practice, at=at, status="confirmed", client_name="Nuala O’Neill")
    ada.get_by_role("link", name=said("Your diary in your own calendar")).click()
    first = make(ada, "Make the address")
    opened = ada.get_by_role("link", name=said("Add it to this phone or computer")).get_attribute("href")
    assert re.fullmatch(rf"webcal://[^/]+{re.escape(first)}", opened)
    assert what_a_calendar_reads(first) == ["NO\\, Consultation"]

    ada.goto(ada.url)
    second = make(ada, "Make another address")
    assert [what_a_calendar_reads(address) for address in (first, second)] == [404, ["NO\\, Consultation"]]

    ada.goto(ada.url)
    ada.get_by_role("button", name=said("Remove the address")).click()
    expect(ada.get_by_role("status").filter(has_text=re.compile(r"\w"))).to_contain_text(
        said("The address is removed. A calendar that had it shows nothing new from now on.")
    )
    assert what_a_calendar_reads(second) == 404
