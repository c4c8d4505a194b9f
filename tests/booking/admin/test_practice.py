"""What staff do in the admin: set the practice up, look appointments up, and give unpaid times back."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.test import Client

from booking.models import Appointment, Mail, NotCancellable, Provider, Service, TimeOff
from tests.factories import make_appointment, make_provider, make_service
from tests.pages import form_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

TEN = datetime(2026, 6, 2, 9, 0, tzinfo=UTC)
APPOINTMENTS = "/admin/booking/appointment/"


@pytest.fixture
def admin_client():
    """Logged in without a password: hashing one takes longer than the test."""
    return logged_in(User.objects.create(username="owner", is_staff=True, is_superuser=True))


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


def service_form(**facts):
    return {
        "name": "Physiotherapy",
        "slug": "physiotherapy",
        "position": "1",
        "description": "Hands-on treatment.",
        "duration_minutes": "45",
        "buffer_minutes": "15",
        "price": "72.50",
        "active": "on",
        **facts,
    }


def provider_form(*, hours=(), time_off=(), **facts):
    """As the browser sends it: the provider, and each row of the two tables below."""
    form = {"name": "Bo Lund", "slug": "bo-lund", "title": "", "bio": "", "time_zone": "Europe/Dublin", "active": "on"}
    for prefix, rows in (("working_hours", hours), ("time_off", time_off)):
        form |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": 0}
        for number, row in enumerate(rows):
            form |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return {**form, **facts}


def week(opens, closes):
    return [{"weekday": day, "opens": opens, "closes": closes} for day in range(7)]


def errors(response):
    """Every sentence beside the fields of the form and of its rows."""
    assert response.status_code == 200
    admin_form = response.context["adminform"].form
    said = [*admin_form.errors.values(), *admin_form.non_field_errors()]
    for inline in response.context["inline_admin_formsets"]:
        said += [sentences for row in inline.formset.errors for sentences in row.values()]
    return [str(sentence) for sentences in said for sentence in sentences]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([(0, "09:00", "13:00"), (0, "12:00", "17:00")], "Monday 09:00–13:00 and Monday 12:00–17:00 overlap."),
        ([(0, "22:00", "02:00"), (1, "01:00", "09:00")], "Monday 22:00–02:00 and Tuesday 01:00–09:00 overlap."),
        ([(6, "22:00", "02:00"), (0, "01:00", "09:00")], "Sunday 22:00–02:00 and Monday 01:00–09:00 overlap."),
        ([(2, "09:00", "17:00"), (2, "09:00", "17:00")], "Wednesday 09:00–17:00 and Wednesday 09:00–17:00 overlap."),
    ],
)
def test_hours_that_overlap_are_refused(admin_client, rows, sentence):
    hours = [{"weekday": day, "opens": opens, "closes": closes} for day, opens, closes in rows]
    response = admin_client.post("/admin/booking/provider/add/", provider_form(hours=hours))
    [refused] = [inline.formset.non_form_errors() for inline in response.context["inline_admin_formsets"]][:1]
    assert refused == [f"{sentence} Change one of them, or delete it."]
    assert Provider.objects.count() == 0


def test_hours_may_touch_and_run_past_midnight(admin_client):
    rows = [(0, "09:00", "12:00"), (0, "12:00", "17:00"), (0, "22:30", "02:00"), (1, "02:00", "04:00")]
    hours = [{"weekday": day, "opens": opens, "closes": closes} for day, opens, closes in rows]
    assert admin_client.post("/admin/booking/provider/add/", provider_form(hours=hours)).status_code == 302
    assert list(map(str, Provider.objects.get().working_hours.all())) == [
        "Monday 09:00–12:00",
        "Monday 12:00–17:00",
        "Monday 22:30–02:00",
        "Tuesday 02:00–04:00",
    ]


def test_a_whole_day_is_said_in_words(admin_client):
    hours = [{"weekday": 0, "opens": "", "closes": "", "all_day": "on"}]
    assert admin_client.post("/admin/booking/provider/add/", provider_form(hours=hours)).status_code == 302
    assert list(map(str, Provider.objects.get().working_hours.all())) == ["Monday all day"]


def test_a_practice_set_up_in_the_admin_can_be_booked(admin_client, client):
    assert admin_client.post("/admin/booking/service/add/", service_form()).status_code == 302
    service = Service.objects.get()
    assert (service.duration_minutes, service.buffer_minutes, service.price) == (45, 15, Decimal("72.50"))
    away = {"starts_0": "2026-06-02", "starts_1": "09:00", "ends_0": "2026-06-02", "ends_1": "10:00"}
    form = provider_form(hours=week("09:00", "11:00"), time_off=[away], services=[service.pk])
    assert admin_client.post("/admin/booking/provider/add/", form).status_code == 302
    slots = client.get("/api/providers/bo-lund/slots?date=2026-06-02&service=physiotherapy").json()["slots"]
    assert slots == ["2026-06-02T10:00:00+01:00", "2026-06-02T10:15:00+01:00"]
    typed = {"provider": "bo-lund", "service": "physiotherapy", "appointment_time": slots[0]}
    assert client.post("/", {**typed, "client_email": "jo@example.com"}).status_code == 303
    assert Appointment.objects.get().price == Decimal("72.50")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"price": "0.49"}, "A price is 0 or at least €0.50: cards take no less."),
        ({"price": "-1"}, "Ensure this value is greater than or equal to 0."),
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


def test_time_off_is_on_the_providers_clock_like_the_hours_beside_it(admin_client):
    """Typed with a new zone, it is on that one."""
    off = [{"starts_0": "2026-06-02", "starts_1": "10:00", "ends_0": "2026-06-02", "ends_1": "12:00"}]
    form = provider_form(time_off=off, time_zone="Europe/Madrid")
    assert admin_client.post("/admin/booking/provider/add/", form).status_code == 302
    away = TimeOff.objects.get()
    assert away.starts == datetime(2026, 6, 2, 8, 0, tzinfo=UTC)
    page = admin_client.get(f"/admin/booking/provider/{away.provider_id}/change/").content.decode()
    assert re.findall(r'name="time_off-0-(?:starts|ends)_1" value="([^"]*)"', page) == ["10:00:00", "12:00:00"]
    assert "2 Jun 2026 10:00 – 2 Jun 2026 12:00" in page


@pytest.mark.parametrize(
    ("zone", "off", "starts", "ends"),
    [
        pytest.param(
            "Africa/Cairo",
            ("2027-04-30", "00:00", "2027-05-01", "00:00"),
            datetime(2027, 4, 29, 22, tzinfo=UTC),
            datetime(2027, 4, 30, 21, tzinfo=UTC),
            id="a day without a midnight begins at the end of the gap",
        ),
        pytest.param(
            "Europe/Dublin",
            ("2026-10-25", "01:30", "2026-10-25", "01:30"),
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
            id="from the first of two to the later of two",
        ),
        pytest.param(
            "Europe/Dublin",
            ("2027-03-28", "00:00", "2027-03-28", "01:30"),
            datetime(2027, 3, 28, 0, tzinfo=UTC),
            datetime(2027, 3, 28, 1, tzinfo=UTC),
            id="until the end of a gap",
        ),
    ],
)
def test_time_off_may_begin_and_end_when_clocks_change(admin_client, zone, off, starts, ends):
    typed = dict(zip(("starts_0", "starts_1", "ends_0", "ends_1"), off, strict=True))
    form = provider_form(time_off=[typed], time_zone=zone)
    assert admin_client.post("/admin/booking/provider/add/", form).status_code == 302
    away = TimeOff.objects.get()
    assert (away.starts, away.ends) == (starts, ends)
    # Saved again as it is shown, it is the same.
    page = admin_client.get(f"/admin/booking/provider/{away.provider_id}/change/").content.decode()
    shown = dict(re.findall(r'name="time_off-0-((?:starts|ends)_[01])" value="([^"]*)"', page))
    again = provider_form(time_off=[{**shown, "id": away.pk, "provider": away.provider_id}], time_zone=zone)
    again["time_off-INITIAL_FORMS"] = 1
    assert admin_client.post(f"/admin/booking/provider/{away.provider_id}/change/", again).status_code == 302
    away.refresh_from_db()
    assert (away.starts, away.ends) == (starts, ends)


def test_time_off_without_a_time_is_refused_in_words(admin_client):
    off = [{"starts_0": "2026-06-02", "starts_1": "", "ends_0": "2026-06-02", "ends_1": "12:00"}]
    response = admin_client.post("/admin/booking/provider/add/", provider_form(time_off=off))
    assert errors(response) == ["Enter a date and a time, like 2026-06-02 and 09:30."]


def test_renaming_a_provider_leaves_what_was_booked(admin_client):
    provider = make_provider(hours=[])
    booked = make_appointment(provider=provider, at=TEN)
    form = provider_form(name="Dr Ada Lovelace", slug="dr-ada-byrne", services=[provider.services.first().pk])
    assert admin_client.post(f"/admin/booking/provider/{provider.pk}/change/", form).status_code == 302
    booked.refresh_from_db()
    assert (booked.provider.name, booked.provider_name) == ("Dr Ada Lovelace", "Dr Ada Byrne")


def said(response):
    return [str(message) for message in response.context["messages"]]


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


# Appointments are looked up


@pytest.mark.parametrize("standing", ["held", "confirmed", "cancelled", "expired"])
def test_an_appointment_is_found_and_read(admin_client, standing):
    make_appointment(provider=make_provider(), at=TEN, status=standing, email="jo@example.com")
    make_appointment(provider=Provider.objects.get(), at=TEN.replace(hour=12), email="sam@example.com")
    [row] = admin_client.get(APPOINTMENTS, {"q": "jo@example.com"}).context["cl"].queryset
    page = admin_client.get(f"{APPOINTMENTS}{row.pk}/change/").content.decode()
    assert [words for words in ("jo@example.com", "Dr Ada Byrne", "Consultation") if words not in page] == []
    assert 'name="_save"' not in page


@pytest.fixture
def clients():
    """Of one day: two who write themselves with an accent or an apostrophe, and one who gave no name."""
    provider = make_provider()
    who = [("Jürgen Müller", "jm@example.com"), ("Síle O’Neill", "sile@example.com"), ("", "sam@example.com")]
    for hour, (name, email) in enumerate(who, start=9):
        facts = {"status": "confirmed", "client_name": name, "email": email}
        Mail.objects.enqueue(
            make_appointment(provider=provider, at=TEN.replace(hour=hour), **facts), Mail.Kind.CANCELLED
        )


@pytest.mark.parametrize("address", [APPOINTMENTS, "/admin/booking/mail/"])
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("muller", ["Jürgen Müller"]),
        ("MÜLLER jurgen", ["Jürgen Müller"]),
        ("O'Neill", ["Síle O’Neill"]),
        ("sile oneill", ["Síle O’Neill"]),
        ("Sam@Example", ["sam@example.com"]),
        ("miller", []),
    ],
)
@pytest.mark.usefixtures("clients")
def test_a_search_finds_a_client_however_the_name_is_typed(admin_client, address, typed, found):
    rows = admin_client.get(address, {"q": typed}).context["cl"].queryset
    assert [getattr(row, "appointment", row).client for row in rows] == found


@pytest.mark.usefixtures("clients")
def test_what_was_booked_before_is_found_as_well():
    Appointment.objects.update(search_text="")
    import_module("booking.migrations.0011_search_text").fold_all(apps, None)
    texts = ["jurgen muller jm@example.com", "sile oneill sile@example.com", " sam@example.com"]
    assert list(Appointment.objects.order_by("pk").values_list("search_text", flat=True)) == texts


@pytest.mark.usefixtures("clients")
def test_the_list_of_mails_names_the_client(admin_client, django_assert_num_queries):
    with django_assert_num_queries(5):
        page = admin_client.get("/admin/booking/mail/").content.decode()
    names = re.findall(r'class="field-client">([^<]*)<', page)
    assert sorted(names) == ["Jürgen Müller", "Síle O’Neill", "sam@example.com"]


@pytest.mark.parametrize("appointments", [1, 30])
def test_the_list_costs_the_same_however_long(admin_client, appointments, django_assert_max_num_queries):
    provider = make_provider()
    for hour in range(appointments):
        make_appointment(provider=provider, at=TEN.replace(day=3 + hour % 20, hour=9 + hour // 20))
    with django_assert_max_num_queries(12):
        response = admin_client.get(APPOINTMENTS)
    assert response.context["cl"].result_count == appointments


def test_the_list_says_when_on_the_providers_clock(admin_client):
    make_appointment(provider=make_provider(zone="America/New_York"), at=TEN)
    page = admin_client.get(APPOINTMENTS).content.decode()
    assert "Tuesday 2 June 2026, 05:00–05:30 New York time (UTC-4)" in page
    assert "€60.00" in page


def test_all_of_an_appointments_times_are_on_one_clock(admin_client):
    row = make_appointment(provider=make_provider(zone="America/New_York"), at=TEN)
    Appointment.objects.update(blocked_until=TEN.replace(hour=10))
    page = admin_client.get(f"{APPOINTMENTS}{row.pk}/change/").content.decode()
    assert ("05:00–05:30 New York time" in page, "2 June 2026, 06:00" in page or "2 Jun 2026, 06:00" in page) == (
        True,
        True,
    )


def test_appointments_are_neither_added_nor_changed_nor_deleted(admin_client):
    row = make_appointment(provider=make_provider(), at=TEN)
    assert admin_client.get(f"{APPOINTMENTS}add/").status_code == 403
    assert admin_client.post(f"{APPOINTMENTS}add/", {}).status_code == 403
    assert admin_client.post(f"{APPOINTMENTS}{row.pk}/change/", {"status": "confirmed"}).status_code == 403
    assert admin_client.post(f"{APPOINTMENTS}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    delete = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    admin_client.post(APPOINTMENTS, delete)
    row.refresh_from_db()
    assert row.status == "held"


# The one thing that staff do to them


def give_back(client, *rows):
    chosen = {"action": "give_back", "_selected_action": [row.pk for row in rows]}
    return client.post(APPOINTMENTS, chosen, follow=True)


def test_unpaid_and_free_times_are_given_back_and_paid_ones_are_not(admin_client):
    provider = make_provider(services=[make_service(), make_service(name="Call", price="0.00", position=1)])
    free = provider.services.get(name="Call")
    held = make_appointment(provider=provider, at=TEN)
    gratis = make_appointment(provider=provider, at=TEN.replace(hour=10), service=free, status="confirmed")
    paid = make_appointment(provider=provider, at=TEN.replace(hour=11), status="confirmed")
    response = give_back(admin_client, held, gratis, paid)
    assert [Appointment.objects.get(pk=row.pk).status for row in (held, gratis, paid)] == [
        "cancelled",
        "cancelled",
        "confirmed",
    ]
    words = "is paid and was not cancelled: cancel it on its page, which says what goes back."
    assert f"Consultation with Dr Ada Byrne {words}" in said(response)


def test_a_time_given_back_by_staff_can_be_booked_again(admin_client, client):
    held = make_appointment(provider=make_provider(), at=TEN)
    give_back(admin_client, held)
    typed = {"provider": "dr-ada-byrne", "service": "consultation", "appointment_time": TEN.isoformat()}
    assert client.post("/", {**typed, "client_email": "sam@example.com"}).status_code == 303


def cancel_page(row):
    return f"{APPOINTMENTS}{row.pk}/cancel/"


def test_staff_cancel_a_paid_appointment_and_all_of_it_goes_back_unless_they_say_otherwise(admin_client):
    paid = make_appointment(provider=make_provider(), at=TEN, status="confirmed")
    form = admin_client.get(cancel_page(paid)).context["form"]
    assert form.fields["refund"].initial == Decimal("60.00")
    admin_client.post(cancel_page(paid), {"refund": "20.00"})
    paid.refresh_from_db()
    assert (paid.status, paid.refund_due) == ("cancelled", Decimal("20.00"))


@pytest.mark.parametrize("refund", ["60.01", "-1", "1.005", "all", ""])
def test_staff_cannot_return_what_was_not_paid(admin_client, refund):
    paid = make_appointment(provider=make_provider(), at=TEN, status="confirmed")
    page = admin_client.post(cancel_page(paid), {"refund": refund})
    paid.refresh_from_db()
    assert (page.status_code, bool(page.context["form"].errors), paid.status) == (200, True, "confirmed")


def test_staff_cancel_what_has_begun_as_well(admin_client):
    past = make_appointment(provider=make_provider(), at=TEN.replace(year=2020), status="confirmed")
    admin_client.post(cancel_page(past), {"refund": "0"})
    past.refresh_from_db()
    assert (past.status, past.refund_due) == ("cancelled", Decimal(0))


@pytest.mark.parametrize(
    ("price", "words"), [("60.00", "Not gone back yet: €60.00."), ("0.00", "Nothing was paid, so nothing goes back.")]
)
def test_staff_see_what_they_cancel_and_can_leave_it(admin_client, price, words):
    service = make_service(name="Call", price=price)
    row = make_appointment(
        provider=make_provider(services=[service]), at=TEN, status="confirmed", client_name="Jo Byrne"
    )
    page = admin_client.get(cancel_page(row)).content.decode()
    shown = ["Tuesday 2 June 2026, 10:00–10:30 Dublin time", "Jo Byrne", words]
    assert [words for words in shown if words not in page] == []
    assert f'href="{APPOINTMENTS}{row.pk}/change/"' in page


def test_money_that_staff_return_meanwhile_is_not_promised_again(admin_client):
    paid = make_appointment(provider=make_provider(), at=TEN, status="confirmed")
    seen = Appointment.objects.get()
    Appointment.objects.update(returned=Decimal("60.00"))
    with pytest.raises(NotCancellable):
        seen.cancel(Decimal("60.00"))
    paid.refresh_from_db()
    assert (paid.status, paid.refund_due) == ("confirmed", Decimal(0))


def test_only_a_confirmed_appointment_has_that_page(admin_client):
    held = make_appointment(provider=make_provider(), at=TEN)
    assert admin_client.get(cancel_page(held)).status_code == 404


# Who may cancel, and who may return money: Alice may do both, Bob at reception cancels, Charlie keeps the books


def member_of_staff(*permissions, name="staff"):
    user = User.objects.create(username=name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return logged_in(user)


@pytest.fixture
def alice():
    return member_of_staff("view_appointment", "change_appointment", "add_refund", name="alice")


@pytest.fixture
def bob():
    return member_of_staff("view_appointment", "change_appointment", name="bob")


@pytest.fixture
def charlie():
    return member_of_staff("view_appointment", "view_payment", "add_refund", name="charlie")


@pytest.fixture
def late():
    """Confirmed, paid, and so soon that half of it is promised back."""
    provider = make_provider()
    return make_appointment(provider=provider, at=TEN, status="confirmed", cancellation_policy="48h 100%, 12h 50%")


def standing(row):
    row.refresh_from_db()
    return row.status, row.refund_due


def test_alice_decides_what_goes_back(alice, late):
    assert "Cancel and return money" in alice.get(f"{APPOINTMENTS}{late.pk}/change/").content.decode()
    assert alice.post(cancel_page(late), {"refund": "60.00"}).status_code == 302
    assert standing(late) == ("cancelled", Decimal("60.00"))


def test_bob_gives_back_what_the_client_was_promised_and_reads_it_first(bob, late):
    change = bob.get(f"{APPOINTMENTS}{late.pk}/change/").content.decode()
    assert (cancel_page(late) in change, "return money" in change) == (True, False)
    page = bob.get(cancel_page(late)).content.decode()
    assert ("€30.00 goes back to the client" in page, "Goes back to the client" in page) == (True, False)
    assert bob.post(cancel_page(late), form_of(page)).status_code == 302
    assert standing(late) == ("cancelled", Decimal("30.00"))


@pytest.mark.parametrize("refund", ["60.00", "0", "", "all"])
def test_bob_gives_back_nothing_else_whatever_he_sends(bob, late, refund):
    page = bob.post(cancel_page(late), {"refund": refund})
    assert "What goes back is not what this page said" in page.content.decode()
    assert (standing(late), form_of(page.content.decode())["refund"]) == (("confirmed", Decimal(0)), "30.00")


def test_bob_is_shown_what_changed_while_his_page_was_open(bob, late, time_machine):
    seen = form_of(bob.get(cancel_page(late)).content.decode())
    time_machine.shift(timedelta(hours=12))
    again = bob.post(cancel_page(late), seen).content.decode()
    assert ("Nothing goes back to the client" in again, standing(late)[0]) == (True, "confirmed")
    assert bob.post(cancel_page(late), form_of(again)).status_code == 302
    assert standing(late) == ("cancelled", Decimal(0))


def test_charlie_returns_money_elsewhere_and_cancels_nothing(charlie, late):
    assert cancel_page(late) not in charlie.get(f"{APPOINTMENTS}{late.pk}/change/").content.decode()
    assert charlie.get(cancel_page(late)).status_code == 403
    assert charlie.post(cancel_page(late), {"refund": "60.00"}).status_code == 403
    assert "give_back" not in charlie.get(APPOINTMENTS).content.decode()
    give_back(charlie, late)
    assert standing(late) == ("confirmed", Decimal(0))


# Outsiders


ADDRESSES = ["/admin/", APPOINTMENTS, "/admin/booking/provider/", "/admin/booking/service/add/"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_is_not_staff_is_asked_to_log_in(client, address):
    visitor = logged_in(User.objects.create(username="visitor"))
    for outsider in (client, visitor):
        response = outsider.get(address)
        assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next={address}")


@pytest.mark.parametrize("address", ADDRESSES[1:])
def test_staff_without_the_permission_meet_our_own_403(address):
    response = member_of_staff().get(address)
    assert response.status_code == 403
    assert "This page is not yours to see" in response.content.decode()


def test_staff_who_may_not_see_appointments_give_none_back():
    held = make_appointment(provider=make_provider(), at=TEN)
    assert give_back(member_of_staff("view_provider"), held).status_code == 403
    held.refresh_from_db()
    assert held.status == "held"
