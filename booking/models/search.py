"""Finding what belongs to a client, of whom a few letters are known, among a million rows.

On PostgreSQL one index has every three letters that stand beside each other in a text, and another every two, which
are a whole name in Chinese. They do what the extension pg_trgm does, and nobody needs the right to install an
extension. Migrations 0021 and 0024 make them. On SQLite all texts are read: a tenth of a second for 200,000 of them.
"""

import json
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from django.db import connection
from django.db.models import QuerySet, TextField
from django.db.models.lookups import Contains

from booking import limits, phone
from booking.models.appointment.model import Appointment
from booking.text import folded

Rows = TypeVar("Rows", bound=QuerySet)


@dataclass(frozen=True)
class Letters:
    """How PostgreSQL finds texts by so many letters that stand beside each other."""

    many: int
    name: str

    @property
    def function(self) -> str:
        return f"booking_{self.name}"

    @property
    def index(self) -> str:
        return f"booking_appointment_{self.name}"

    @property
    def create_function(self) -> str:
        """What it answers for a text is indexed, and has all that it answers for a word in that text."""
        return f"""
            CREATE OR REPLACE FUNCTION {self.function}(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
            AS $$
                SELECT ARRAY(
                    SELECT DISTINCT substr($1, place, {self.many})
                    FROM generate_series(1, length($1) - {self.many - 1}) AS place
                )
            $$
        """  # noqa: S608 - what is put in is written above and below

    @property
    def create_index(self) -> str:
        indexed = f"booking_appointment USING gin ({self.function}(search_text))"
        return f"CREATE INDEX CONCURRENTLY {self.index} ON {indexed}"


PAIRS, TRIPLES = Letters(2, "pairs"), Letters(3, "triples")

# The fewest characters of a reference that tell appointments apart.
SHORTEST = 6
# Rows are looked up by keys, their own or their appointments', if these are so few.
FEW = 1000
# If more texts than this have all the words, their rows are found sooner by going through the list in its order.
COMMON = 10_000
# How many rows a page shows of the newest ones.
A_PAGE = 100
# So many known clients are offered at most.
OFFERED = 5


@TextField.register_lookup
class Holds(Contains):
    """Like `contains` for a word of two letters or more, and a column that has the indexes of letters."""

    lookup_name = "holds"

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        return str(connection.operators[Contains.lookup_name] % rhs)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        holds, word = self.as_sql(compiler, connection)
        column, params = self.process_lhs(compiler, connection)
        letters = (TRIPLES if len(self.rhs) >= TRIPLES.many else PAIRS).function
        return f"({letters}({column}) @> {letters}(%s) AND {holds})", [*params, self.rhs, *word]


def of_client(rows: Rows, text: str, *, path: str) -> Rows:
    """Those of the rows whose client's name, email and phone number together hold each word, with or without accents.

    `path` begins a lookup that leads from a row to its appointment. It is empty for appointments themselves.
    """
    words = words_of(text)
    if expected(having(words, "contains")) > COMMON:
        return rows.filter(*lookups_for(words, "contains", path))
    keys = keys_if_few(having(words, "holds"))
    return rows.filter(*lookups_for(words, "holds", path) if keys is None else [(f"{path}pk__in", keys)])


def newest_of_client(appointments: QuerySet[Appointment], text: str) -> QuerySet[Appointment]:
    """The same for a list of appointments, newest first, of which only a page is ever read.

    So much is found soon by going through the list, unless the words are rare. Then the index finds all of them.
    """
    words = words_of(text)
    keys = None if fill_a_page_soon(words) else keys_if_few(having(words, "holds"))
    return appointments.filter(*lookups_for(words, "contains", path="") if keys is None else [("pk__in", keys)])


def fill_a_page_soon(words: list[str]) -> bool:
    """Whether going through the list until so many texts were found that have the words takes less than the index.

    That reads `A_PAGE * all / fitting` texts one after the other. By the index it is the fitting ones, wherever they
    are, each of which takes four times as long.
    """
    fitting = expected(having(words, "contains"))
    return fitting > A_PAGE and 4 * fitting**2 > A_PAGE * expected(Appointment.objects.all())


def keys_if_few(rows: QuerySet) -> list[int] | None:
    """The keys of the rows, or None if there are more than `FEW`."""
    keys = list(rows.order_by().values_list("pk", flat=True)[: FEW + 1])
    return keys if len(keys) <= FEW else None


def having(words: list[str], lookup: str) -> QuerySet[Appointment]:
    return Appointment.objects.filter(*lookups_for(words, lookup, path=""))


def lookups_for(words: list[str], lookup: str, path: str) -> list[tuple[str, str]]:
    """The lookups that find all words. A single letter is no pair."""
    return [(f"{path}search_text__{lookup if len(word) > 1 else 'contains'}", word) for word in words]


def identified(rows: Rows, text: str, *lookups: str, path: str) -> Rows:
    """Those of the rows that the text identifies, by one of the lookups, and else those of the clients whom it fits."""
    keys = keys_identified(rows, text, *lookups)
    return rows.filter(pk__in=keys) if keys else of_client(rows, text, path=path)


def keys_identified(rows: QuerySet, text: str, *lookups: str) -> list[int]:
    """The keys of the rows that the text identifies, by the first of the lookups that finds any.

    Staff copy what identifies a row, like a reference: all of it, or at least its first SHORTEST characters.
    """
    for lookup in lookups if len(text) >= SHORTEST else ():
        if keys := keys_if_few(rows.filter((lookup, text))):
            return keys
    return []


def newest_identified(appointments: QuerySet[Appointment], text: str) -> QuerySet[Appointment]:
    """The appointments that the text identifies by its reference, and else those of the clients whom it fits.

    They are for a list of which only a page is ever read.
    """
    keys = keys_identified(appointments, text, "reference__startswith")
    return appointments.filter(pk__in=keys) if keys else newest_of_client(appointments, text)


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
    """The clients whom all of the texts fit; if more than a page of appointments fit, those who have booked last.

    Two appointments are of the same client if they have the same mailbox, or no email and the same phone number.
    """
    typed = [text for text in texts if text.strip()]
    if not typed:
        return KnownClients([], are_all=True)
    for text in typed:
        appointments = newest_of_client(appointments, text)
    booked = list(appointments.order_by("-pk").values_list("client_mailbox", "client_phone", "pk")[: A_PAGE + 1])
    latest: dict[str, int] = {}
    for mailbox, number, pk in booked[:A_PAGE]:
        latest.setdefault(mailbox or number, pk)
    found = Appointment.objects.in_bulk(list(latest.values())[:OFFERED])
    are_all = len(booked) <= A_PAGE and len(latest) <= OFFERED
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
    """How many rows PostgreSQL expects, or 0 on SQLite, which reads all texts in any case.

    If they are many it knows that well, from the rows that it has sampled.
    """
    if connection.vendor != "postgresql":
        return 0
    [plan] = json.loads(rows.order_by().explain(format="json"))
    return int(plan["Plan"]["Plan Rows"])
