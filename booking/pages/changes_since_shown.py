"""What a booking form brings along of what its page showed: a press takes that, and nothing else.

A form that brings none of it, an old bookmark's or a program's, takes what is true now.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone

from booking import money, zones
from booking.models import Appointment
from booking.templatetags.wording import length_in_words, terms_in_words, zone_city
from booking.text import printable

CHANGED = "Nothing was booked: something has changed since you opened this page."
PRICE = re.compile(r"(\d{1,6}\.\d\d) ([a-z]{3})", re.ASCII)
MINUTES = re.compile(r"[1-9]\d{0,2}", re.ASCII)
# None of them is longer.
LONGEST = 200


class Fact(NamedTuple):
    shown: Callable[[Appointment], str]
    sentence: str
    words: Callable[[str], str]
    """What was shown, as a person read it. Nothing, or ValueError, for what no page of ours has shown."""


def minutes_in_words(shown: str) -> str:
    return length_in_words(int(shown)) if MINUTES.fullmatch(shown) else ""


def price_in_words(shown: str) -> str:
    match = PRICE.fullmatch(shown)
    if not match or match[2] not in money.CURRENCIES:
        return ""
    amount = Decimal(match[1])
    return money.display(amount, match[2]) if amount else "nothing"


def zone_in_words(name: str) -> str:
    zone = zones.find(name)
    return zone_city(zone, timezone.now()) if zone else ""


FACTS = {
    "seen_provider": Fact(lambda wanted: wanted.provider_name, "It is now with {}.", str),
    "seen_service": Fact(lambda wanted: wanted.service_name, "It is now for {}.", str),
    "seen_price": Fact(lambda wanted: f"{wanted.price:.2f} {wanted.currency}", "The price is now {}.", price_in_words),
    "seen_minutes": Fact(lambda wanted: str(wanted.duration_minutes), "It now takes {}.", minutes_in_words),
    "seen_terms": Fact(
        lambda wanted: wanted.cancellation_policy, "What comes back if you cancel is now {}.", terms_in_words
    ),
    "seen_place": Fact(
        lambda wanted: wanted.provider.place, "The place is now {}.", lambda shown: shown or "not named here"
    ),
    "seen_zone": Fact(lambda wanted: wanted.provider.time_zone, "The practice’s clock is now {}.", zone_in_words),
}


def shown(wanted: Appointment) -> dict[str, str]:
    """The form's hidden fields. Where nothing is paid nothing comes back, and no page speaks of that."""
    return {name: fact.shown(wanted) for name, fact in FACTS.items() if wanted.price or name != "seen_terms"}


def changes(sent: Mapping[str, str], wanted: Appointment) -> list[str]:
    """A sentence for each difference between what the page showed and what would be booked now."""
    return [sentence(FACTS[name], now, sent[name]) for name, now in shown(wanted).items() if sent.get(name, now) != now]


def sentence(fact: Fact, now: str, sent: str) -> str:
    told, was = fact.sentence.format(fact.words(now)), as_read(fact, sent)
    return f"{told} When you opened this page it was {was}." if was else told


def as_read(fact: Fact, sent: str) -> str:
    if len(sent) <= LONGEST and sent == printable(sent):
        with suppress(ValueError):
            return fact.words(sent)
    return ""


def gone(sent: Mapping[str, str]) -> str:
    """What was on offer when the page was opened and is not any more; nothing where no page of ours was."""
    service, provider = (as_read(FACTS[name], sent.get(name, "")) for name in ("seen_service", "seen_provider"))
    offer = f"{service} with {provider}" if service and provider else ""
    return f"{offer} can no longer be booked here, so nothing was booked. Choose from the list." if offer else ""
