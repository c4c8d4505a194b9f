"""The database refuses two live appointments of one provider at one time, whatever our own code does."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from booking.models import Appointment
from booking.models.overlaps import OVERLAP_CONSTRAINT
from tests.factories import in_days, make_appointment, make_provider, make_service

pytestmark = pytest.mark.django_db

LIVE = ["held", "confirmed"]
OVER = ["cancelled", "expired"]


@pytest.fixture
def other():
    return make_provider(name="Bo Lund", services=[make_service(name="Other", minutes=30)])


def refused(write):
    """Tell whether the database refuses this write for an overlap. A transaction around this call can go on."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        write()
    return OVERLAP_CONSTRAINT in str(error.value)


def minutes_after(moment, minutes):
    return moment + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "shift",
    [
        pytest.param(0, id="equal"),
        pytest.param(15, id="starting inside"),
        pytest.param(-15, id="ending inside"),
        pytest.param(30, id="starting in the buffer"),
        pytest.param(44, id="starting in the buffer's last minute"),
        pytest.param(-30, id="with its buffer reaching in"),
        pytest.param(-44, id="with its buffer's last minute reaching in"),
    ],
)
@pytest.mark.parametrize("first", LIVE)
@pytest.mark.parametrize("second", LIVE)
def test_a_live_appointment_that_overlaps_another_is_refused(provider, shift, first, second):
    at = in_days(2, provider=provider)
    make_appointment(provider=provider, at=at, status=first)
    assert refused(lambda: make_appointment(provider=provider, at=minutes_after(at, shift), status=second)) is True
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize(("outer", "inner"), [(0, 30), (30, 0)], ids=["containing", "contained"])
def test_one_around_another_is_refused_whichever_came_first(provider, outer, inner):
    long, short = make_service(name="Long", minutes=120), make_service(name="Short", minutes=10)
    at = in_days(2, provider=provider)
    first, second = (long, short) if inner else (short, long)
    start = {long: at, short: minutes_after(at, 30)}
    make_appointment(provider=provider, service=first, at=start[first])
    assert refused(lambda: make_appointment(provider=provider, service=second, at=start[second])) is True


@pytest.mark.parametrize("shift", [45, -45])
@pytest.mark.parametrize("status", LIVE)
def test_touching_is_allowed(provider, shift, status):
    at = in_days(2, provider=provider)
    make_appointment(provider=provider, at=at, status=status)
    make_appointment(provider=provider, at=minutes_after(at, shift), status=status)
    assert Appointment.objects.filter(status=status).count() == 2


def test_another_provider_may_work_at_the_same_time(provider, other):
    at = in_days(2, provider=provider)
    make_appointment(provider=provider, at=at)
    make_appointment(provider=other, at=at)
    assert Appointment.objects.count() == 2


@pytest.mark.parametrize("over", OVER)
@pytest.mark.parametrize("live", LIVE)
def test_what_is_over_stands_in_nobodys_way_whichever_came_first(provider, over, live):
    at = in_days(2, provider=provider)
    make_appointment(provider=provider, at=at, status=over)
    make_appointment(provider=provider, at=at, status=live)
    make_appointment(provider=provider, at=at, status=over)
    assert Appointment.objects.count() == 3


@pytest.mark.parametrize("over", OVER)
@pytest.mark.parametrize("live", LIVE)
def test_bringing_an_appointment_back_to_life_into_a_taken_time_is_refused(provider, over, live):
    at = in_days(2, provider=provider)
    gone = make_appointment(provider=provider, at=at, status=over)
    make_appointment(provider=provider, at=minutes_after(at, 15), status="confirmed")
    assert refused(lambda: Appointment.objects.filter(pk=gone.pk).update(status=live)) is True
    gone.refresh_from_db()
    assert gone.status == over


def test_moving_an_appointment_into_another_is_refused(provider):
    at = in_days(2, provider=provider)
    make_appointment(provider=provider, at=at)
    later = make_appointment(provider=provider, at=minutes_after(at, 60))
    rows = Appointment.objects.filter(pk=later.pk)
    assert refused(lambda: rows.update(appointment_time=minutes_after(at, 44))) is True
    assert rows.update(appointment_time=minutes_after(at, 45)) == 1


def test_giving_an_appointment_to_a_provider_who_is_busy_is_refused(provider, other):
    at = in_days(2, provider=provider)
    make_appointment(provider=provider, at=at)
    theirs = make_appointment(provider=other, at=at)
    rows = Appointment.objects.filter(pk=theirs.pk)
    assert refused(lambda: rows.update(provider=provider)) is True


def test_a_buffer_that_grows_into_the_next_appointment_is_refused(provider):
    at = in_days(2, provider=provider)
    first = make_appointment(provider=provider, at=at)
    make_appointment(provider=provider, at=minutes_after(at, 60))
    rows = Appointment.objects.filter(pk=first.pk)
    assert rows.update(blocked_until=minutes_after(at, 60)) == 1
    assert refused(lambda: rows.update(blocked_until=minutes_after(at, 61))) is True


def test_an_appointment_does_not_stand_in_its_own_way(provider):
    at = in_days(2, provider=provider)
    mine = make_appointment(provider=provider, at=at)
    moved = {"status": "confirmed", "appointment_time": minutes_after(at, 5), "blocked_until": minutes_after(at, 50)}
    assert Appointment.objects.filter(pk=mine.pk).update(**moved) == 1


def test_a_lapsed_hold_still_counts_until_it_is_written_down_as_expired(provider):
    at = in_days(2, provider=provider)
    make_appointment(provider=provider, at=at, hold_minutes=-1)
    assert refused(lambda: make_appointment(provider=provider, at=at)) is True


def test_many_rows_in_one_statement_are_checked_one_against_the_other(provider):
    service, at = provider.services.first(), in_days(2, provider=provider)
    one, two = (Appointment.copied_from(provider, service, minutes_after(at, shift)) for shift in (0, 15))
    for row in (one, two):
        row.status, row.created_at = "confirmed", at
    assert refused(lambda: Appointment.objects.bulk_create([one, two])) is True
    assert Appointment.objects.count() == 0


def test_plain_sql_is_refused_too(provider):
    at = in_days(2, provider=provider)
    make_appointment(provider=provider, at=at)
    fields = [field.column for field in Appointment._meta.concrete_fields if field.column not in {"id", "reference"}]
    columns = ", ".join(map(connection.ops.quote_name, fields))
    table = "booking_appointment"
    statement = f"INSERT INTO {table} (reference, {columns}) SELECT 'copy', {columns} FROM {table}"

    def copy():
        with connection.cursor() as cursor:
            cursor.execute(statement)

    assert refused(copy) is True


def test_an_appointment_of_no_length_or_with_a_buffer_before_its_end_is_refused(provider):
    at = in_days(2, provider=provider)
    for wrong in ({"end": at}, {"blocked_until": minutes_after(at, 29)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_appointment(provider=provider, at=at, **wrong)
    assert Appointment.objects.count() == 0


def test_the_refusal_is_there_again_after_migrate(provider, engine):
    """SQLite rebuilds a table in order to alter it, and the rebuilt table has no triggers any more."""
    at = in_days(2, provider=provider)
    make_appointment(provider=provider, at=at)
    if engine == "sqlite3":
        with connection.cursor() as cursor:
            for suffix in ("insert", "update"):
                cursor.execute(f"DROP TRIGGER {OVERLAP_CONSTRAINT}_{suffix}")
        make_appointment(provider=provider, at=at).delete()
    call_command("migrate", verbosity=0)
    assert refused(lambda: make_appointment(provider=provider, at=at)) is True
    later = make_appointment(provider=provider, at=minutes_after(at, 60))
    assert refused(lambda: Appointment.objects.filter(pk=later.pk).update(appointment_time=at)) is True


def test_migrating_twice_leaves_one_refusal_of_each_kind(engine):
    call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0)
    catalogue = {
        "sqlite3": f"SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE '{OVERLAP_CONSTRAINT}%%'",
        "postgresql": f"SELECT 2 * count(*) FROM pg_constraint WHERE conname = '{OVERLAP_CONSTRAINT}'",
    }
    with connection.cursor() as cursor:
        cursor.execute(catalogue[engine])
        assert cursor.fetchone() == (2,)
