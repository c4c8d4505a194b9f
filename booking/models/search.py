"""Finding what belongs to a client, of whom a few letters are known, among a million rows.

On PostgreSQL an index has every pair of letters that stand beside each other in a text. It does what the extension
pg_trgm does with three letters, and nobody needs the right to install an extension; two letters are a whole name in
Chinese. Migration 0021 makes it. On SQLite all texts are read: a tenth of a second for 200,000 of them.
"""

import json
from typing import Any, NamedTuple, TypeVar

from django.db import connection
from django.db.models import QuerySet, TextField
from django.db.models.lookups import Contains

from booking import limits, phone
from booking.models.appointment.model import Appointment
from booking.text import folded

Rows = TypeVar("Rows", bound=QuerySet)

FUNCTION = """
    CREATE OR REPLACE FUNCTION booking_pairs(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT ARRAY(SELECT DISTINCT substr($1, place, 2) FROM generate_series(1, length($1) - 1) AS place) $$
"""
INDEX = "booking_appointment_pairs"
CREATE_INDEX = f"CREATE INDEX CONCURRENTLY {INDEX} ON booking_appointment USING gin (booking_pairs(search_text))"

# The fewest characters of a reference that tell appointments apart.
SHORTEST = 6
# Rows are looked up by keys, their own or their appointments', if these are so few.
FEW = 1000
# If more texts than this have all the words, their rows are found sooner by going through the list in its order.
COMMON = 10_000
# Known clients are offered from among so many appointments, those that were booked last.
LATEST, OFFERED = 500, 5


@TextField.register_lookup
class Holds(Contains):
    """Like `contains`, for a column that has the index of pairs."""

    lookup_name = "holds"

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        return str(connection.operators[Contains.lookup_name] % rhs)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        holds, word = self.as_sql(compiler, connection)
        column, params = self.process_lhs(compiler, connection)
        return f"(booking_pairs({column}) @> booking_pairs(%s) AND {holds})", [*params, self.rhs, *word]


def of_client(rows: Rows, text: str, *, path: str) -> Rows:
    """Those of the rows whose client's name, email and phone number together hold each word, with or without accents.

    `path` begins a lookup that leads from a row to its appointment. It is empty for appointments themselves.
    """
    words = words_of(text)
    if are_common(words):
        return rows.filter(*lookups_for(words, "contains", path))
    keys = keys_if_few(Appointment.objects.filter(*lookups_for(words, "holds", path="")))
    return rows.filter(*lookups_for(words, "holds", path) if keys is None else [(f"{path}pk__in", keys)])


def keys_if_few(rows: QuerySet) -> list[int] | None:
    """The keys of the rows, or None if there are more than `FEW`."""
    keys = list(rows.order_by().values_list("pk", flat=True)[: FEW + 1])
    return keys if len(keys) <= FEW else None


def are_common(words: list[str]) -> bool:
    """Whether so many texts have all the words that reading text after text soon finds as many as a page shows."""
    texts = Appointment.objects.filter(*lookups_for(words, "contains", path=""))
    return connection.vendor == "postgresql" and expected(texts) > COMMON


def lookups_for(words: list[str], lookup: str, path: str) -> list[tuple[str, str]]:
    """The lookups that find all words. A single letter is no pair."""
    return [(f"{path}search_text__{lookup if len(word) > 1 else 'contains'}", word) for word in words]


def identified(rows: Rows, text: str, *lookups: str, path: str) -> Rows:
    """Those of the rows that the text identifies, by one of the lookups, and else those of the clients whom it fits.

    Staff copy what identifies a row, like a reference: all of it, or at least its first SHORTEST characters.
    """
    for lookup in lookups if len(text) >= SHORTEST else ():
        if keys := keys_if_few(rows.filter((lookup, text))):
            return rows.filter(pk__in=keys)
    return of_client(rows, text, path=path)


def of_address(rows: Rows, text: str) -> Rows:
    """Those of the rows, which are appointments, of the client with exactly this email address or phone number."""
    if "@" in text:
        return rows.filter(client_mailbox=limits.mailbox(text))
    try:
        return rows.filter(client_phone=phone.parse(text))
    except phone.NoPhoneNumber:
        return rows.none()


class KnownClients(NamedTuple):
    found: list[Appointment]
    """Each client as the appointment that was booked for them last."""
    are_all: bool
    """Whether nobody else is known whom the letters fit."""


def known_clients(appointments: QuerySet[Appointment], *texts: str) -> KnownClients:
    """The clients whom all of the texts fit: those who have booked last, if they are many.

    Two appointments are of the same client if they have the same mailbox, or no email and the same phone number.
    """
    typed = [text for text in texts if text.strip()]
    if not typed:
        return KnownClients([], are_all=True)
    for text in typed:
        appointments = of_client(appointments, text, path="")
    booked = list(appointments.order_by("-pk").values_list("client_mailbox", "client_phone", "pk")[: LATEST + 1])
    latest: dict[str, int] = {}
    for mailbox, number, pk in booked:
        latest.setdefault(mailbox or number, pk)
    found = Appointment.objects.in_bulk(list(latest.values())[:OFFERED])
    are_all = len(booked) <= LATEST and len(latest) <= OFFERED
    return KnownClients([found[pk] for pk in sorted(found, reverse=True)], are_all)


def words_of(text: str) -> list[str]:
    """What is looked for: a telephone number as it is kept, however it was typed, or each word by itself.

    The beginning of a number is looked for without the zero that only calls inside its country begin with.
    """
    try:
        return [phone.parse(text)]
    except phone.NoPhoneNumber:
        return [phone.beginning(text)] if phone.beginning(text) else folded(text).split()


def expected(rows: QuerySet) -> int:
    """How many rows PostgreSQL expects. If they are many it knows that well, from the rows that it has sampled."""
    [plan] = json.loads(rows.explain(format="json"))
    return int(plan["Plan"]["Plan Rows"])
