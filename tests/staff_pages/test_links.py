"""Links to the booking page, made at the desk for the practice's own pages."""

from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.models import Service
from tests.factories import make_provider, make_service
from tests.pages import Page, words
from tests.staff import logged_in, somebody

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def owner():
    return logged_in(somebody("Owner"))


@pytest.fixture
def practice():
    consultation, call = make_service(name="Consultation"), make_service(name="Call & cup", position=1)
    make_provider(name="Ada Byrne", services=[consultation, call])
    make_provider(name="Bea Roth", services=[consultation])


@pytest.fixture
def spanish(settings):
    settings.LANGUAGES, settings.LANGUAGE_CODE = [("en-ie", "English"), ("es-ie", "Español")], "en-ie"


def made(browser, **chosen):
    """Return what the page offers to copy, as a person who copies it gets it."""
    answer = browser.get("/staff/links/", chosen)
    assert answer.status_code == 200
    return {name: unescape(text) for name, text in copied(answer).items()}


def copied(answer):
    fields = answer.text.partition('class="made"')[2]
    found = {"address": fields.partition('value="')[2].partition('"')[0]}
    for name in ("link", "frame"):
        text = fields.partition(f'<textarea id="{name}"')[2].partition(">")[2].partition("</textarea>")[0]
        found[name] = text.strip()
    return found


@pytest.mark.usefixtures("practice")
def test_a_link_chooses_beforehand_what_the_owner_chose(owner, settings):
    found = made(owner, provider="ada-byrne", service="call-cup")
    address = f"{settings.SITE_URL}/?provider=ada-byrne&service=call-cup"
    assert found["address"] == address
    escaped = address.replace("&", "&amp;")
    assert found["link"] == f'<a href="{escaped}">Book Call &amp; cup with Ada Byrne</a>'
    page = Client().get(address.removeprefix(settings.SITE_URL))
    assert ("Call &amp; cup" in page.text, Page(page).heading("h1")) == (True, ["When suits you?"])


@pytest.mark.usefixtures("practice")
def test_nothing_chosen_is_a_link_to_the_first_step(owner, settings):
    assert made(owner)["address"] == f"{settings.SITE_URL}/"
    assert "Book an appointment</a>" in made(owner)["link"]


@pytest.mark.usefixtures("practice")
def test_the_frame_is_offered_only_where_one_is_allowed(owner, settings):
    assert made(owner, provider="bea-roth")["frame"] == ""
    assert "EMBED_ON" in owner.get("/staff/links/").text
    settings.EMBED_ON = ["https://www.oak.example"]
    frame = made(owner, provider="bea-roth")["frame"]
    address = f"{settings.SITE_URL}/?provider=bea-roth&amp;embedded=1"
    title = "Book an appointment with Bea Roth"
    assert frame == f'<iframe src="{address}" title="{title}" width="100%" height="900"></iframe>'


@pytest.mark.usefixtures("practice", "spanish")
def test_a_practice_of_several_languages_chooses_that_of_the_link(owner, settings):
    assert made(owner, language="es")["address"] == f"{settings.SITE_URL}/?language=es"
    assert owner.get("/staff/links/?language=es")["Content-Language"][:2] == "en"


@pytest.mark.usefixtures("practice", "spanish")
@pytest.mark.parametrize(("language", "name"), [("es", "Consulta"), ("en", "Consultation")])
def test_a_service_is_called_in_the_link_as_in_the_links_language(owner, language, name):
    Service.objects.filter(slug="consultation").update(translations={"name": {"es": "Consulta"}})
    link = made(owner, service="consultation", language=language)["link"]
    assert link.partition(">")[2].partition("<")[0].split()[-1] == name


@pytest.mark.usefixtures("practice")
def test_a_practice_of_one_language_is_not_asked_for_it(owner, settings):
    settings.LANGUAGES = [("en-ie", "English")]
    assert 'name="language"' not in owner.get("/staff/links/").text


@pytest.mark.usefixtures("practice")
@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"provider": "bea-roth", "service": "call-cup"}, "Bea Roth does not offer this. Choose another service, or"),
        ({"provider": "nobody"}, "Choose one from the list."),
        ({"service": "<script>"}, "Choose one from the list."),
    ],
)
def test_what_cannot_be_booked_makes_no_link(owner, chosen, sentence):
    answer = owner.get("/staff/links/", chosen)
    assert (answer.status_code, sentence in words(answer), 'class="made"' in answer.text) == (422, True, False)


def test_the_list_of_pages_leads_there_for_the_owner_alone(owner, practice):
    assert Page(owner.get("/staff/")).links["Links"] == "/staff/links/"
    assert "Links" not in Page(logged_in(somebody("Reception", name="reception")).get("/staff/")).links


@pytest.mark.usefixtures("practice")
def test_a_practice_of_many_takes_as_many_queries_as_one_of_two(owner):
    with CaptureQueriesContext(connection) as of_two:
        owner.get("/staff/links/")
    for number in range(5):
        make_provider(name=f"Provider {number}", services=[make_service(name=f"Service {number}")])
    with CaptureQueriesContext(connection) as of_seven:
        owner.get("/staff/links/")
    assert len(of_seven) == len(of_two)


def test_at_another_address_the_page_says_that_what_it_makes_does_not_lead_there(owner, settings):
    settings.SITE_URL = "http://127.0.0.1:8000"
    sentence = "You opened http://127.0.0.1:8034, but links, mails and payments lead to http://127.0.0.1:8000."
    assert sentence not in owner.get("/staff/links/").content.decode()
    owner.defaults["HTTP_HOST"] = "127.0.0.1:8034"
    assert sentence in owner.get("/staff/links/").content.decode()
