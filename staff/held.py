"""All that is held about a person, read for the page that shows it, for the file that is handed over, and as JSON."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import cached_property

from booking.models import Appointment, Change, Mail, WaitingEntry
from booking.personal_data import Person
from payments.models import Payment, Receipt, Refund, Taking
from payments.personal_data import OF_A_CLIENT, payments_under, receipts_under
from payments.receipts import hashes_of_client
from staff.story import Event, in_order, made, mailed, without_mails

Object = dict[str, Any]


class Held:
    """Everything about one person. It takes as many queries for one appointment as for many."""

    def __init__(self, person: Person) -> None:
        self.person = person
        rows = person.appointments.select_related("provider", "service").order_by("-appointment_time", "-pk")
        self.appointments = [HeldAppointment(one) for one in with_all_about(rows)]
        self.mails = list(person.other_mails.order_by("-created_at"))
        self.waiting = list(person.waiting.select_related("service", "provider").order_by("-asked_at"))
        self.links_requests = list(person.links_requests)
        self.answers = person.answers.count()
        self.sent_under = list(payments_under(person).select_related("appointment"))
        self.named_on = list(receipts_under(person).exclude(appointment__in=person.appointments.values("pk")))

    @property
    def is_nothing(self) -> bool:
        return not (self.appointments or self.waiting or self.has_more_besides)

    @property
    def has_more_besides(self) -> bool:
        return self.has_more_than_receipts or bool(self.named_on)

    @property
    def has_more_than_receipts(self) -> bool:
        return any((self.mails, self.links_requests, self.answers, self.sent_under))

    @property
    def payments(self) -> list[Payment]:
        return [payment for one in self.appointments for payment in one.payments]

    @property
    def at_stripe(self) -> list[Payment]:
        """Those of which Stripe keeps who paid: of their appointments, and what was paid under their address."""
        every_one = dict.fromkeys([*self.payments, *self.sent_under])
        return [payment for payment in every_one if payment.payment_intent_id]

    @property
    def receipts(self) -> list[Receipt]:
        of_appointments = [receipt for one in self.appointments for receipt in one.appointment.receipts.all()]
        return [*of_appointments, *self.named_on]

    @cached_property
    def mails_about_appointments(self) -> int:
        return sum(len(one.to_client) for one in self.appointments)

    @cached_property
    def beside(self) -> list[Person]:
        """Other addresses and numbers, most likely of the same person, to be looked up by themselves."""
        theirs = [one.appointment for one in self.appointments]
        tagged = self.person.of_the_same_mailbox.order_by().values_list("client_email", flat=True).distinct()
        emails = {email.lower() for email in (*tagged, *(one.client_email for one in theirs)) if email}
        numbers = {one.client_phone for one in theirs if one.client_phone}
        found = [*(Person(email=email) for email in emails), *(Person(number=number) for number in numbers)]
        return sorted(set(found) - {self.person})

    def as_json(self, now: datetime) -> Object:
        """The same for programs. Times are in ISO 8601, amounts decimal strings beside their currency."""
        return {
            "about": self.person.typed,
            "at": now.isoformat(),
            "appointments": [one.as_json() for one in self.appointments],
            "other_mails": list(map(mail_as_json, self.mails)),
            "waiting_list": list(map(waiting_as_json, self.waiting)),
            "requests_for_links": [{"asked_at": one.asked_at.isoformat()} for one in self.links_requests],
            "answers_to_programs": self.answers,
            "sent_to_stripe_for_others": [personal_params(one, self.person.email) for one in self.sent_under],
            "receipts_for_others": [receipt_as_json(one, **named_by(one)) for one in self.named_on],
        }


def with_all_about(rows: Any) -> Iterable[Appointment]:
    about = ("payments__refunds", "takings", "receipts", "changes", "mails")
    found: Iterable[Appointment] = rows.prefetch_related(*about)
    return found


class HeldAppointment:
    """An appointment with all that is about it.

    What says the address or number of another is left out: staff may have corrected whose appointment it is.
    """

    def __init__(self, appointment: Appointment) -> None:
        self.appointment = appointment
        self.payments = sorted(appointment.payments.all(), key=lambda one: one.created_at)
        self.email = appointment.client_email.lower()
        self.to_client = [one for one in appointment.mails.all() if one.reader == Mail.Reader.CLIENT]
        self.mails = [one for one in self.to_client if one.address == self.email]

    @property
    def story(self) -> list[Event]:
        to_practice = [one for one in self.appointment.mails.all() if one.reader == Mail.Reader.PRACTICE]
        told = mailed([*to_practice, *self.mails], timezone.now())
        return in_order(
            [*without_mails(self.appointment, self.payments), *map(made, self.appointment.receipts.all()), *told]
        )

    def as_json(self) -> Object:
        return {
            **columns_of(self.appointment),
            "payments": [payment_as_json(one, self.email) for one in self.payments],
            "taken_at_the_practice": list(map(taking_as_json, self.appointment.takings.all())),
            "receipts": [receipt_as_json(one, **self.whom(one)) for one in self.appointment.receipts.all()],
            "mails": list(map(mail_as_json, self.mails)),
            "changes": list(map(change_as_json, self.appointment.changes.all())),
        }

    def whom(self, receipt: Receipt) -> dict[str, str]:
        """Whom a receipt names, or nobody if that is another than now, under another address or number."""
        named, now = named_by(receipt), {"client": self.appointment.client, "for_whom": self.appointment.for_whom}
        made_under = {receipt.email_hash or receipt.number_hash} - {""}
        is_theirs = named == now or made_under & {*hashes_of_client(self.appointment).values()}
        return named if is_theirs else dict.fromkeys(named, "")


# What is left out: keys of other rows, and columns that are made of others.
LEFT_OUT = {"id", "provider", "service", "client_mailbox", "search_text", "begun_from", "erased_at", "zone_rules"}


def columns_of(appointment: Appointment) -> Object:
    """All columns that say something: a new one is in the download without anybody thinking of it."""
    fields = [field for field in appointment._meta.concrete_fields if field.name not in LEFT_OUT]
    return {field.name: in_text(field.value_from_object(appointment)) for field in fields}


def in_text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def payment_as_json(payment: Payment, email: str) -> Object:
    return {
        "amount": str(payment.decimal_amount),
        "currency": payment.currency,
        "status": payment.status,
        "dispute": payment.dispute,
        "charged_back": str(payment.charged_back_in_currency),
        "created_at": payment.created_at.isoformat(),
        "paid_at": in_text(payment.paid_at),
        "checkout_session": payment.checkout_session_id,
        "payment_intent": payment.payment_intent_id,
        "sent_to_stripe": personal_params(payment, email),
        "refunds": list(map(refund_as_json, payment.refunds.all())),
    }


def personal_params(payment: Payment, email: str) -> Object:
    """What was sent to Stripe of a client, if it was the one of this address."""
    sent = {name: payment.params[name] for name in OF_A_CLIENT[Payment]["params"] if name in payment.params}
    return sent if str(payment.params.get("customer_email", "")).lower() == email else {}


def refund_as_json(refund: Refund) -> Object:
    amount = str(refund.decimal_amount)
    return {"amount": amount, "status": refund.status, "created_at": refund.created_at.isoformat()}


def taking_as_json(taking: Taking) -> Object:
    """One amount taken, or below zero what was taken off another entry again."""
    amount = {"amount": str(taking.decimal_amount), "currency": taking.currency}
    how = {"method": taking.method, "taken_at": taking.taken_at.isoformat()}
    return {"entry": taking.pk, "undoes": taking.undoes_id, **amount, **how}


def named_by(receipt: Receipt) -> dict[str, str]:
    return {name: getattr(receipt, name) for name in Receipt.WHOM}


def receipt_as_json(receipt: Receipt, **whom: str) -> Object:
    total = str(receipt.decimal_total)
    return {"number": receipt.label, "issued_at": receipt.issued_at.isoformat(), "total": total, **whom}


def mail_as_json(mail: Mail) -> Object:
    moments = {"due_at": mail.due_at.isoformat(), "sent_at": in_text(mail.sent_at)}
    return {"kind": mail.kind, "address": mail.address, "status": mail.status, **moments}


def change_as_json(change: Change) -> Object:
    by = "staff" if change.by_name else "client"
    return {"kind": change.kind, "at": change.at.isoformat(), "by": by, "facts": change.facts}


def waiting_as_json(entry: WaitingEntry) -> Object:
    columns = ("address", "since", "until", "time_zone", "language", "asked_at", "confirmed_at", "ended_at", "ending")
    whose = {"service": entry.service.name, "provider": entry.provider.name if entry.provider else None}
    return {**whose, **{name: in_text(getattr(entry, name)) for name in columns}}
