"""A practice's own words are read in the reader's language; where it has given none, they are read as they are."""

import pytest
from django.utils import translation

from booking.mail.calendar_file import calendar_file
from booking.models import Appointment, Provider, Service
from booking.templatetags.calendar_links import google
from payments.checkout import session_params
from tests.booking.clock import NOW, dublin
from tests.booking.mail.outbox import send
from tests.booking.pages.book_page import MARKUP, TEN, address, chosen
from tests.booking.waiting import wait
from tests.factories import book, make_provider, make_service
from tests.pages import Page, form_of, problem
from tests.shapes import booking_form, booking_json
from tests.staff import logged_in, somebody

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

IN_SPANISH, IN_GERMAN = {"Accept-Language": "es"}, {"Accept-Language": "de"}
ENGLISH = {"Family doctor", "Takes time to listen.", "By video", "Consultation", "To get to know each other."}
SPANISH = {"Médica de familia", "Escucha sin prisas.", "Por vídeo", "Consulta", "Para conocernos."}
BOOKED = ("Consultation", {"es": "Consulta", "pl": "Konsultacja"})


@pytest.fixture(autouse=True)
def languages(settings):
    """Polish was offered once, and is not any more."""
    settings.LANGUAGES = [("en-ie", "English"), ("es-ie", "Español"), ("de-ie", "Deutsch")]
    settings.LANGUAGE_CODE = "en-ie"


@pytest.fixture
def provider():
    """Her words, and those of her consultation, are given in Spanish, and in no other language that is offered."""
    words = {"title": {"es": "Médica de familia"}, "bio": {"es": "Escucha sin prisas."}, "place": {"es": "Por vídeo"}}
    make_provider()
    Provider.objects.update(title="Family doctor", bio="Takes time to listen.", place="By video", translations=words)
    names = {"es": "Consulta", "pl": "Konsultacja"}
    translations = {"name": names, "description": {"es": "Para conocernos."}}
    Service.objects.update(description="To get to know each other.", translations=translations)
    return Provider.objects.get()


def own_words(response):
    """Return which of the practice's own words somebody reads on that page, as whole phrases."""
    return (ENGLISH | SPANISH) & set(Page(response).text)


@pytest.mark.parametrize(
    ("headers", "language"), [({}, ENGLISH), (IN_SPANISH, SPANISH), (IN_GERMAN, ENGLISH)], ids=["en", "es", "de"]
)
def test_the_first_page_has_them_and_what_is_missing_is_read_in_the_first_language(client, provider, headers, language):
    make_provider(name="Bo Lund", services=[make_service(name="Call", position=1)])
    read = own_words(client.get(address(), headers=headers))
    assert read == language - {"To get to know each other.", "Para conocernos."}


@pytest.mark.parametrize("providers", [2, 50])
def test_the_first_page_costs_the_same_in_another_language(client, provider, providers, django_assert_num_queries):
    for number in range(1, providers):
        make_provider(name=f"Provider {number}", services=[provider.services.get()])
    with django_assert_num_queries(2):
        response = client.get(address(), headers=IN_SPANISH)
    assert own_words(response) == SPANISH - {"Para conocernos."}


def test_the_first_page_is_right_in_each_language_although_its_parts_are_remembered(client, provider):
    make_provider(name="Bo Lund", services=[make_service(name="Call", position=1)])
    seen = [own_words(client.get(address(), headers=headers)) for headers in (IN_SPANISH, IN_GERMAN, IN_SPANISH)]
    assert [("Consulta" in words, "Consultation" in words) for words in seen] == [
        (True, False),
        (False, True),
        (True, False),
    ]


@pytest.mark.parametrize("step", [{}, {"time": TEN}], ids=["times", "details"])
def test_what_is_chosen_so_far_is_read_in_the_clients_language(client, provider, step):
    make_provider(name="Bo Lund", services=[make_service(name="Call", position=1)])
    read = own_words(client.get(chosen(**step), headers=IN_SPANISH))
    assert read - {"Escucha sin prisas."} == {"Médica de familia", "Consulta", "Para conocernos.", "Por vídeo"}


@pytest.mark.parametrize("page", ["/payments/{}/", "/appointments/{}/"])
@pytest.mark.parametrize("confirmed", [False, True])
def test_an_appointment_is_read_in_the_language_of_who_looks_at_it(client, provider, page, confirmed):
    appointment = book(provider, dublin(2, "10:00"))
    if confirmed:
        appointment.confirm()
    response = client.get(page.format(appointment.reference), headers=IN_SPANISH, follow=True)
    assert own_words(response) == {"Consulta", "Médica de familia", "Por vídeo"}


def test_an_appointment_keeps_the_names_that_its_service_had_when_it_was_booked(client, provider):
    appointment = book(provider, dublin(2, "10:00"))
    Service.objects.update(name="Visit", translations={"name": {"es": "Visita", "de": "Besuch"}})
    appointment.refresh_from_db()
    assert (appointment.service_name, appointment.service_names) == BOOKED
    page = f"/payments/{appointment.reference}/"
    assert {"Consulta"} == own_words(client.get(page, headers=IN_SPANISH)) & {"Consulta", "Visita"}
    assert "Consultation" in own_words(client.get(page, headers=IN_GERMAN))


def test_a_mail_and_its_calendar_file_speak_the_language_in_which_it_was_booked(client, provider, settings):
    settings.PRACTICE_EMAIL = "desk@practice.example"
    client.post("/", booking_form(at=TEN), headers=IN_SPANISH)
    Appointment.objects.get().confirm()
    bodies = {message.to[0]: message.body for message in send()}
    spanish = bodies["jo@example.com"]
    assert [words in spanish for words in ("Consulta, 30 minutos", ": Por vídeo", "Consultation", "By video")] == [
        True,
        True,
        False,
        False,
    ]
    assert "For: Consultation, 30 minutes" in bodies["desk@practice.example"].splitlines()


def test_a_calendar_has_the_name_in_the_clients_language(provider):
    appointment = book(provider, dublin(2, "10:00"))
    with translation.override("es-ie"):
        file, link = calendar_file(appointment).decode(), google(appointment)
    assert ("SUMMARY:Consulta " in file, "LOCATION:Por vídeo" in file) == (True, True)
    assert ("text=Consulta+" in link, "location=Por+v%C3%ADdeo" in link) == (True, True)


def test_who_waits_reads_in_their_language_what_they_wait_for(client, provider):
    entry = wait(provider)
    assert "Consulta" in str(client.get(f"/waiting/{entry.key}/", headers=IN_SPANISH).content.decode())


def test_stripe_is_told_nothing_of_the_service_in_any_language(provider):
    appointment = book(provider, dublin(2, "10:00"))
    with translation.override("es-ie"):
        params = str(session_params(appointment, NOW))
    assert ("Consult" in params, "Linden House Practice" in params) == (False, True)


@pytest.mark.parametrize(
    ("headers", "name"), [({}, "Consultation"), (IN_SPANISH, "Consulta"), (IN_GERMAN, "Consultation")]
)
def test_programs_read_a_services_name_in_the_language_that_they_ask_for(client, provider, headers, name):
    response = client.get("/api/providers", headers=headers)
    (service,) = response.json()[0]["services"]
    assert (service["name"], service["slug"], "Accept-Language" in response["Vary"]) == (name, "consultation", True)


def test_a_program_books_in_any_language_by_the_same_names(client, provider):
    sent = booking_json(at=TEN, service="consultation")
    answer = client.post("/api/appointments", sent, "application/json", headers=IN_SPANISH).json()
    assert (answer["provider_name"], answer["service"]) == ("Dr Ada Byrne", "consultation")


def test_whoever_changes_the_language_before_pressing_is_not_told_of_a_change(client, provider):
    shown = form_of(client.get(chosen(time=TEN), headers=IN_SPANISH).content.decode())
    assert (shown["seen_service"], shown["seen_place"]) == ("Consulta", "Por vídeo")
    response = client.post("/", {**booking_form(at=TEN), **shown}, headers=IN_GERMAN)
    assert (response.status_code, Appointment.objects.count()) == (303, 1)


def test_another_name_in_the_clients_language_is_told_like_any_change(client, provider):
    shown = form_of(client.get(chosen(time=TEN), headers=IN_SPANISH).content.decode())
    Service.objects.update(translations={"name": {"es": "Primera visita"}})
    response = client.post("/", {**booking_form(at=TEN), **shown}, headers=IN_SPANISH)
    assert (response.status_code, Appointment.objects.count()) == (409, 0)
    assert ("Primera visita" in problem(response), "Consulta" in problem(response)) == (True, True)


def test_the_desk_reads_them_in_the_language_of_who_works_there(provider):
    book(provider, dublin(2, "10:00")).confirm()
    owner = logged_in(somebody("Owner"))
    for headers, name in (({}, "Consultation"), (IN_SPANISH, "Consulta"), (IN_GERMAN, "Consultation")):
        read = own_words(owner.get("/staff/?day=2026-06-02", headers=headers))
        assert read & {"Consulta", "Consultation"} == {name}


def test_in_the_first_language_the_original_is_read_also_after_another_language_became_the_first(
    client, provider, settings
):
    settings.LANGUAGES, settings.LANGUAGE_CODE = [("es-ie", "Español"), ("en-ie", "English")], "es-ie"
    assert "Family doctor" in own_words(client.get(chosen()))


def test_markup_among_them_is_text(client, provider):
    Service.objects.update(translations={"name": {"es": MARKUP}})
    make_provider(name="Bo Lund", services=[make_service(name="Call", position=1)])
    pages = [
        client.get(where, headers=IN_SPANISH).content.decode() for where in (address(), chosen(), chosen(time=TEN))
    ]
    assert ["<script>alert" in page for page in pages] == [False] * 3
