"""Whether all is well, told from rows alone: nobody outside is asked, so it is quick even if Stripe is silent.

All signs are read in one query, since a page that staff look at all day reads them.
"""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Exists, F, Q, QuerySet, Subquery
from django.db.models.functions import Lower

from booking.models import Appointment, Mail
from payments.gateway import AS_LONG_AS_A_PAGE_WAITS
from payments.models import Examination, Heartbeat, Payment, WebhookEvent

# A round of tick never takes this long.
TICK_AT_LEAST_EVERY = timedelta(minutes=10)
OVERDUE = timedelta(hours=1)
# How long a mail that could not be sent waits for its next turn, at most.
LONGEST_PAUSE = timedelta(hours=1)
# An audit is meant to run each night.
AUDIT_AT_LEAST_EVERY = timedelta(days=2)
# Mails of which somebody can still do something: older ones were about appointments that are over, mostly.
LOOKED_BACK = timedelta(days=60)
# The practice's own address is right again if nothing was refused there for so long.
PRACTICE_LOOKED_BACK = timedelta(days=7)


@dataclass(frozen=True)
class Signs:
    """What the rows say. A moment is None where there is nothing of which it could be told."""

    ticked_at: datetime | None
    heard_at: datetime | None
    """When the last webhook came."""
    paid_at: datetime | None
    """When the newest of the payments was paid of which a webhook should have told by now."""
    unsent_since: datetime | None
    """When the oldest mail was due that is still owed."""
    unopened_since: datetime | None
    """When the oldest of the payment pages was asked for that Stripe has not opened."""
    payments_wait: bool
    mails_were_lost: bool
    audited_at: datetime | None
    audit_wrong: int | None
    """How much the last audit found wrong, or None if none has ever run."""

    def tick_stands_still(self, now: datetime) -> bool:
        return not self.ticked_at or self.ticked_at <= now - TICK_AT_LEAST_EVERY

    @property
    def webhooks_are_missing(self) -> bool:
        return bool(self.paid_at and (not self.heard_at or self.heard_at < self.paid_at - OVERDUE))

    def mail_is_overdue(self, now: datetime) -> bool:
        return bool(self.unsent_since and self.unsent_since <= now - OVERDUE)

    def audit_is_overdue(self, now: datetime) -> bool:
        """Whether none has run for days, though one has before. A site that is only tried out needs none."""
        return bool(self.audited_at and self.audited_at <= now - AUDIT_AT_LEAST_EVERY)


def read_signs(user: User, now: datetime) -> Signs:
    """Read them beside the row of whoever looks, which is surely there: so one query does."""
    names = [field.name for field in fields(Signs)]
    return Signs(**User.objects.filter(pk=user.pk).annotate(**expressions(now)).values(*names).get())


def expressions(now: datetime) -> dict[str, Any]:
    audits = Examination.objects.filter(name__in=Examination.AUDITS)
    unsent = unsent_mails(now) if settings.MAIL_IS_SENT else Mail.objects.none()
    return {
        "ticked_at": Subquery(Heartbeat.objects.filter(name=Heartbeat.TICK).values("at")),
        "heard_at": Subquery(WebhookEvent.objects.order_by("-received_at").values("received_at")[:1]),
        "paid_at": Subquery(settled_long_ago(now).values("paid_at")[:1]),
        "unsent_since": Subquery(unsent.order_by("first_due_at").values("first_due_at")[:1]),
        "unopened_since": Subquery(unopened(now).values("created_at")[:1]),
        "payments_wait": Exists(Payment.objects.needing_staff()),
        "mails_were_lost": Exists(lost_mails(now)),
        "audited_at": Subquery(audits.order_by("-at").values("at")[:1]),
        "audit_wrong": Subquery(audits.order_by("-wrong").values("wrong")[:1]),
    }


def unsent_mails(now: datetime) -> QuerySet[Mail]:
    """Those that are late. No failure puts one off for more than an hour: so an index tells them from all reminders."""
    return Mail.objects.not_sent_since(now).filter(due_at__lte=now + LONGEST_PAUSE)


def unopened(now: datetime) -> QuerySet[Payment]:
    """Payments whose page Stripe has not opened although the call has had its time, the oldest first.

    Tick repeats the call each minute. So once Stripe answers again there are none.
    """
    still_calling = now - timedelta(seconds=AS_LONG_AS_A_PAGE_WAITS)
    return Payment.objects.open().filter(checkout_session_id=None, created_at__lte=still_calling).order_by("created_at")


def settled_long_ago(now: datetime) -> QuerySet[Payment]:
    """Payments of which a webhook should have told by now, the newest first.

    They have an index of when they began, and none of when the money came.
    """
    return Payment.objects.filter(paid_at__lt=now - OVERDUE).order_by("-created_at")


def lost_mails(now: datetime) -> QuerySet[Mail]:
    """Mails that were given up, or refused by the mail server, and of which a person can still do something.

    Either the appointment is ahead and the client has still that address, or it is the practice's own address.
    """
    given_up = Mail.objects.exclude(status=Mail.Status.SENT).filter(
        Q(status=Mail.Status.REFUSED) | Q(status=Mail.Status.DROPPED), created_at__gt=now - LOOKED_BACK
    )
    lost = given_up.exclude(last_error="").alias(address_now=Lower("appointment__client_email"))
    is_ahead = Q(appointment__status__in=Appointment.OCCUPYING, appointment__end__gt=now)
    to_client = Q(reader=Mail.Reader.CLIENT, address=F("address_now")) & is_ahead
    own = settings.PRACTICE_EMAIL.lower()
    to_practice = Q(reader=Mail.Reader.PRACTICE, address=own, created_at__gt=now - PRACTICE_LOOKED_BACK)
    return lost.filter(to_client | to_practice).order_by("appointment__appointment_time", "pk")
