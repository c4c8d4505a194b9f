"""Somebody at the desk is signed out while they fill in a form, with JavaScript on and off."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from booking.models import Change
from tests.factories import in_days, make_appointment
from tests.staff import somebody

pytestmark = [pytest.mark.browser, pytest.mark.any_engine, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long and unusual one"


def sign_in(page):
    page.get_by_label("Username").fill("desk")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_what_was_typed_is_there_again_after_signing_in_and_is_sent_once(practice, visitor):
    at = in_days(3, provider=practice)
    booked = make_appointment(provider=practice, at=at, status="confirmed", client_name="Zoë O’Neill")
    user = somebody("Reception", name="desk")
    user.set_password(PASSWORD)
    user.save()
    visitor.goto("/")
    visitor.get_by_role("link", name="For staff").click()
    sign_in(visitor)
    expect(visitor.get_by_role("heading", name="Day")).to_be_visible()
    visitor.goto(f"/staff/appointments/{booked.pk}/correct/")
    visitor.get_by_label("Note").fill("Rings back at six.")
    Session.objects.all().delete()
    visitor.get_by_role("button", name="Save the details").click()
    expect(visitor.get_by_text("You were signed out, so nothing was changed.")).to_be_visible()
    sign_in(visitor)
    expect(visitor.get_by_text("Correct the details of Zoë O’Neill")).to_be_visible()
    expect(visitor.get_by_text("Rings back at six.")).to_be_visible()
    assert Change.objects.count() == 0
    visitor.get_by_role("button", name="Send it now").click()
    expect(visitor.get_by_text("The details are saved.")).to_be_visible()
    booked.refresh_from_db()
    assert (booked.note, Change.objects.count()) == ("Rings back at six.", 1)
