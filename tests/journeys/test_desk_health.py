"""An owner reads on the day that something is wrong, and what to do, with JavaScript and without."""

import pytest
from playwright.sync_api import expect

from payments.models import Examination
from tests.said import said
from tests.staff import sign_in, somebody

pytestmark = [
    pytest.mark.usefixtures("spanish_without_javascript"),
    pytest.mark.browser,
    pytest.mark.any_engine,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def owner(visitor, live_server, practice, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    sign_in(visitor, somebody("Owner", name="olive"), live_server.url)
    visitor.goto("/staff/")
    return visitor


def test_the_day_leads_to_what_is_wrong_and_a_press_examines_the_connections(owner):
    stands_still = said("The work in the background stands still: no mail is sent, and no unpaid time is given back.")
    expect(owner.locator(".not-well")).to_contain_text(stands_still)
    owner.get_by_role("link", name=said("See what to do")).click()
    expect(owner.get_by_role("heading", name=stands_still)).to_be_visible()
    expect(owner.get_by_text(said("They were never examined from here."))).to_be_visible()
    owner.get_by_role("button", name=said("Examine the connections now")).click()
    expect(owner.locator(".said")).to_contain_text("WRONG: tick never went round")
    expect(owner.locator(".said")).to_contain_text("It has every permission that is needed.")
    assert Examination.objects.get().name == "doctor"
