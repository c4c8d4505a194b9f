"""What is held about a client, and how it is erased: all columns that say something of one are named here.

tests/personal/test_columns.py goes through all models, and fails for a column that neither this list has nor a list of
those that say nothing of a client. What payments holds beside this is in payments/personal_data.py.

An appointment is never deleted: its time, its status and its money are the practice's books. What is blanked is who it
was with.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Self

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import CharField, Model, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.crypto import salted_hmac

from booking import limits, phone
from booking.models import Appointment, IdempotentRequest, LinksRequest, Mail, WaitingEntry, WaitingOffer

# The columns of rows that stay, with what stands there after erasing.
BLANKED: Mapping[type[Model], Mapping[str, Any]] = {
    Appointment: {
        "client_email": "",
        "client_name": "",
        "client_phone": "",
        "for_whom": "",
        "note": "",
        "client_mailbox": "",
        "search_text": "",
        "client_time_zone": "",
        "begun_from": "",
    },
    Mail: {"address": ""},
}
# The columns of rows that are deleted as a whole.
DELETED: Mapping[type[Model], Collection[str]] = {
    WaitingEntry: ["address", "mailbox", "key", "time_zone"],
    WaitingOffer: ["mailbox"],
    LinksRequest: ["address"],
    IdempotentRequest: ["body", "headers"],
}


class NobodyNamed(ValueError):
    """The text is neither an email address nor a phone number."""


class Person(NamedTuple):
    """Somebody by exactly one email address or one phone number, and what booking holds about them.

    Whether the person who asks is the one who has this address the practice has found out beforehand.
    """

    email: str = ""
    """In lower case. Another +tag is another address here, though mail may come to the same person."""
    number: str = ""
    """In E.164."""

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what somebody typed. Raises NobodyNamed."""
        text = text.strip()
        try:
            if "@" not in text:
                return cls(number=phone.parse(text))
            validate_email(text)
        except (phone.NoPhoneNumber, ValidationError):
            raise NobodyNamed from None
        return cls(email=text.lower())

    def __str__(self) -> str:
        return self.email or phone.display(self.number)

    @property
    def typed(self) -> str:
        """What `read` makes the same person of."""
        return self.email or self.number

    @property
    def hashed(self) -> str:
        """A keyed hash of the address or number, by which it can be known again and not be read."""
        return salted_hmac("booking.personal_data", self.typed, algorithm="sha256").hexdigest()

    @property
    def appointments(self) -> QuerySet[Appointment]:
        if self.number:
            return Appointment.objects.filter(client_phone=self.number)
        return Appointment.objects.filter(client_mailbox=limits.mailbox(self.email), client_email__iexact=self.email)

    @property
    def of_the_same_mailbox(self) -> QuerySet[Appointment]:
        """Appointments with another +tag in their address: most likely the same person, and erased one by one."""
        if self.number:
            return Appointment.objects.none()
        theirs = Appointment.objects.filter(client_mailbox=limits.mailbox(self.email))
        return theirs.exclude(client_email__iexact=self.email)

    @property
    def other_mails(self) -> QuerySet[Mail]:
        """Mails to this address that are not about one of their appointments, as it had another address later."""
        if self.number:
            return Mail.objects.none()
        to_them = Mail.objects.to_client(self.email).filter(waiting=None)
        return to_them.exclude(appointment__in=self.appointments.values("pk"))

    @property
    def waiting(self) -> QuerySet[WaitingEntry]:
        by_an_appointment = Q(appointment__in=self.appointments.values("pk"))
        if self.number:
            return WaitingEntry.objects.filter(by_an_appointment)
        by_address = Q(mailbox=limits.mailbox(self.email), address__iexact=self.email)
        return WaitingEntry.objects.filter(by_an_appointment | by_address)

    @property
    def links_requests(self) -> QuerySet[LinksRequest]:
        return LinksRequest.objects.filter(address=self.email) if self.email else LinksRequest.objects.none()

    @property
    def answers(self) -> QuerySet[IdempotentRequest]:
        """The answers to programs that name this address or number. They are forgotten after a day in any case."""
        # With the quotes of JSON around it, as one address may end like another: joann@ ends with ann@.
        return IdempotentRequest.objects.filter(body__icontains=f'"{self.typed}"')


def erase_appointments(rows: Sequence[Appointment], now: datetime) -> None:
    """Blank what says who their clients were. The caller has locked these rows.

    What is owed to the clients by mail is not sent any more, and who waits by one of these waits no longer.
    """
    keys = [row.pk for row in rows]
    Appointment.objects.filter(pk__in=keys).update(erased_at=now, **BLANKED[Appointment])
    mails = Mail.objects.filter(appointment__in=keys, reader=Mail.Reader.CLIENT)
    mails.filter(status=Mail.Status.OWED).update(status=Mail.Status.DROPPED)
    mails.update(**BLANKED[Mail])
    WaitingEntry.objects.filter(appointment__in=keys).delete()


def forget_answers_about(rows: Sequence[Appointment]) -> None:
    """Delete the answers to programs that are about these appointments.

    Rows that are older than a day need no such search: no answer about them is left, unless somebody has asked today.
    """
    for row in rows:
        IdempotentRequest.objects.filter(body__contains=row.reference).delete()


def erase_beside_appointments(person: Person) -> None:
    """Erase the rest: mails that went to this address earlier, wishes for a time, requests for links, and answers."""
    mails = person.other_mails
    mails.filter(status=Mail.Status.OWED).update(status=Mail.Status.DROPPED)
    mails.update(**BLANKED[Mail])
    person.waiting.delete()
    if person.email:
        forget_where_told(limits.mailbox(person.email))
    person.links_requests.delete()
    person.answers.delete()


def forget_where_told(mailbox: str) -> None:
    """Of who waits at another address since, forget that they were told of a time at this one. That they were stays."""
    told = WaitingOffer.objects.filter(mailbox=mailbox).exclude(entry__mailbox=mailbox)
    told.update(mailbox=Concat(Value("erased "), Cast("pk", CharField())))
