"""Staff set up services and providers. What cannot be sold or booked is refused; what has appointments is kept."""

import re
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from booking.models import Appointment, Provider, Service
from tests.booking.admin.forms import errors, provider_form, service_form, week
from tests.booking.clock import TEN
from tests.factories import make_appointment, make_provider, make_service
from tests.shapes import booking_form, slots_address
from tests.staff import member_of_staff, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


def test_a_practice_set_up_in_the_admin_can_be_booked(admin_client, client):
    assert admin_client.post("/admin/booking/service/add/", service_form()).status_code == 302
    service = Service.objects.get()
    assert (service.duration_minutes, service.buffer_minutes, service.price) == (45, 15, Decimal("72.50"))
    away = {"starts_0": "2026-06-02", "starts_1": "09:00", "ends_0": "2026-06-02", "ends_1": "10:00"}
    form = provider_form(hours=week("09:00", "11:00"), time_off=[away], services=[service.pk])
    assert admin_client.post("/admin/booking/provider/add/", form).status_code == 302
    slots = client.get(slots_address("bo-lund", "physiotherapy", date="2026-06-02")).json()["slots"]
    assert slots == ["2026-06-02T10:00:00+01:00", "2026-06-02T10:15:00+01:00"]
    typed = booking_form(provider="bo-lund", service="physiotherapy", at=slots[0])
    assert client.post("/", typed).status_code == 303
    assert Appointment.objects.get().price == Decimal("72.50")


BELOW_THE_PRICE = "A deposit is less than the price. For all of it, choose “The whole price online”."


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"price": "0.49"}, "A price is 0 or at least €0.50: cards take no less."),
        ({"price": "-1"}, "Ensure this value is greater than or equal to 0."),
        ({"payment": "deposit"}, "A deposit is at least €0.50: cards take no less."),
        ({"payment": "deposit", "deposit": "0.49"}, "A deposit is at least €0.50: cards take no less."),
        ({"payment": "deposit", "deposit": "72.50"}, BELOW_THE_PRICE),
        ({"payment": "deposit", "deposit": "72.51"}, BELOW_THE_PRICE),
        ({"payment": "deposit", "deposit": "20", "price": "0"}, BELOW_THE_PRICE),
        ({"payment": "deposit", "deposit": "20.001"}, "Ensure that there are no more than 2 decimal places."),
        ({"deposit": "-1"}, "Ensure this value is greater than or equal to 0."),
        ({"payment": "by cheque"}, "Select a valid choice. by cheque is not one of the available choices."),
        ({"duration_minutes": "4"}, "Ensure this value is greater than or equal to 5."),
        ({"duration_minutes": "721"}, "Ensure this value is less than or equal to 720."),
        ({"buffer_minutes": "721"}, "Ensure this value is less than or equal to 720."),
        ({"name": "Physio\x07"}, "Remove the line breaks and control characters, and try again."),
    ],
    ids=str,
)
def test_a_service_that_cannot_be_sold_is_refused(admin_client, wrong, sentence):
    response = admin_client.post("/admin/booking/service/add/", service_form(**wrong))
    assert sentence in errors(response)
    assert Service.objects.count() == 0


@pytest.mark.parametrize("price", ["0", "0.50", "999999.99"])
def test_a_service_may_be_free_or_cost_what_a_card_takes(admin_client, price):
    assert admin_client.post("/admin/booking/service/add/", service_form(price=price)).status_code == 302
    assert Service.objects.get().price == Decimal(price)


@pytest.mark.parametrize(
    ("facts", "due_online", "due_at_practice", "in_the_list"),
    [
        ({}, "72.50", "0", "The whole price online"),
        (
            {"payment": "deposit", "deposit": "0.50"},
            "0.50",
            "72.00",
            "A deposit online, the rest at the practice: €0.50",
        ),
        ({"payment": "deposit", "deposit": "72"}, "72", "0.50", "A deposit online, the rest at the practice: €72.00"),
        ({"payment": "at practice", "deposit": "20"}, "0", "72.50", "At the practice"),
        ({"payment": "at practice", "price": "0"}, "0", "0", "Nothing is to pay"),
        ({"payment": "online", "deposit": "99"}, "72.50", "0", "The whole price online"),
    ],
    ids=str,
)
def test_a_service_says_how_it_is_paid(admin_client, facts, due_online, due_at_practice, in_the_list):
    assert admin_client.post("/admin/booking/service/add/", service_form(**facts)).status_code == 302
    service = Service.objects.get()
    assert (service.due_online, service.due_at_practice) == (Decimal(due_online), Decimal(due_at_practice))
    row = admin_client.get("/admin/booking/service/").content.decode()
    assert re.findall(r'<td class="field-how_it_is_paid">(.*?)</td>', row) == [in_the_list]


def test_yen_have_no_decimals_in_a_deposit_either(admin_client, settings):
    settings.CURRENCY = "jpy"
    form = service_form(price="6000", payment="deposit", deposit="1000.50")
    response = admin_client.post("/admin/booking/service/add/", form)
    assert errors(response) == ["JPY has no such fraction: use fewer decimals."]


@pytest.mark.parametrize(
    "broken",
    [{"payment": "deposit", "deposit": "0"}, {"deposit": "-1"}, {"payment": "deposit", "deposit": "-1"}],
    ids=str,
)
def test_the_database_refuses_a_deposit_of_nothing(broken):
    with pytest.raises(IntegrityError, match="booking_service_deposit"), transaction.atomic():
        make_service(**broken)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"time_zone": "Dublin"}, "Enter a time zone by its name, like Europe/Dublin."),
        ({"time_zone": "../../etc/passwd"}, "Enter a time zone by its name, like Europe/Dublin."),
        ({"name": "Bo\x07"}, "Remove the line breaks and control characters, and try again."),
        (
            {"hours": week("09:00", "09:00")},
            "It opens and closes at the same time. Change one, or tick “all day”.",
        ),
        (
            {"hours": week("00:00", "00:00")},
            "It opens and closes at the same time. Change one, or tick “all day”.",
        ),
        ({"hours": week("09:00", "")}, "Enter a time, like 09:30, or tick “all day”."),
        (
            {"time_off": [{"starts_0": "2026-06-02", "starts_1": "10:00", "ends_0": "2026-06-02", "ends_1": "09:00"}]},
            "Time off must end after it starts.",
        ),
    ],
    ids=str,
)
def test_a_provider_who_cannot_be_is_refused(admin_client, wrong, sentence):
    response = admin_client.post("/admin/booking/provider/add/", provider_form(**wrong))
    assert sentence in errors(response)
    assert Provider.objects.count() == 0


@pytest.mark.parametrize("taken", ["Bo Lund", "Somebody else"], ids=["name", "address"])
def test_two_providers_share_neither_name_nor_address(admin_client, taken):
    Provider.objects.create(name=taken, slug="bo-lund")
    response = admin_client.post("/admin/booking/provider/add/", provider_form())
    assert "Provider with this Slug already exists." in errors(response)
    assert ("Provider with this Name already exists." in errors(response)) is (taken == "Bo Lund")


def test_a_new_provider_is_offered_the_practices_time_zone(admin_client, settings):
    settings.TIME_ZONE = "Asia/Kolkata"
    assert 'value="Asia/Kolkata"' in admin_client.get("/admin/booking/provider/add/").content.decode()


def test_a_new_service_is_offered_the_place_after_all_others(admin_client):
    make_service(position=6)
    form = admin_client.get("/admin/booking/service/add/").context["adminform"].form
    assert form.initial["position"] == 7


def test_renaming_a_provider_leaves_what_was_booked(admin_client):
    provider = make_provider(hours=[])
    booked = make_appointment(provider=provider, at=TEN)
    form = provider_form(name="Dr Ada Lovelace", slug="dr-ada-byrne", services=[provider.services.first().pk])
    assert admin_client.post(f"/admin/booking/provider/{provider.pk}/change/", form).status_code == 302
    booked.refresh_from_db()
    assert (booked.provider.name, booked.provider_name) == ("Dr Ada Lovelace", "Dr Ada Byrne")


KEPT = (
    '<a href="/admin/booking/{}/{}/change/">{}</a> has {}, past and cancelled ones counted, and was not deleted. '
    "To take no more bookings, untick Active on that page."
)


@pytest.mark.parametrize("model", [Provider, Service])
def test_who_has_appointments_is_not_deleted_and_says_what_to_do_instead(admin_client, model):
    provider = make_provider()
    make_appointment(provider=provider, at=TEN, status="cancelled")
    row, kind = model.objects.get(), model._meta.model_name
    page = f"/admin/booking/{kind}/{row.pk}/"
    assert "deletelink" not in admin_client.get(f"{page}change/").content.decode()
    for answer in (admin_client.get, admin_client.post):
        asked = answer(f"{page}delete/", {"post": "yes"}, follow=True)
        assert asked.redirect_chain == [(f"{page}change/", 302)]
        assert said(asked) == [KEPT.format(kind, row.pk, row.name, "1 appointment")]
    assert (Provider.objects.count(), Service.objects.count(), Appointment.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("model", [Provider, Service])
def test_of_those_chosen_the_booked_are_named_and_the_others_deleted(admin_client, model):
    booked, kind = make_provider(), model._meta.model_name
    for hour in (9, 10, 11):
        make_appointment(provider=booked, at=TEN.replace(hour=hour))
    make_provider(name="Bo Lund", services=[make_service(name="Call")])
    rows, row = model.objects.all(), model.objects.exclude(appointments=None).distinct().get()
    chosen = {"action": "delete_selected", "_selected_action": [row.pk for row in rows]}
    asked = admin_client.post(f"/admin/booking/{kind}/", chosen)
    assert said(asked) == [KEPT.format(kind, row.pk, row.name, "3 appointments")]
    assert [str(free) for free in asked.context["queryset"]] == [str(rows.exclude(pk=row.pk).get())]
    admin_client.post(f"/admin/booking/{kind}/", {**chosen, "post": "yes"})
    assert list(model.objects.all()) == [row]
    only_booked = admin_client.post(f"/admin/booking/{kind}/", chosen, follow=True)
    assert said(only_booked)[-1] == KEPT.format(kind, row.pk, row.name, "3 appointments")
    assert list(model.objects.all()) == [row]


def test_who_may_delete_nothing_is_told_nothing_else():
    provider = make_provider()
    make_appointment(provider=provider, at=TEN)
    assert member_of_staff("view_provider").get(f"/admin/booking/provider/{provider.pk}/delete/").status_code == 403
