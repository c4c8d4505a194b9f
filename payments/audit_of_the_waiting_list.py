"""What must always be true of those who wait for a time to become free.

Like payments/audit.py, from which these checks are called, it repairs nothing. That a freed time is never sold twice is
what it says of appointments that overlap.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from booking.models import Mail, WaitingEntry, WaitingOffer
from booking.models.waiting import MOST_TIMES

# A tick that runs ends what is over much sooner than this.
OVERDUE = timedelta(hours=1)


def others_of_that_time() -> QuerySet[WaitingOffer]:
    """Of an offer, those before it that are of a time of the same provider which shares a moment with its own."""
    overlapping = Q(appointment_time__lt=OuterRef("ends"), ends__gt=OuterRef("appointment_time"))
    return WaitingOffer.objects.filter(overlapping, provider=OuterRef("provider"), pk__lt=OuterRef("pk"))


def told_twice(now: datetime) -> Iterator[str]:
    """Whose address was corrected since was told at the one that they had then, so the offer has it."""
    the_same = Q(entry=OuterRef("entry")) | Q(mailbox=OuterRef("mailbox"))
    before = others_of_that_time().filter(the_same)
    for offer in WaitingOffer.objects.filter(Exists(before)).order_by("pk"):
        yield f"Who waits by entry {offer.entry_id} was told twice of one time."


def told_with_another(now: datetime) -> Iterator[str]:
    """The pause begins when the mail has gone. Until then nobody else is told."""
    a_moment_ago = Q(mailed_at=None) | Q(mailed_at__gt=OuterRef("told_at") - settings.WAITING_PAUSE)
    before = others_of_that_time().filter(a_moment_ago).exclude(entry=OuterRef("entry"))
    before = before.exclude(mailbox=OuterRef("mailbox"))
    for offer in WaitingOffer.objects.filter(Exists(before)).order_by("pk"):
        yield f"Who waits by entry {offer.entry_id} was told of a time just after somebody else."


def told_of_what_they_cannot_have(now: datetime) -> Iterator[str]:
    too_soon = Q(appointment_time__lt=F("entry__since")) | Q(appointment_time__lte=F("told_at"))
    with_another = Q(entry__provider__isnull=False) & ~Q(entry__provider=F("provider"))
    wrong = too_soon | Q(appointment_time__gte=F("entry__until")) | with_another
    for offer in WaitingOffer.objects.filter(wrong).order_by("pk"):
        yield f"Who waits by entry {offer.entry_id} was told of a time that they had not asked for."


def told_without_waiting(now: datetime) -> Iterator[str]:
    never = Q(entry__confirmed_at=None) | Q(entry__confirmed_at__gt=F("told_at"))
    for offer in WaitingOffer.objects.filter(never | Q(entry__ended_at__lt=F("told_at"))).order_by("pk"):
        yield f"Entry {offer.entry_id} was told of a time before its owner had confirmed it, or after it had ended."


def told_too_often(now: datetime) -> Iterator[str]:
    for entry in WaitingEntry.objects.annotate(told=Count("offers")).filter(told__gt=MOST_TIMES).order_by("pk"):
        yield f"Who waits by entry {entry.pk} was told of more than {MOST_TIMES} times."


def mailed_otherwise_than_told(now: datetime) -> Iterator[str]:
    """A stranger's address gets one mail that asks, and whoever waits one for each time, which is owed or has gone."""
    goes = Q(mail__status__in=[Mail.Status.OWED, Mail.Status.SENT])
    asking = Count("mail", filter=Q(mail__kind=Mail.Kind.CONFIRM_WAITING), distinct=True)
    telling = Count("mail", filter=goes & Q(mail__kind=Mail.Kind.TIME_FREED), distinct=True)
    counted = WaitingEntry.objects.annotate(asking=asking, telling=telling, told=Count("offers", distinct=True))
    for entry in counted.filter(Q(asking__gt=1) | ~Q(telling=F("told"))).order_by("pk"):
        yield f"Entry {entry.pk} has other mails than one that asks, and one for each time."


def waiting_for_what_is_over(now: datetime) -> Iterator[str]:
    waiting = WaitingEntry.objects.open().exclude(confirmed_at=None).filter(until__lt=now - OVERDUE)
    for entry in waiting.order_by("pk") if settings.MAIL_IS_SENT else ():
        yield f"Entry {entry.pk} waits for days that are over: is tick running?"


CHECKS = (
    told_twice,
    told_with_another,
    told_of_what_they_cannot_have,
    told_without_waiting,
    told_too_often,
    mailed_otherwise_than_told,
    waiting_for_what_is_over,
)
