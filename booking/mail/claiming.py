"""Claiming the mails that are due: each is sent by one process only, and a client gets so many an hour."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from booking import limits
from booking.claims import AT_ONCE, lock_portion
from booking.models import Mail


def claim_due(now: datetime) -> list[Mail]:
    """Claim the next mails that are due, for the caller to send. Returns an empty list only if none is due.

    All mails of a portion may be put off, because their address had enough for this hour. Then the next is claimed.
    """
    claimed = list[Mail]()
    while not claimed:
        with transaction.atomic():
            portion = lock_portion(Mail.objects.due(now), AT_ONCE)
            # Whoever else claims mails to these addresses waits here, and then counts those that we have claimed.
            limits.lock_until_commit(*sorted({f"mail to {mail.address}" for mail in portion}))
            claimed = [mail for mail in portion if claim(mail, now)]
        if not portion:
            break
    return claimed


def claim(mail: Mail, now: datetime) -> bool:
    """Mark a mail as being sent by the caller, who has locked it. Returns False if it is put off instead."""
    row = Mail.objects.filter(pk=mail.pk)
    if next_turn := mail.next_turn(now):
        row.update(due_at=next_turn)
        return False
    row.update(claimed_at=now, attempts=F("attempts") + 1)
    mail.left_behind, mail.claimed_at = mail.claimed_at, now
    return True
