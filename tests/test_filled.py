"""The practice of long standing that `tests.filled` makes is one that could have been."""

import pytest
from django.db.models import Count

from booking.models import Appointment, Mail
from payments.models import Payment, Refund, WebhookEvent
from tests.filled import fill
from tests.manage import said_by


@pytest.fixture
def filled(db):
    fill(500, providers=3)


def test_it_has_as_many_as_were_asked_for_and_nothing_is_wrong(filled):
    rows = [model.objects.count() for model in (Appointment, Payment, Refund, WebhookEvent, Mail)]
    assert rows == [500, 500, 40, 500, 965]
    assert said_by("audit") == (0, ["Nothing is wrong."])


def test_more_can_be_added(filled):
    fill(100, providers=1)
    by_provider = Appointment.objects.values_list("provider").annotate(Count("pk")).order_by("provider")
    assert [count for _, count in by_provider] == [167, 167, 166, 100]
    assert said_by("audit") == (0, ["Nothing is wrong."])
