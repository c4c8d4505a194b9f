from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail as outbox
from django.utils import timezone

from tests.booking.mail.reading import AT
from tests.factories import in_days, make_appointment, make_provider, make_service


@pytest.fixture
def practice_rules(settings, time_machine):
    """The practice reminds once, a day before, and wants no mail itself. Time stands still until a test moves it."""
    time_machine.move_to(timezone.now(), tick=False)
    settings.REMINDER_HOURS, settings.PRACTICE_EMAIL = [24], ""
    settings.PRACTICE_NAME, settings.SITE_URL = "Linden House Practice", "https://practice.example"


@pytest.fixture
def held(provider):
    return make_appointment(provider=provider, at=in_days(5, provider=provider))


@pytest.fixture
def mail_server(monkeypatch):
    """The mail server fails with each error that a test adds to this list, once for each, and then accepts."""
    errors = []

    def failing(self, fail_silently=False):
        if errors:
            raise errors.pop(0)
        outbox.outbox.append(self)

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", failing)
    return errors


@pytest.fixture
def six_days_before(settings, time_machine):
    """It is six days before the appointment of the letters, and the practice has an address of its own."""
    time_machine.move_to(datetime(2026, 11, 25, 12, 0, tzinfo=UTC), tick=False)
    settings.PRACTICE_NAME, settings.PRACTICE_EMAIL = "Linden House Practice", "desk@practice.example"
    settings.SITE_URL, settings.EMAIL_FROM = "https://practice.example", "appointments@practice.example"


@pytest.fixture
def appointment():
    """It takes 50 minutes in Madrid and is confirmed, though its hold had lapsed before it was paid."""
    provider = make_provider(name="Marta Ruiz", zone="Europe/Madrid", services=[make_service(minutes=50)])
    facts = {"cancellation_policy": "48h 100%, 24h 50%", "expired_at": AT - timedelta(days=5)}
    return make_appointment(provider=provider, at=AT, status="confirmed", **facts)
