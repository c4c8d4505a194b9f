"""Whether what a client books is still what the page showed them: its price, length, place and so on.

The booking form brings along what its page showed, in hidden fields whose names begin with `seen_`. If staff have
changed something since then, nothing is booked, and the page comes back with a sentence for each change. A form without
these fields, which an old bookmark or a program may send, books at what is true now.
"""

import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from booking import money, zones
from booking.models import Appointment
from booking.templatetags.terms import terms_in_words
from booking.templatetags.wording import length_in_words, zone_city
from booking.text import printable

CHANGED = gettext_noop("Nothing was booked: something has changed since you opened this page.")
PRICE = re.compile(r"(\d{1,6}\.\d\d) ([a-z]{3})", re.ASCII)
MINUTES = re.compile(r"[1-9]\d{0,2}", re.ASCII)
ALL = "all"
# The desk takes no longer value of anything that a page shows, so a longer one is likely made up, and is not repeated.
MAX_LENGTH = 200


class Fact(NamedTuple):
    """One thing that the page shows of an appointment before it is booked."""

    value: Callable[[Appointment], str]
    """The value of the hidden field."""
    is_now: str
    """What the page says after a change, with `%(now)s` for the new value in words."""
    was_before: str
    """The same with `%(before)s` for the value that the page showed."""
    in_words: Callable[[str], str]
    """A value in words. It gives nothing, or raises ValueError, for a value that no page of ours has shown."""
    in_other_languages: Callable[[Appointment], Collection[str]] = lambda wanted: ()
    """What the field has for the same on a page in another language: whoever changes the language changes nothing."""


def minutes_in_words(value: str) -> str:
    return length_in_words(int(value)) if MINUTES.fullmatch(value) else ""


def price_in_words(value: str) -> str:
    match = PRICE.fullmatch(value)
    if not match or match[2] not in money.CURRENCIES:
        return ""
    amount = Decimal(match[1])
    return money.display(amount, match[2]) if amount else pgettext("price", "nothing")


def due_online_value(wanted: Appointment) -> str:
    """What is due online as the hidden field has it. Where that is the price, only a change of the price is told."""
    return f"{wanted.due_online:.2f} {wanted.currency}" if wanted.due_at_practice else ALL


def due_online_in_words(value: str) -> str:
    return _("the whole price") if value == ALL else price_in_words(value)


def place_in_words(value: str) -> str:
    return value or _("not named here")


def zone_in_words(name: str) -> str:
    zone = zones.find(name)
    return zone_city(zone, timezone.now()) if zone else ""


FACTS = {
    "seen_provider": Fact(
        lambda wanted: wanted.provider_name,
        gettext_noop("It is now with %(now)s."),
        gettext_noop("It is now with %(now)s. When you opened this page it was %(before)s."),
        str,
    ),
    "seen_service": Fact(
        lambda wanted: wanted.translated_service,
        gettext_noop("It is now for %(now)s."),
        gettext_noop("It is now for %(now)s. When you opened this page it was %(before)s."),
        str,
        lambda wanted: {wanted.service_name, *wanted.service_names.values()},
    ),
    "seen_price": Fact(
        lambda wanted: f"{wanted.price:.2f} {wanted.currency}",
        gettext_noop("The price is now %(now)s."),
        gettext_noop("The price is now %(now)s. When you opened this page it was %(before)s."),
        price_in_words,
    ),
    "seen_due_online": Fact(
        due_online_value,
        gettext_noop("What is paid online is now %(now)s."),
        gettext_noop("What is paid online is now %(now)s. When you opened this page it was %(before)s."),
        due_online_in_words,
    ),
    "seen_minutes": Fact(
        lambda wanted: str(wanted.duration_minutes),
        gettext_noop("It now takes %(now)s."),
        gettext_noop("It now takes %(now)s. When you opened this page it was %(before)s."),
        minutes_in_words,
    ),
    "seen_terms": Fact(
        lambda wanted: wanted.cancellation_policy,
        gettext_noop("What comes back if you cancel is now %(now)s."),
        gettext_noop("What comes back if you cancel is now %(now)s. When you opened this page it was %(before)s."),
        terms_in_words,
    ),
    "seen_place": Fact(
        lambda wanted: wanted.provider.where,
        gettext_noop("The place is now %(now)s."),
        gettext_noop("The place is now %(now)s. When you opened this page it was %(before)s."),
        place_in_words,
        lambda wanted: wanted.provider.where_in_every_language,
    ),
    "seen_zone": Fact(
        lambda wanted: wanted.provider.time_zone,
        gettext_noop("The practice’s clock is now %(now)s."),
        gettext_noop("The practice’s clock is now %(now)s. When you opened this page it was %(before)s."),
        zone_in_words,
    ),
}


def seen_fields(wanted: Appointment) -> dict[str, str]:
    """The hidden fields for an appointment that a page offers, by name.

    Where nothing is paid online nothing can come back, so the page says nothing about terms.
    """
    return {name: fact.value(wanted) for name, fact in FACTS.items() if wanted.due_online or name != "seen_terms"}


def changes(sent: Mapping[str, str], wanted: Appointment) -> list[str]:
    """A sentence for each difference between what the page showed and what would be booked now."""
    sentences = []
    for name, now in seen_fields(wanted).items():
        seen, fact = sent.get(name, now), FACTS[name]
        if seen != now and seen not in fact.in_other_languages(wanted):
            before = seen_in_words(fact, seen)
            sentence = fact.was_before if before else fact.is_now
            sentences.append(_(sentence) % {"now": fact.in_words(now), "before": before})
    return sentences


def seen_in_words(fact: Fact, seen: str) -> str:
    """What the page showed; empty if a browser sent what no page of ours has shown, which we do not repeat."""
    if len(seen) <= MAX_LENGTH and seen == printable(seen):
        with suppress(ValueError):
            return fact.in_words(seen)
    return ""


def withdrawn_offer(sent: Mapping[str, str]) -> str:
    """A sentence that names what the page offered, for when it cannot be booked any more.

    It is empty for an address that was not reached from a page of ours, since then nobody knows what was offered.
    """
    service, provider = (seen_in_words(FACTS[name], sent.get(name, "")) for name in ("seen_service", "seen_provider"))
    if not (service and provider):
        return ""
    sentence = _(
        "%(service)s with %(provider)s can no longer be booked here, so nothing was booked. Choose from the list."
    )
    return sentence % {"service": service, "provider": provider}
