"""In which language a request is answered, and how a client chooses another."""

from operator import attrgetter

import pytest
from django.test import override_settings
from django.urls import reverse

import booking.urls
import payments.urls
import staff.urls
from booking.models import Appointment
from booking.responses import is_only_posted
from config import languages
from tests import factories

pytestmark = pytest.mark.django_db
BOTH = override_settings(LANGUAGES=[("en-us", "English"), ("es-us", "Español")], LANGUAGE_CODE="en-us")
LONGEST = "es" + ",xx" * 5_000


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("", "en-us"),
        ("es", "es-us"),
        ("es-MX,es;q=0.9,en;q=0.8", "es-us"),
        ("de,es;q=0.5", "es-us"),
        ("de", "en-us"),
        ("*", "en-us"),
        ("\\'\";<script>", "en-us"),
        ("../../etc/passwd", "en-us"),
        (LONGEST, "es-us"),
    ],
)
@BOTH
def test_the_browsers_language_is_answered_if_it_is_offered_and_the_practices_own_otherwise(client, asked, answered):
    response = client.get("/", headers={"Accept-Language": asked})
    assert (response.status_code, response["Content-Language"]) == (200, answered)
    assert f'<html lang="{answered}">' in response.text
    assert "Accept-Language" in response["Vary"]


@BOTH
def test_a_language_that_was_chosen_outlasts_what_the_browser_asks_for_and_leads_back_to_the_same_page(client):
    page = f"{reverse('booking:find')}?from=here"
    chosen = client.post("/language/", {"language": "es-us"}, headers={"Referer": f"http://testserver{page}"})
    assert (chosen.status_code, chosen["Location"]) == (302, f"http://testserver{page}")
    assert client.get(page, headers={"Accept-Language": "en"})["Content-Language"] == "es-us"


@BOTH
def test_the_switch_leads_back_to_the_page_without_the_language_that_its_address_named(client):
    page = "http://testserver/?service=call&language=es&zone=UTC"
    chosen = client.post("/language/", {"language": "en-us"}, headers={"Referer": page})
    assert chosen["Location"] == "http://testserver/?service=call&zone=UTC"


@BOTH
def test_an_address_with_more_parameters_than_are_read_is_refused_as_before(client):
    many = "&".join(f"{number}=" for number in range(1_001))
    assert client.get(f"/?{many}").status_code == 400


@BOTH
def test_a_program_is_not_answered_in_a_language_that_its_address_names(client):
    assert client.get("/api/providers?language=es")["Content-Language"] == "en-us"


@BOTH
def test_the_page_that_describes_the_api_is_read_in_the_language_that_was_chosen(client):
    client.post("/language/", {"language": "es-us"}, headers={"Referer": "http://testserver/api/docs"})
    assert client.get("/api/docs")["Content-Language"] == "es-us"
    assert client.get("/api/docs?language=en")["Content-Language"] == "en-us"


@pytest.mark.parametrize("referer", ["https://elsewhere.example/", "javascript:alert(1)", ""])
@BOTH
def test_choosing_never_leads_to_another_site(client, referer):
    assert client.post("/language/", {"language": "es-us"}, headers={"Referer": referer})["Location"] == "/"


@pytest.mark.parametrize(
    ("pressed_at", "leads_to"),
    [
        ("/payments/some-reference/checkout/", "/payments/some-reference/"),
        ("/waiting/some-key/stop/?", "/waiting/some-key/"),
        ("/staff/appointments/1/no-show/", "/staff/appointments/1/"),
        ("/staff/second-factor/remove/", "/staff/second-factor/"),
        ("/staff/login/look-around/demo-owner/", "/staff/login/"),
        ("/language/", "/"),
        ("/nothing/here/", "/nothing/here/"),
    ],
)
@BOTH
def test_on_the_answer_to_a_form_the_switch_leads_to_the_page_above(client, pressed_at, leads_to):
    site = "http://testserver"
    chosen = client.post("/language/", {"language": "es-us"}, headers={"Referer": site + pressed_at})
    assert (chosen.status_code, chosen["Location"]) == (302, site + leads_to)


def test_each_address_of_a_page_that_takes_only_forms_is_known_as_one(client):
    """Stripe's webhook is for a program, which sees no switch."""
    given = {"pk": 1, "payment_pk": 1, "taking_pk": 1, "username": "nobody", "digest": "0"}
    routes = [("booking", booking.urls), ("staff", staff.urls), ("payments", payments.urls)]
    for app, urls in routes:
        for pattern in filter(attrgetter("name"), urls.urlpatterns):
            known = {name: given.get(name, "some-slug") for name in pattern.pattern.converters}
            answer = client.get(reverse(f"{app}:{pattern.name}", kwargs=known))
            is_known = is_only_posted(pattern.callback) or pattern.name == "webhook"
            assert (pattern.name, answer.status_code == 405) == (pattern.name, is_known)


@BOTH
def test_looking_at_the_switch_changes_nothing(client):
    client.get("/language/?language=es-us")
    assert client.get("/")["Content-Language"] == "en-us"


@BOTH
def test_a_program_is_answered_in_the_language_it_asks_for_whatever_cookie_it_sends(client):
    client.cookies["django_language"] = "es-us"
    assert client.get("/api/providers")["Content-Language"] == "en-us"
    assert client.get("/api/providers", headers={"Accept-Language": "es"})["Content-Language"] == "es-us"


@BOTH
def test_a_cookie_of_a_language_that_is_not_offered_any_more_is_as_none(client):
    client.cookies["django_language"] = "fr-us"
    assert client.get("/", headers={"Accept-Language": "es"})["Content-Language"] == "es-us"


@BOTH
def test_each_language_is_a_button_in_its_own_words(client):
    page = client.get("/", headers={"Accept-Language": "es"}).text
    assert '<button name="language" value="es-us" lang="es-us" aria-current="true">' in page
    assert '<button name="language" value="en-us" lang="en-us" >' in page


@override_settings(LANGUAGES=[("en-us", "English")], LANGUAGE_CODE="en-us")
def test_a_practice_of_one_language_has_no_switch(client):
    assert 'name="language"' not in client.get("/").text


@pytest.mark.parametrize(("asked", "kept"), [("es", "es"), ("de", "en"), ("", "en")])
@BOTH
def test_an_appointment_keeps_the_language_that_it_was_booked_in(client, asked, kept):
    provider = factories.make_provider(services=[factories.make_service(price="0")])
    at = factories.in_days(2, provider=provider)
    booking = {"provider": provider.slug, "service": provider.services.get().slug, "appointment_time": at.isoformat()}
    booking["client_email"] = "jo@example.com"
    assert client.post("/", booking, headers={"Accept-Language": asked}).status_code == 303
    assert Appointment.objects.get().language == kept


@BOTH
def test_a_request_that_is_refused_at_once_is_not_answered_in_the_language_of_the_one_before(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    client.get("/", headers={"Accept-Language": "es"}, secure=True)
    refused = client.get("/", headers={"Accept-Language": "en", "Host": "evil.example"})
    assert (refused.status_code, '<html lang="en-us">' in refused.text) == (400, True)


def test_every_language_has_a_name_of_its_own():
    assert len({*languages.NAMES.values()}) == len(languages.NAMES)
