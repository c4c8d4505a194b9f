"""Staff change what is offered, and are told which appointments are no longer within it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.utils import timezone

from booking.models import Appointment, Provider, Service, TimeOff
from booking.schedule.no_longer_offered import no_longer_offered
from tests.booking.clock import dublin
from tests.factories import make_appointment, make_provider, make_service
from tests.filled import fill
from tests.staff import member_of_staff, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

FOUR = dublin(2, "16:00")
APPOINTMENTS = "/admin/booking/appointment/"
TELL = "Still booked outside what is offered now: {}. Tell these clients, or cancel."


@pytest.fixture
def service(provider):
    return provider.services.get()


@pytest.fixture
def booked(provider):
    """It is at four in the afternoon; the others here are over, or with somebody else, and need not be named."""
    make_appointment(provider=provider, at=FOUR - timedelta(hours=1), status="cancelled")
    make_appointment(provider=provider, at=FOUR - timedelta(days=7), status="confirmed")
    make_appointment(provider=provider, at=FOUR - timedelta(hours=2), hold_minutes=-1)
    make_appointment(provider=make_provider(name="Bo Lund", services=[make_service(name="Call")]), at=FOUR)
    return make_appointment(provider=provider, at=FOUR, status="confirmed", client_name="Síle O’Neill")


def page_of(row):
    return f"/admin/booking/{row._meta.model_name}/{row.pk}/change/"


def shown(client, page):
    """Return what a browser would send if Save were pressed as soon as the page is there."""
    context = client.get(page).context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.initial_forms]
    fields = {field.html_name: field.value() for form in forms for field in form}
    for name in (name for name in fields if name.endswith("TOTAL_FORMS")):
        # The empty rows for new entries are left out.
        fields[name] = fields[name.replace("TOTAL", "INITIAL")]
    return {name: value for name, value in fields.items() if value is not None and value is not False}


def save(client, row, **changes):
    """Save a row with those changes, where None takes a field away, and return the warnings that staff are shown."""
    page = page_of(row)
    sent = {name: value for name, value in {**shown(client, page), **changes}.items() if value is not None}
    answer = client.post(page, sent, follow=True)
    assert answer.redirect_chain != [], answer.context["adminform"].form.errors
    return [str(message) for message in answer.context["messages"] if message.level_tag == "warning"]


def named(*rows, when="Tuesday 2 June 2026, 16:00–16:30 Dublin time (UTC+1)"):
    names = "".join(f'<br><a href="{APPOINTMENTS}{row.pk}/change/">{when}, {row.client}</a>' for row in rows)
    return [TELL.format(len(rows)) + names]


CLOSED_AT_NOON = {f"working_hours-{row}-closes": "12:00" for row in range(7)}
AWAY = {
    "time_off-TOTAL_FORMS": 1,
    "time_off-0-starts_0": "2026-06-02",
    "time_off-0-starts_1": "16:15",
    "time_off-0-ends_0": "2026-06-02",
    "time_off-0-ends_1": "18:00",
}
TOKYO = "Wednesday 3 June 2026, 00:00–00:30 Tokyo time (UTC+9)"


@pytest.mark.parametrize(
    "changes",
    [CLOSED_AT_NOON, AWAY, {"active": None}, {"services": None}],
    ids=["hours", "time off", "inactive", "services"],
)
def test_what_a_change_of_a_provider_leaves_outside_is_named(admin_client, provider, booked, changes):
    assert save(admin_client, provider, **changes) == named(booked)


def test_in_another_time_zone_it_is_another_time(admin_client, provider, booked):
    assert save(admin_client, provider, time_zone="Asia/Tokyo") == named(booked, when=TOKYO)


def test_a_service_that_is_offered_no_more_is_named_too(admin_client, service, booked):
    assert save(admin_client, service, active=None) == named(booked)


def test_a_service_made_inactive_in_a_list_is_named_too(admin_client, service, booked, monkeypatch):
    monkeypatch.setattr(admin.site.get_model_admin(Service), "list_editable", ["active"])
    rows = admin_client.get("/admin/booking/service/").context["cl"].result_list
    sent = {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": len(rows), "_save": "Save"}
    for number, row in enumerate(rows):
        sent |= {f"form-{number}-id": row.pk} | ({} if row == service else {f"form-{number}-active": "on"})
    answer = admin_client.post("/admin/booking/service/", sent, follow=True)
    assert named(booked)[0] in said(answer)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Physiotherapist"},
        {"slug": "ada"},
        {f"working_hours-{row}-closes": "16:30" for row in range(7)},
        {**AWAY, "time_off-0-starts_1": "16:30"},
        {"time_zone": "Europe/London"},
    ],
    ids=["title", "address", "hours that end with it", "time off after it", "a zone with the same clock"],
)
def test_what_leaves_it_where_it_is_offered_says_nothing(admin_client, provider, booked, changes):
    assert save(admin_client, provider, **changes) == []


def test_a_service_that_takes_longer_by_now_says_nothing(admin_client, service, booked):
    """The appointment keeps the length that it was booked with."""
    assert save(admin_client, service, duration_minutes=90) == []


def test_what_was_named_once_is_not_named_again(admin_client, provider, booked):
    assert save(admin_client, provider, **CLOSED_AT_NOON) == named(booked)
    morning = make_appointment(provider=provider, at=FOUR - timedelta(hours=6), client_name="Jo Byrne")
    at_ten = "Tuesday 2 June 2026, 10:00–10:30 Dublin time (UTC+1)"
    assert save(admin_client, provider, active=None) == named(morning, when=at_ten)


def test_a_refused_form_names_nobody(admin_client, provider, booked):
    sent = {**shown(admin_client, page_of(provider)), **CLOSED_AT_NOON, "time_zone": "Dublin"}
    answer = admin_client.post(page_of(provider), sent)
    assert (answer.status_code, list(answer.context["messages"])) == (200, [])
    assert no_longer_offered(timezone.now()) == []


def test_of_many_the_first_are_named_and_a_list_has_all(admin_client, provider):
    rows = [make_appointment(provider=provider, at=FOUR + timedelta(days=day)) for day in range(25)]
    [said] = save(admin_client, provider, active=None)
    assert said.startswith(TELL.format(25))
    assert [f"{APPOINTMENTS}{row.pk}/change/" in said for row in rows] == [True] * 20 + [False] * 5
    assert said.endswith(f'<br><a href="{APPOINTMENTS}?offered=no">and 5 more</a>')
    make_appointment(provider=make_provider(name="Bo Lund", services=[make_service(name="Call")]), at=FOUR)
    found = admin_client.get(f"{APPOINTMENTS}?offered=no").context["cl"].queryset
    assert set(found) == set(rows)


def test_a_name_is_no_markup(admin_client, provider):
    make_appointment(provider=provider, at=FOUR, client_name="<script>")
    [said] = save(admin_client, provider, active=None)
    assert ("<script>" in said, "&lt;script&gt;" in said) == (False, True)


def test_who_may_not_see_appointments_reads_how_many_and_not_whose(provider, booked):
    client = member_of_staff("change_provider", "view_provider", "change_workinghours", "change_timeoff")
    assert save(client, provider, active=None) == [TELL.format(1)]


# Which appointments are no longer offered


def test_over_midnight_and_where_hours_touch_it_is_inside():
    provider = make_provider(hours=[("09:00", "16:15"), ("16:15", "17:00"), ("22:00", "02:00")])
    make_appointment(provider=provider, at=FOUR)
    make_appointment(provider=provider, at=datetime(2026, 6, 2, 22, 45, tzinfo=UTC))
    late = make_appointment(provider=provider, at=datetime(2026, 6, 3, 0, 45, tzinfo=UTC))
    assert no_longer_offered(timezone.now()) == [late]


def test_what_has_begun_and_is_not_over_is_coming(provider):
    now = timezone.now()
    running = make_appointment(provider=provider, at=now - timedelta(minutes=15), status="confirmed")
    TimeOff.objects.create(provider=provider, starts=now, ends=now + timedelta(hours=1))
    assert no_longer_offered(now) == [running]


@pytest.mark.parametrize("appointments", [1, 30])
def test_it_costs_the_same_however_many_are_booked(provider, appointments, django_assert_num_queries):
    for day in range(appointments):
        make_appointment(provider=provider, at=FOUR + timedelta(days=day))
    with django_assert_num_queries(3):
        assert no_longer_offered(timezone.now()) == []


@pytest.mark.parametrize("narrowed", ["all", "in time off", "of some providers"])
def test_an_index_leads_to_what_is_not_over(narrowed, engine):
    """So the years behind are not looked at. Each page and list of what is still to come narrows these rows further."""
    fill(500, providers=3, days_ahead=1)
    rows = Appointment.objects.not_over(timezone.now())
    queries = {
        "all": rows,
        "in time off": rows.in_time_off(),
        "of some providers": rows.filter(provider__in=list(Provider.objects.all()[:2])),
    }
    with connection.cursor() as cursor:
        if engine == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # it would read a small table as a whole
    from_one_end = r"(?:INDEX|Index Cond:) .*appointment_time\W*>"
    assert re.search(from_one_end, queries[narrowed].order_by("appointment_time", "pk").explain()) is not None
