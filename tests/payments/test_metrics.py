"""The figures for Prometheus, read from the rows: what is owed, for how long, and what came in all."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from booking.models import LinksRequest, Mail
from payments.metrics import figures
from payments.models import Heartbeat, Payment, Refund, WebhookEvent
from tests.config.starting import start
from tests.factories import in_days, make_appointment, make_payment, make_provider
from tests.repository import ROOT

pytestmark = pytest.mark.django_db

KINDS = ["hold to lapse", "payment to ask about", "refund", "event", "mail", "links"]


@pytest.fixture
def provider():
    return make_provider()


@pytest.fixture
def now(time_machine, settings):
    settings.MAIL_IS_SENT = True
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    return now


def read(now):
    """Each sample by its name and what it is about."""
    return {
        (sample.name.removeprefix("booking_"), *sample.labels.values()): sample.value
        for metric in figures(now)
        for sample in metric.samples
    }


def appointment(provider, day, **facts):
    return make_appointment(provider=provider, at=in_days(day, provider=provider), **facts)


def owe_one_of_each(provider, since, day):
    """Make one of everything that tick has to do, owed since that moment."""
    minutes = (since - timezone.now()) / timedelta(minutes=1)
    appointment(provider, day, hold_minutes=minutes)
    make_payment(appointment(provider, day + 1), status="open", expires_at=since, payment_intent_id="")
    paid = make_payment(appointment(provider, day + 2, status="confirmed"))
    refund = Refund.objects.create(payment=paid, attempt=1, amount=100, reason="staff")
    event = WebhookEvent.objects.create(event_id=f"evt_{day}", type="refund.updated", livemode=False)
    # The moments of these two are set when they are made.
    Refund.objects.filter(pk=refund.pk).update(created_at=since)
    WebhookEvent.objects.filter(pk=event.pk).update(received_at=since)
    Mail.objects.bulk_create([Mail.about(paid.appointment, "cancelled", "1", due_at=since)])
    LinksRequest.objects.create(address=f"jo{day}@example.com", asked_at=since)


def test_with_nothing_owed_everything_is_nothing(now):
    assert read(now) == {
        ("appointments_total",): 0,
        ("payments_total",): 0,
        **{("owed", kind): 0 for kind in KINDS},
        **{("owed_oldest_seconds", kind): 0 for kind in KINDS},
        ("tick_last_round_timestamp_seconds",): 0,
    }


def test_all_that_is_owed_is_counted_and_the_oldest_tells_its_age(provider, now):
    owe_one_of_each(provider, now - timedelta(hours=3), 2)
    owe_one_of_each(provider, now - timedelta(hours=1), 6)
    Heartbeat.beat(Heartbeat.TICK, now)
    assert read(now) == {
        ("appointments_total",): 6,
        ("payments_total",): 2,
        **{("owed", kind): 2 for kind in KINDS},
        **{("owed_oldest_seconds", kind): 3 * 3600 for kind in KINDS},
        ("tick_last_round_timestamp_seconds",): now.timestamp(),
    }


def test_what_is_not_to_be_done_yet_is_not_owed(provider, now):
    """A hold that runs, a session that is open, a refund that a dispute forbids, and mails for later."""
    appointment(provider, 2)
    make_payment(appointment(provider, 3), status="open")
    disputed = make_payment(appointment(provider, 4, status="confirmed"), dispute="needs_response")
    Refund.objects.create(payment=disputed, attempt=1, amount=100, reason="staff")
    reminder, put_off = (Mail.about(disputed.appointment, "reminder", occasion) for occasion in ("1", "2"))
    reminder.due_at = reminder.first_due_at = put_off.due_at = now + timedelta(hours=1)
    put_off.first_due_at = now - timedelta(minutes=5)
    Mail.objects.bulk_create([reminder, put_off])
    figures = read(now)
    assert [figures["owed", kind] for kind in KINDS] == [0] * len(KINDS)


def test_where_no_mail_is_sent_none_is_owed(provider, now, settings):
    owe_one_of_each(provider, now - timedelta(hours=1), 2)
    settings.MAIL_IS_SENT = False
    assert read(now)["owed", "mail"] == 0


def test_it_takes_the_same_few_questions_whatever_there_is(provider, now, django_assert_num_queries):
    for days in ([2], [6, 10, 14]):
        for day in days:
            owe_one_of_each(provider, now - timedelta(hours=1), day)
        with django_assert_num_queries(len(KINDS) + 3):
            read(now)


def test_no_payment_counts_as_paid_that_is_not_and_each_that_is(provider):
    """The figure counts intents, because they have an index."""
    for day, (status, intent) in enumerate([("paid", "pi_1"), ("open", ""), ("processing", ""), ("expired", "")], 2):
        make_payment(appointment(provider, day), status=status, payment_intent_id=intent)
    assert read(timezone.now())["payments_total",] == Payment.objects.filter(status="paid").count()


def test_the_document_names_every_figure_and_no_other(provider, now):
    document = (ROOT / "docs/monitoring.md").read_text()
    exported = {sample.name for metric in figures(now) for sample in metric.samples} | {"booking_database_up"}
    assert set(re.findall(r"\bbooking_[a-z_]+", document)) == exported
    assert [kind for kind in KINDS if f"`{kind}`" not in document] == []


WITHOUT_A_DATABASE = """
import django; django.setup()
from payments.metrics import Rows
print([(metric.name, sample.value) for metric in Rows().collect() for sample in metric.samples])
"""


@pytest.mark.any_engine
def test_without_a_database_it_says_so_and_nothing_else(tmp_path):
    process = start(WITHOUT_A_DATABASE, DATABASE_URL=f"sqlite:///{tmp_path / 'no such folder' / 'x.sqlite3'}")
    assert (process.stdout, process.stderr) == ("[('booking_database_up', 0)]\n", "")
