"""The desk in another language and by the customs of another country, and the language of a caller's mails."""

import re

import pytest
from django.test import override_settings

from booking.models import Appointment
from tests.booking.clock import dublin
from tests.factories import make_appointment
from tests.pages import Page
from tests.staff import logged_in, somebody
from tests.staff_pages.appointment.people import press, story
from tests.staff_pages.caller.form import TEN, address, opened, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin")]
ONE = override_settings(LANGUAGES=[("en-ie", "English")], LANGUAGE_CODE="en-ie")
BOTH = override_settings(LANGUAGES=[("en-ie", "English"), ("es-ie", "Español")], LANGUAGE_CODE="en-ie")
IN_SPANISH = {"Accept-Language": "es"}
A_WEEK = "/staff/?provider=dr-ada-byrne&day=2026-06-03"


@pytest.fixture
def owner():
    return logged_in(somebody("Owner"))


@BOTH
def test_a_day_is_named_in_the_language_of_who_reads_it_and_the_switch_is_there(owner, provider):
    page = Page(owner.get("/staff/?day=2026-06-02", headers=IN_SPANISH))
    assert page.heading("h1") == ["martes, 2 de junio de 2026"]
    assert re.findall('name="language" value="(.*?)"', page.html) == ["en-ie", "es-ie"]
    assert {"English", "Español"} <= set(page.text)


@BOTH
def test_a_week_is_typed_in_the_language_of_who_reads_it(owner, provider):
    response = owner.get("/staff/hours/dr-ada-byrne/", headers=IN_SPANISH)
    assert [str(field.label) for field in response.context["form"].days][::6] == ["Lunes", "Domingo"]


@pytest.mark.parametrize(
    ("country", "heading_and_first_line"),
    [
        ("IE", (["Dr Ada Byrne, 1–7 Jun 2026"], "Monday")),
        ("US", (["Dr Ada Byrne, 31 May – 6 Jun 2026"], "Sunday")),
    ],
)
def test_a_week_begins_as_it_does_in_the_country(owner, provider, settings, country, heading_and_first_line):
    settings.PRACTICE_COUNTRY = country
    form = owner.get("/staff/hours/dr-ada-byrne/").context["form"]
    assert (Page(owner.get(A_WEEK)).heading("h1"), form.days[0].label) == heading_and_first_line


def language_shown(response):
    return response.context["form"]["language"].value()


@ONE
def test_with_one_language_nobody_is_asked_for_it(owner, provider):
    assert "language" not in owner.get(address(time=TEN)).context["form"].fields


@pytest.mark.parametrize(("chosen", "kept"), [({}, "en"), ({"language": "es"}, "es")])
@BOTH
def test_mails_to_a_caller_are_in_the_practices_language_or_the_one_that_staff_choose(owner, provider, chosen, kept):
    assert language_shown(owner.get(address(time=TEN))) == "en"
    assert send(owner, opened(owner), client_email="jo@example.com", **chosen).status_code == 303
    assert Appointment.objects.get().language == kept


@BOTH
def test_a_form_sent_again_with_another_language_is_told_that_it_has_booked(owner, provider):
    form = {**opened(owner), "client_email": "jo@example.com"}
    answers = [send(owner, form, language=language).status_code for language in ("en", "en", "es")]
    assert (answers, Appointment.objects.get().language) == ([303, 303, 409], "en")


@BOTH
def test_a_known_client_keeps_the_language_they_have(owner, provider):
    known = make_appointment(provider=provider, at=dublin(5, "10:00"), status="confirmed", language="es")
    assert language_shown(send(owner, opened(owner), fill=str(known.pk))) == "es"


@BOTH
def test_the_language_is_corrected_and_an_old_appointment_without_one_is_left_alone(owner, provider):
    old = make_appointment(provider=provider, at=dublin(5, "10:00"), status="confirmed", language="")
    typed = {"client_email": old.client_email, "client_name": old.client_name}
    press(owner, old, "correct/", **typed, language="en")
    assert (Appointment.objects.get().language, old.changes.count()) == ("", 0)
    press(owner, old, "correct/", **typed, language="es")
    assert Appointment.objects.get().language == "es"
    assert story(owner, old)[-1].endswith(" corrected the language of the mails.")
