"""Fill the database with a practice that has worked for years: `fill(1_000_000)`.

The appointments are made in Python and copied into their table at once. Payments, refunds, events and mails are made
of them by the database. `manage.py audit` finds nothing wrong with them. To fill the database of DATABASE_URL:

    python manage.py migrate
    python manage.py shell -c "from tests.filled import fill, vacuum; fill(1_000_000); vacuum()"
"""

from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import count, islice
from typing import Any

from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import CharField, F, JSONField, Max, Model, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from booking import limits, money, zones
from booking.models import Appointment, Mail, Provider, Service
from booking.text import folded
from payments import checkout
from payments.models import Payment, Refund, WebhookEvent
from tests.factories import make_provider, make_service

# Each provider has an appointment every half hour of a working day: 25 minutes, and 5 minutes of buffer.
SLOTS = [time(hour, minute) for hour in range(9, 17) for minute in (0, 30)]
# How far ahead the last of them are.
DAYS_AHEAD = 30
# What became of a hundred appointments in a row. Those that were cancelled had been paid, and their money went back.
OUTCOMES = ["confirmed"] * 85 + ["cancelled"] * 8 + ["expired"] * 7
APPOINTMENTS_OF_A_CLIENT = 5
PRICE = Decimal(60)
BOOKED_BEFORE, PAID_WITHIN, REMINDED_BEFORE = timedelta(days=60), timedelta(minutes=5), timedelta(days=1)
FIRST_NAMES = ["Ada", "Zoë", "Łukasz", "Jörg", "Siobhán", "Mary", "Tom", "Noor", "Chidi", "Inês", "Bo"]
SURNAMES = ["Byrne", "O’Neill", "Müller", "García", "Nowak", "Ó Briain", "Smith", "Okafor", "Haddad", "Lindqvist"]
SURNAMES += ["Doyle", "Kowalski", "van Dijk", "Rossi", "Silva", "Dubois", "Yılmaz", "Khan", "Ryan"]

Row = dict[str, Any]


def fill(appointments: int, *, providers: int = 50, days_ahead: int = DAYS_AHEAD) -> None:
    """Add providers with so many appointments in all, at most 60 days ahead. Whatever is there already stays."""
    before = Appointment.objects.aggregate(last=Max("pk", default=0))["last"]
    with transaction.atomic():
        leave_foreign_keys_unchecked()
        templates = [(template(provider), provider.time_zone) for provider in hire(providers)]
        copy(Appointment, islice(rows(templates, appointments, days_ahead, count(before + 1)), appointments))
        new = Appointment.objects.filter(pk__gt=before)
        for insert in (insert_payments, insert_refunds, insert_events, insert_mails):
            analyze()
            insert(new)


def leave_foreign_keys_unchecked() -> None:
    """Save PostgreSQL a quarter of its work, until the transaction ends. All other constraints are checked."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")


def analyze() -> None:
    """Tell the planner how many rows there are by now: with the numbers of before, a million rows take it hours."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def vacuum() -> None:
    """Do at once what PostgreSQL does by itself within a minute, and what SQLite needs for good query plans."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


# Providers


def hire(providers: int) -> list[Provider]:
    """New providers, every tenth of them in another time zone, who offer one service."""
    name, others = "Half an hour", Provider.objects.count()
    service = Service.objects.filter(name=name).first() or make_service(
        name=name, minutes=25, buffer=5, price=str(PRICE)
    )
    return [
        make_provider(
            name=f"Dr {SURNAMES[number % len(SURNAMES)]} {number}",
            zone="Europe/Dublin" if number % 10 else "America/Santiago",
            services=[service],
        )
        for number in range(others + 1, others + 1 + providers)
    ]


# Appointments


def rows(templates: list[tuple[Row, str]], appointments: int, days_ahead: int, numbers: Iterator[int]) -> Iterator[Row]:
    """Rows of appointments from the oldest to the last, since that is about the order in which people book.

    There is a template with a time zone for each provider.
    """
    clients = max(appointments // APPOINTMENTS_OF_A_CLIENT, 1)
    days = -(-appointments // (len(templates) * len(SLOTS)))
    for day in working_days(days, until=timezone.now().date() + timedelta(days=days_ahead)):
        for clock in SLOTS:
            for (common, zone), number in zip(templates, numbers, strict=False):
                outcome = OUTCOMES[number * 37 % len(OUTCOMES)]
                own = {"id": number, "reference": f"filled{number:016}"}
                yield common | own | client(number * 7919 % clients) | history(zone, day, clock, outcome)


def working_days(days: int, *, until: date) -> list[date]:
    weekdays = (day for ago in count() if (day := until - timedelta(days=ago)).weekday() < 5)
    return [*islice(weekdays, days)][::-1]


def template(provider: Provider) -> Row:
    """The values of all columns, of which those that tell one appointment from another are still to be replaced."""
    [service] = provider.services.all()
    appointment = Appointment.copied_from(provider, service, timezone.now())
    return prepared(Appointment, {field.attname: getattr(appointment, field.attname) for field in columns(Appointment)})


@lru_cache(maxsize=300_000)
def client(number: int) -> Row:
    first, last = FIRST_NAMES[number % len(FIRST_NAMES)], SURNAMES[number % len(SURNAMES)]
    email = f"{folded(first)}.{folded(last).replace(' ', '')}{number}@example.com"
    # The numbers of all clients differ, and so do the last digits of those who follow each other.
    phone = f"+35387{1_000_000 + number * 7919 % 9_000_000}"
    return {
        "client_name": f"{first} {last}",
        "client_email": email,
        "client_phone": phone,
        "client_mailbox": limits.mailbox(email),
        "search_text": folded(f"{first} {last} {email} {phone}"),
    }


@lru_cache(maxsize=1000)
def history(zone_name: str, day: date, clock: time, outcome: str) -> Row:
    """When an appointment is, what became of it, and when."""
    zone = zones.find(zone_name)
    at = zones.to_utc(day, clock, zone)
    booked, paid = at - BOOKED_BEFORE, at - BOOKED_BEFORE + PAID_WITHIN
    times = {
        "appointment_time": at,
        "end": at + timedelta(minutes=25),
        "blocked_until": at + timedelta(minutes=30),
        "wall_time": zones.on_wall(at, zone),
        # tick checks those of the last day by the newest rules too, and has done so here.
        "zone_rules": zones.RULES if at > timezone.now() - timedelta(days=2) else f"{at.year}a",
        "created_at": booked,
    }
    facts = {
        "confirmed": {"confirmed_at": paid},
        "cancelled": {
            "confirmed_at": paid,
            "cancelled_at": paid,
            "refund_due": PRICE,
            "returned": PRICE,
            "sequence": 1,
        },
        "expired": {"expired_at": paid},
    }
    return prepared(Appointment, {"status": outcome, **times, **facts[outcome]})


def columns(model: type[Model]) -> list[Any]:
    return list(model._meta.concrete_fields)


def prepared(model: type[Model], facts: Row) -> Row:
    """The facts as the database takes them, by the names of their columns."""
    fields = {field.attname: field for field in columns(model)}
    return {fields[name].column: fields[name].get_db_prep_save(value, connection) for name, value in facts.items()}


def copy(model: type[Model], rows: Iterable[Row]) -> None:
    table, names = model._meta.db_table, ", ".join(f'"{field.column}"' for field in columns(model))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copying:
                for row in rows:
                    copying.write_row(tuple(row.values()))
        else:
            marks = ", ".join("%s" for _ in columns(model))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", (tuple(r.values()) for r in rows))
        for reset in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(reset)


# What follows from the appointments


def insert_payments(new: QuerySet) -> None:
    """One payment for each appointment. The sessions of those that ran out have expired, and all others were paid."""
    amount = Value(money.minor_units(PRICE, settings.CURRENCY))
    # All rows have the parameters of one, since only their size matters here.
    params = checkout.session_params(new[0], new[0].created_at)
    common = {
        "appointment_id": F("pk"),
        "amount": amount,
        "currency": F("currency"),
        "params": Value(params, JSONField()),
        "checkout_session_id": numbered("cs_filled_"),
        "idempotency_key": numbered("checkout-filled-"),
        "created_at": F("created_at"),
        "asked_at": F("created_at"),
        "expires_at": F("created_at"),
    }
    paid = {
        "status": Value("paid"),
        "paid_at": F("confirmed_at"),
        "payment_intent_id": numbered("pi_filled_"),
        "amount_captured": amount,
    }
    returned = {"refund_due": amount, "amount_refunded": amount}
    insert(Payment, new.filter(status="confirmed"), common | paid)
    insert(Payment, new.filter(status="cancelled"), common | paid | returned)
    insert(Payment, new.filter(status="expired"), common | {"status": Value("expired")})


def insert_refunds(new: QuerySet) -> None:
    facts = {
        "payment_id": F("pk"),
        "attempt": Value(1),
        "reason": Value("cancelled"),
        "amount": F("amount_captured"),
        "status": Value("succeeded"),
        "idempotency_key": numbered("refund-filled-"),
        "refund_id": numbered("re_filled_"),
        "created_at": F("paid_at"),
        "sent_at": F("paid_at"),
    }
    insert(Refund, Payment.objects.filter(appointment__in=new, refund_due__gt=0), facts)


def insert_events(new: QuerySet) -> None:
    """Events, all processed, that tell how each session ended."""
    facts = {
        "event_id": numbered("evt_filled_"),
        "object_id": F("checkout_session_id"),
        "payment_intent_id": F("payment_intent_id"),
        "livemode": Value(False),
        "received_at": F("created_at"),
        "asked_at": F("created_at"),
        "processed_at": F("created_at"),
    }
    for status, kind in {"paid": "completed", "expired": "expired"}.items():
        payments = Payment.objects.filter(appointment__in=new, status=status)
        insert(WebhookEvent, payments, facts | {"type": Value(f"checkout.session.{kind}")})


def insert_mails(new: QuerySet) -> None:
    """Mails to clients, all sent, except for the reminders that are not due yet."""
    confirmed, cancelled, expired = (new.filter(status=status) for status in ("confirmed", "cancelled", "expired"))
    insert_mail(confirmed, "confirmed", F("confirmed_at"))
    insert_mail(cancelled, "confirmed", F("confirmed_at"))
    insert_mail(cancelled, "cancelled", F("cancelled_at"))
    insert_mail(expired, "given back", F("expired_at"))
    insert_mail(confirmed, "reminder", F("appointment_time") - REMINDED_BEFORE)


def insert_mail(new: QuerySet, kind: str, due_at: Any) -> None:
    facts = {
        "appointment_id": F("pk"),
        "kind": Value(kind),
        "reader": Value("client"),
        "occasion": Value("filled"),
        "sequence": F("sequence"),
        "facts": Value({}, JSONField()),
        "address": F("client_email"),
        "message_id": numbered(f"{kind}-filled-"),
        "due_at": due_at,
        "first_due_at": due_at,
        "created_at": F("created_at"),
    }
    new = new.annotate(due=due_at)
    sent = {"status": Value("sent"), "claimed_at": due_at, "sent_at": due_at, "attempts": Value(1)}
    insert(Mail, new.filter(due__lte=timezone.now()), facts | sent)
    insert(Mail, new.filter(due__gt=timezone.now()), facts)


def numbered(prefix: str) -> Concat:
    return Concat(Value(prefix), Cast("pk", CharField()))


def insert(model: type[Model], source: QuerySet, facts: Row) -> None:
    """Insert a row of the model for each row of the source. The facts are expressions over the source."""
    fields = [field for field in columns(model) if not field.primary_key]
    blank = {field.attname: Value(field.get_default(), field) for field in fields}
    values = [(blank | facts)[field.attname] for field in fields]
    sql, params = source.order_by("pk").values_list(*values).query.sql_with_params()
    names = ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({names}) {sql}", params)
