"""Send the mails that are owed, as tick does, and look at what was sent and at what the table says of it."""

from datetime import timedelta

from django.core import mail as outbox
from django.utils import timezone

from booking.mail import sending
from booking.models import Appointment, Mail
from tests.factories import in_days, make_appointment


def send(later=timedelta(0)):
    """Send what is owed by then, and return the messages of this round."""
    before = len(outbox.outbox)
    sending.send_due(timezone.now() + later)
    return outbox.outbox[before:]


def subjects(messages):
    """Return the words of each subject before its colon, which say what kind of mail it is."""
    return [message.subject.partition(":")[0] for message in messages]


def mails(**facts):
    """Return kind, reader and status of each row, in the order in which they were owed."""
    return list(Mail.objects.filter(**facts).order_by("pk").values_list("kind", "reader", "status"))


def many_confirmed(provider, count, email="jo@example.com"):
    """Confirm so many appointments, one a day, each of which owes its client a mail."""
    first = 10 + Appointment.objects.count()
    for days in range(first, first + count):
        make_appointment(provider=provider, at=in_days(days, provider=provider), email=email).confirm()
