"""The owner gives services and providers their words in the other languages that the practice offers."""

import pytest
from django.contrib.admin.models import LogEntry

from booking.models import Provider, Service
from tests.booking.admin.forms import errors, provider_form, service_form
from tests.factories import make_provider, make_service
from tests.staff import member_of_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

ADD, LIST = "/admin/booking/service/add/", "/admin/booking/service/"
THREE = [("en-ie", "English"), ("es-ie", "Español"), ("de-ie", "Deutsch")]


@pytest.fixture(autouse=True)
def languages(settings):
    settings.LANGUAGES, settings.LANGUAGE_CODE = THREE, "en-ie"


def page_of(row):
    return f"/admin/booking/{row._meta.model_name}/{row.pk}/change/"


def asked_for(response):
    return [name for name in response.context["adminform"].form.fields if "_es" in name or "_de" in name]


def test_a_service_has_its_name_and_description_in_other_languages(admin_client):
    typed = service_form(
        name_es=" Fisioterapia ", description_es="", name_de="Krankengymnastik", description_de="Mit Hand."
    )
    assert admin_client.post(ADD, typed).status_code == 302
    assert Service.objects.get().translations == {
        "name": {"es": "Fisioterapia", "de": "Krankengymnastik"},
        "description": {"de": "Mit Hand."},
    }


def test_a_provider_has_their_title_and_bio_in_other_languages_and_the_history_names_what_changed(admin_client):
    provider = make_provider()
    own = {"name": provider.name, "slug": provider.slug, "initial-time_zone": provider.time_zone}
    form = provider_form(**own, services=[provider.services.get().pk])
    assert admin_client.post(page_of(provider), {**form, "title_es": "Médica de familia"}).status_code == 302
    assert Provider.objects.get().translations == {"title": {"es": "Médica de familia"}, "bio": {}, "place": {}}
    assert LogEntry.objects.latest("pk").get_change_message() == "Changed Title (es)."


def test_each_language_has_its_own_part_that_shows_what_is_given_and_what_is_read_otherwise(admin_client):
    service = make_service()
    Service.objects.update(translations={"name": {"es": "Consulta"}})
    response = admin_client.get(page_of(service))
    fields = response.context["adminform"].form.fields
    assert asked_for(response) == ["name_es", "description_es", "name_de", "description_de"]
    assert [heading for heading, _ in response.context["adminform"].fieldsets] == [None, "Español", "Deutsch"]
    assert response.content.decode().count("is read in the practice’s first language, English.") == 2
    assert response.context["adminform"].form["name_es"].value() == "Consulta"
    assert [fields[name].widget.attrs["placeholder"] for name in ("name_es", "name_de")] == ["Consultation"] * 2


def test_with_one_language_nothing_new_is_asked(admin_client, settings):
    settings.LANGUAGES = THREE[:1]
    service = make_service()
    response = admin_client.get(page_of(service))
    assert (asked_for(response), len(response.context["adminform"].fieldsets)) == ([], 1)
    assert admin_client.post(page_of(service), service_form()).status_code == 302


def test_words_are_taken_away_and_those_of_a_language_withdrawn_by_now_stay(admin_client):
    service = make_service()
    Service.objects.update(translations={"name": {"es": "Consulta", "pl": "Konsultacja"}})
    assert admin_client.post(page_of(service), service_form(name_es="  ")).status_code == 302
    assert Service.objects.get().translations == {"name": {"pl": "Konsultacja"}, "description": {}}


def test_a_change_in_the_list_leaves_the_words_alone(admin_client):
    service = make_service()
    Service.objects.update(translations={"name": {"es": "Consulta"}})
    rows = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": service.pk, "form-0-position": 7, "_save": "1"}
    assert admin_client.post(LIST, rows).status_code == 302
    kept = Service.objects.get()
    assert (kept.position, kept.translations) == (7, {"name": {"es": "Consulta"}})


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name_es": "x" * 101}, "Ensure this value has at most 100 characters (it has 101)."),
        ({"description_de": "x" * 301}, "Ensure this value has at most 300 characters (it has 301)."),
        ({"name_es": "Consulta\u202e"}, "Remove the line breaks and control characters, and try again."),
    ],
)
def test_what_the_original_could_not_say_is_refused(admin_client, wrong, sentence):
    assert errors(admin_client.post(ADD, service_form(**wrong))) == [sentence]
    assert Service.objects.count() == 0


def test_who_may_only_look_is_not_asked_for_words(provider):
    response = member_of_staff("view_service").get(page_of(provider.services.get()))
    assert (response.status_code, len(response.context["adminform"].fieldsets)) == (200, 1)
