"""Somebody at the desk is signed out while they fill in a form, with JavaScript on and off."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from tests.staff import somebody
from tests.staff_pages import with_a_form

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "a long and unusual one"


def sign_in(page):
    page.get_by_label("Username").fill("desk")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_what_was_typed_is_there_again_after_signing_in_and_is_sent_once(visitor, settings):
    settings.ROOT_URLCONF = with_a_form.__name__
    with_a_form.SENT.clear()
    user = somebody("Reception", name="desk")
    user.set_password(PASSWORD)
    user.save()
    visitor.goto("/")
    visitor.get_by_role("link", name="For staff").click()
    sign_in(visitor)
    expect(visitor.get_by_role("heading", name="Day")).to_be_visible()
    visitor.goto("/staff/a-form/")
    visitor.get_by_label("Note").fill("Rings back at six.")
    Session.objects.all().delete()
    visitor.get_by_role("button", name="Save").click()
    expect(visitor.get_by_text("You were signed out, so nothing was changed.")).to_be_visible()
    sign_in(visitor)
    expect(visitor.get_by_text("Rings back at six.")).to_be_visible()
    assert with_a_form.SENT == []
    visitor.get_by_role("button", name="Send it now").click()
    expect(visitor.get_by_text("noted")).to_be_visible()
    assert [sent["note"] for sent in with_a_form.SENT] == ["Rings back at six."]
