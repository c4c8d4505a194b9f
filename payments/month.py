"""The money of one month, and what was taken at the practice on one day.

The desk's month, its plot, its CSV and its day show what is computed here, so they cannot differ.

A month is one of the practice's own time zone. In it count:

- *taken online*: each payment that was captured, by the moment at which we learnt that it is paid. What goes back later
  is not taken away from its month. What of these payments a bank holds or has taken for good is *disputed*;
- *taken at the practice*: each entry, by the moment at which the money changed hands, less each counter-entry, by its
  own moment: it lowers the month in which it was made. So it does for each means, of which the drawer is one: money
  that came in cash and went back by transfer lowers what was transferred;
- *returned*: each refund that has gone back or is on its way, by the moment at which it was sent to Stripe, or written
  down if it was made by hand. One that is still owed does not count yet, nor does one that has failed;
- *still to be paid*: what is due at the practice for confirmed appointments of the month, and not taken yet;
- *did not come*: confirmed appointments of the month whose client did not come, and their price;
- *fees*: what Stripe has kept of the payments of the month, as far as Stripe has said it, in the currency in which
  Stripe counts it.

Each currency is counted by itself. Amounts are in minor units.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils.functional import cached_property

from booking import money, zones
from booking.in_force import in_force
from booking.models import Appointment, Provider
from payments.models import Payment, Receipt, Refund, Taking
from payments.models.receipt import LineKey, key_of_entry, key_of_stripe

Key = TypeVar("Key", bound=Hashable)
# A receipt has a refund as soon as it is decided, and one that waits for the end of a dispute is sent that much later.
LONGEST_WAY = timedelta(days=120)


class Whose(NamedTuple):
    """The appointment that money belongs to."""

    reference: str
    provider_id: int
    provider: str
    service_id: int
    service: str


# The columns of that, of an appointment itself.
WHOSE = ("reference", "provider_id", "provider__name", "service_id", "service__name")
OF_APPOINTMENT = tuple(f"appointment__{column}" for column in WHOSE)


class Entry(NamedTuple):
    """Something that counts in a month, under the names of the figures that it adds to."""

    at: datetime
    currency: str
    whose: Whose
    counts: dict[str, int]


ONLINE, TAKEN, UNDONE, RETURNED = "paid online", "taken at the practice", "taking undone", "returned"


class Movement(NamedTuple):
    """One amount that came or went: a payment, a refund, an entry at the practice, or a counter-entry."""

    at: datetime
    kind: str
    """One of the four above."""
    amount: int
    """Above zero, whichever way it went."""
    currency: str
    method: str
    whose: Whose
    line: LineKey
    """By which the receipts that have it are found."""
    fee: int | None = None
    fee_currency: str = ""
    dispute: str = ""
    charged_back: int = 0

    @property
    def came(self) -> bool:
        return self.kind in (ONLINE, TAKEN)

    def entries(self) -> Iterator[Entry]:
        yield Entry(self.at, self.currency, self.whose, self.counts)
        if self.fee is not None:
            yield Entry(self.at, self.fee_currency, self.whose, {"fees": self.fee})

    @property
    def counts(self) -> dict[str, int]:
        if self.kind == ONLINE:
            disputed = {"disputed": self.charged_back, "disputes": 1} if self.charged_back else {}
            return {"online": self.amount, "payments": 1, "without_fee": int(self.fee is None), **disputed}
        if self.kind == RETURNED:
            return {"returned": self.amount, "refunds": 1}
        if self.kind == UNDONE:
            undone = {"undone": self.amount, f"{self.method}_undone": self.amount}
            return {"practice": -self.amount, self.method: -self.amount, **undone}
        return {"practice": self.amount, self.method: self.amount}


@dataclass(frozen=True)
class Figures:
    """Sums of some entries of one currency, and of how many they are."""

    online: int = 0
    payments: int = 0
    practice: int = 0
    cash: int = 0
    """What of that is cash, less what was undone in cash; and so for the other means (`Taking.Method`)."""
    terminal: int = 0
    transfer: int = 0
    undone: int = 0
    cash_undone: int = 0
    terminal_undone: int = 0
    transfer_undone: int = 0
    returned: int = 0
    refunds: int = 0
    disputed: int = 0
    disputes: int = 0
    fees: int = 0
    without_fee: int = 0
    to_pay: int = 0
    unpaid: int = 0
    missed: int = 0
    no_shows: int = 0

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Figures":
        sums: Counter[str] = Counter()
        for entry in entries:
            for name, amount in entry.counts.items():
                sums[name] += amount
        return cls(**sums)

    @property
    def kept(self) -> int:
        """What came less what went back; before Stripe's fees, which may be in another currency."""
        return self.online + self.practice - self.returned


class InCurrency:
    """All that counts in a month in one currency."""

    def __init__(self, currency: str, entries: list[Entry]) -> None:
        self.currency, self.entries = currency, entries
        self.total = Figures.of(entries)

    @cached_property
    def by_provider(self) -> list[tuple[str, Figures]]:
        return self.by_name(lambda whose: (whose.provider, whose.provider_id))

    @cached_property
    def by_service(self) -> list[tuple[str, Figures]]:
        return self.by_name(lambda whose: (whose.service, whose.service_id))

    def by_name(self, of: Callable[[Whose], tuple[str, int]]) -> list[tuple[str, Figures]]:
        """Figures for each name, in alphabetical order. Two of one name stay two."""
        grouped = grouped_by(self.entries, lambda entry: of(entry.whose))
        return [(name, Figures.of(entries)) for (name, _), entries in sorted(grouped.items(), key=lambda one: one[0])]

    def by_day(self, days: Iterable[date], zone: ZoneInfo) -> list[tuple[date, Figures]]:
        grouped = grouped_by(self.entries, lambda entry: entry.at.astimezone(zone).date())
        return [(day, Figures.of(grouped.get(day, []))) for day in days]


def grouped_by(entries: Iterable[Entry], key: Callable[[Entry], Key]) -> dict[Key, list[Entry]]:
    grouped: dict[Key, list[Entry]] = {}
    for entry in entries:
        grouped.setdefault(key(entry), []).append(entry)
    return grouped


class Month:
    """One month of the given providers, read from the database: one query for each kind of row."""

    def __init__(self, first: date, providers: QuerySet[Provider]) -> None:
        self.first, self.zone = first, in_force.zone
        self.span = span_of(first, month_after(first))
        self.providers = providers
        self.rows = [
            *paid_online(Payment.objects.paid_between(*self.span).filter(appointment__provider__in=providers)),
            *returned(Refund.objects.made_between(*self.span).filter(payment__appointment__provider__in=providers)),
            *taken(Taking.objects.filter(between("taken_at", self.span), appointment__provider__in=providers)),
        ]
        self.entries = [entry for one in self.rows for entry in one.entries()]
        booked = Appointment.objects.filter(between("appointment_time", self.span), provider__in=providers)
        self.entries += expected(booked)

    @cached_property
    def movements(self) -> list[Movement]:
        """In the order in which they happened; those of one moment in an order that stays."""
        return sorted(self.rows, key=lambda one: (one.at, one.whose, one.kind, one.amount))

    @cached_property
    def receipts(self) -> dict[LineKey, str]:
        """The number of the newest receipt that has it, by what a movement is found by; of most there is none.

        One more query, which only the file needs.
        """
        since = self.span[0] - LONGEST_WAY
        made = Receipt.objects.filter(issued_at__gte=since, appointment__provider__in=self.providers)
        return {key: one.label for one in made.only("year", "number", "lines").iterator() for key in one.line_keys}

    @cached_property
    def currencies(self) -> list[InCurrency]:
        return in_currencies(self.entries)

    def in_currency(self, currency: str) -> InCurrency:
        found = (one for one in self.currencies if one.currency == currency)
        return next(found, InCurrency(currency, []))

    @property
    def days(self) -> list[date]:
        count = (month_after(self.first) - self.first).days
        return [self.first + timedelta(days=number) for number in range(count)]


def taken_on(day: date, providers: Iterable[Provider]) -> list[InCurrency]:
    """What was taken at the practice on one day by these providers, less what was undone on it.

    All entries of the day are read: asked for those of some providers, SQLite goes through all their appointments.
    """
    ours = {provider.pk for provider in providers}
    rows = taken(Taking.objects.filter(between("taken_at", span_of(day, day + timedelta(days=1)))))
    return in_currencies(entry for one in rows if one.whose.provider_id in ours for entry in one.entries())


def in_currencies(entries: Iterable[Entry]) -> list[InCurrency]:
    """The practice's own first."""
    grouped = grouped_by(entries, lambda entry: entry.currency)
    in_order = sorted(grouped, key=lambda currency: (currency != settings.CURRENCY, currency))
    return [InCurrency(currency, grouped[currency]) for currency in in_order]


def span_of(first: date, after: date) -> tuple[datetime, ...]:
    """The moments at which these days begin by the practice's clock."""
    return tuple(zones.to_utc(day, time(0), in_force.zone) for day in (first, after))


def month_after(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def month_before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def between(column: str, span: tuple[datetime, ...]) -> Q:
    return Q(**{f"{column}__gte": span[0], f"{column}__lt": span[1]})


def paid_online(payments: QuerySet[Payment]) -> Iterator[Movement]:
    columns = ("paid_at", "amount_captured", "currency", "payment_intent_id")
    facts = ("fee", "fee_currency", "dispute", "charged_back")
    for row in payments.order_by().values(*columns, *facts, *OF_APPOINTMENT):
        at, amount, currency, intent = (row[column] for column in columns)
        whose, line = Whose(*(row[column] for column in OF_APPOINTMENT)), key_of_stripe(intent, amount, at)
        yield Movement(at, ONLINE, amount, currency, "stripe", whose, line, **{fact: row[fact] for fact in facts})


def returned(refunds: QuerySet[Refund]) -> Iterator[Movement]:
    whose = [f"payment__{column}" for column in OF_APPOINTMENT]
    columns = ("moment", "amount", "payment__currency", "reason", "payment__payment_intent_id", "created_at", *whose)
    for at, amount, currency, reason, intent, decided_at, *of in refunds.order_by().values_list(*columns):
        method = "by hand" if reason == Refund.Reason.BY_HAND else "stripe"
        line = key_of_stripe(intent, -amount, decided_at)
        yield Movement(at, RETURNED, amount, currency, method, Whose(*of), line)


def taken(takings: QuerySet[Taking]) -> Iterator[Movement]:
    columns = ("taken_at", "amount", "currency", "method", "pk", *OF_APPOINTMENT)
    for at, amount, currency, method, entry, *whose in takings.order_by().values_list(*columns):
        kind = TAKEN if amount > 0 else UNDONE
        yield Movement(at, kind, abs(amount), currency, method, Whose(*whose), key_of_entry(entry))


def expected(appointments: QuerySet[Appointment]) -> Iterator[Entry]:
    """What is still to be paid, and who did not come. A client who did not come may still pay, so one may be both."""
    unpaid, missed = Q(due_at_practice__gt=F("taken_at_practice")), Q(no_show_at__isnull=False)
    rows = appointments.filter(unpaid | missed, status=Appointment.Status.CONFIRMED).order_by()
    columns = ("appointment_time", "currency", "price", "due_at_practice", "taken_at_practice", "no_show_at", *WHOSE)
    for at, currency, price, due, was_taken, no_show_at, *whose in rows.values_list(*columns):
        left = money.minor_units(due - was_taken, currency)
        counts = {"to_pay": left, "unpaid": int(left > 0)}
        if no_show_at:
            counts |= {"missed": money.minor_units(price, currency), "no_shows": 1}
        yield Entry(at, currency, Whose(*whose), counts)
