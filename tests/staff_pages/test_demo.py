"""The demonstration has a believable week behind it and one ahead, and nothing in it is against the rules."""

from collections import Counter
from datetime import date
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from booking.models import Appointment, Mail, Provider, TimeOff
from payments.audit import audit
from payments.models import Payment
from tests.factories import make_provider


@pytest.fixture
def debug(settings):
    settings.DEBUG = True


def demo(**options):
    said = StringIO()
    call_command("demo", stdout=said, **options)
    return said.getvalue()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("debug", "live_server")
def test_there_are_appointments_in_all_states_and_the_audit_finds_nothing_wrong_at_stripe_either():
    demo()
    now = timezone.now()
    assert list(audit(now)) == []
    said = StringIO()
    call_command("audit", stripe=True, stdout=said)
    assert said.getvalue() == "Nothing is wrong.\n"
    statuses = Counter(Appointment.objects.values_list("status", flat=True))
    assert (statuses["held"], statuses["expired"], statuses["confirmed"] > 40) == (3, 1, True)
    assert Appointment.objects.filter(appointment_time__lt=now, no_show_at=None).exists()
    assert Appointment.objects.filter(client_email="").get().client_phone == "+35316012345"
    assert Appointment.objects.filter(search_text__contains="oneill").count() >= 4
    assert not Payment.objects.exclude(status="paid").exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize(
    ("today", "christmas"),
    [
        ("2026-11-27 10:00 +0000", 2026),
        ("2026-12-16 10:00 +0000", 2026),
        ("2026-12-17 10:00 +0000", 2027),
        ("2026-12-30 23:30 +0000", 2027),
        ("2027-03-28 01:30 +0000", 2027),
    ],
)
def test_it_is_booked_around_today_whichever_day_that_is(today, christmas, time_machine):
    time_machine.move_to(today, tick=False)
    demo()
    assert list(audit(timezone.now())) == []
    closed = TimeOff.objects.first()
    off = Appointment.objects.filter(appointment_time__gte=closed.starts, appointment_time__lt=closed.ends)
    assert (off.count(), TimeOff.objects.count()) == (0, 4)
    assert closed.starts.astimezone(closed.provider.zone).date() == date(christmas, 12, 24)
    assert Appointment.objects.filter(appointment_time__lt=timezone.now(), no_show_at=None).count() > 10
    assert Appointment.objects.filter(appointment_time__gt=timezone.now(), status="confirmed").count() > 20
    behind = [mail.created_at < timezone.now() for mail in Mail.objects.filter(status="sent")]
    assert all(behind)


@pytest.mark.django_db
@pytest.mark.parametrize(("debug_on", "empty"), [(False, False), (True, True)])
def test_with_debug_off_or_when_asked_for_there_is_only_the_practice(settings, debug_on, empty):
    settings.DEBUG = debug_on
    demo(empty=empty)
    assert (Provider.objects.count(), Appointment.objects.count(), User.objects.count()) == (4, 0, 0)


@pytest.mark.django_db
@pytest.mark.usefixtures("debug")
def test_a_practice_that_is_there_is_left_alone():
    make_provider()
    assert (demo(), Provider.objects.count(), User.objects.count()) == ("", 1, 0)


@pytest.mark.django_db
@pytest.mark.usefixtures("debug")
def test_without_the_sandbox_nobody_can_have_paid(settings):
    settings.STRIPE_SANDBOX = False
    demo()
    assert (Payment.objects.count(), list(audit(timezone.now()))) == (0, [])
    paid_online = Appointment.objects.filter(status="confirmed", price__gt=F("due_at_practice"))
    assert paid_online.count() == 0
