"""A provider or a service gets another address, and links that were printed before lead to the new one."""

from urllib.parse import parse_qs, urlsplit

import pytest

from booking.models import Appointment
from tests.booking.clock import TEN
from tests.factories import make_provider, make_service
from tests.shapes import HTMX, booking_form, booking_json, slots_address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

PRINTED = {"provider": "dr-ada-byrne", "service": "consultation"}
BY_NOW = {"provider": "ada", "service": "first-talk"}


def rename(row, slug):
    row.slug = slug
    row.save()


@pytest.fixture
def provider():
    """Dr Ada Byrne and her consultation were both renamed twice since the link was printed."""
    provider = make_provider()
    service = provider.services.get()
    for row, slugs in ((provider, ["dr-byrne", "ada"]), (service, ["talk", "first-talk"])):
        for slug in slugs:
            rename(row, slug)
    return provider


def led_to(response):
    """Return the path of the redirect, and its query as a dict."""
    address = urlsplit(response["Location"])
    return address.path, {name: values[0] for name, values in parse_qs(address.query).items()}


@pytest.mark.parametrize(
    "old",
    [PRINTED, {**BY_NOW, "provider": "dr-byrne"}, {**BY_NOW, "service": "talk"}, {"provider": "dr-byrne"}],
    ids=str,
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["a page", "a swap"])
@pytest.mark.usefixtures("provider")
def test_an_earlier_address_leads_to_the_present_one_and_all_else_of_it_stays(client, old, headers):
    rest = {"time": "2026-06-02T10:00:00+01:00", "zone": "Europe/Madrid"}
    response = client.get("/", {**old, **rest}, headers=headers)
    assert (response.status_code, led_to(response)) == (302, ("/", {name: BY_NOW[name] for name in old} | rest))
    assert client.get(response["Location"], headers=headers).status_code == 200


@pytest.mark.usefixtures("provider")
def test_the_present_address_is_answered_at_once(client):
    assert client.get("/", BY_NOW).status_code == 200


def test_who_takes_the_earlier_address_has_it(client, provider):
    """An address leads to whoever has it now, and otherwise to whoever had it last."""
    taker = make_provider(name="Bo Lund", services=provider.services.all())
    rename(taker, "dr-byrne")
    link = {"provider": "dr-byrne", "service": "first-talk"}
    assert "Bo Lund" in client.get("/", link).content.decode()
    rename(taker, "bo")
    assert led_to(client.get("/", link)) == ("/", {**link, "provider": "bo"})
    rename(provider, "dr-byrne")
    assert "Dr Ada Byrne" in client.get("/", link).content.decode()


def test_who_takes_it_and_is_inactive_is_not_taken_for_the_other(client, provider):
    make_provider(name="Dr Byrne", services=provider.services.all(), active=False)
    assert client.get("/", {"provider": "dr-byrne", "service": "first-talk"}).status_code == 404


@pytest.mark.usefixtures("provider")
def test_a_form_that_was_open_since_before_still_books(client):
    assert client.post("/", booking_form(**PRINTED, at=TEN)).status_code == 303
    assert Appointment.objects.get().appointment_time == TEN


@pytest.mark.usefixtures("provider")
def test_a_form_that_was_open_since_before_is_corrected_in_place(client):
    response = client.post("/", booking_form(**PRINTED, at=TEN, email="jo"))
    assert response.status_code == 422
    assert response.context["booker"].chosen_slugs == BY_NOW


@pytest.mark.usefixtures("provider")
def test_programs_are_answered_at_the_earlier_address(client):
    days = [client.get(slots_address(**names, date="2026-06-02")) for names in (PRINTED, BY_NOW)]
    assert [day.status_code for day in days] == [200, 200]
    assert days[0].json() == days[1].json()


@pytest.mark.usefixtures("provider")
def test_programs_book_a_service_by_its_earlier_name(client):
    wish = booking_json(at=TEN, service="talk")
    answer = client.post("/api/appointments", wish, content_type="application/json")
    assert (answer.status_code, answer.json()["service"]) == (201, "first-talk")


@pytest.mark.parametrize("slug", ["nobody", "dr\x00byrne"])
@pytest.mark.usefixtures("provider")
def test_an_address_that_never_was_is_still_none(client, slug):
    assert client.get("/", {**BY_NOW, "provider": slug}).status_code == 404
    assert client.post("/", {**BY_NOW, "provider": slug}).status_code == 422


def test_a_renamed_one_that_was_never_booked_can_be_deleted(provider, admin_client):
    page = f"/admin/booking/provider/{provider.pk}/delete/"
    assert admin_client.post(page, {"post": "yes"}).status_code == 302
    assert provider.former_slugs.count() == 0


def test_what_is_saved_under_the_same_address_leaves_none_behind(provider):
    service = make_service(name="Call")
    for row in (provider, service):
        row.save()
    assert [row.former_slugs.count() for row in (provider, service)] == [2, 0]
