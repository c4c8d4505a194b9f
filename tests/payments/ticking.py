"""Run `manage.py tick` as if it were later, so that all has its turn that was put off."""

from datetime import timedelta

from django.core.management import call_command
from django.db.models import F

from payments.models import Payment, WebhookEvent


def later_tick(hours=2):
    """Run one round, as if Stripe had been asked about everything so many hours ago."""
    give_everything_its_turn(hours)
    call_command("tick")


def give_everything_its_turn(hours=2):
    """Let the rows say that Stripe was asked so long ago. What takes days is asked about hourly, all else sooner."""
    for asked_about in (Payment, WebhookEvent):
        asked_about.objects.update(asked_at=F("asked_at") - timedelta(hours=hours))
