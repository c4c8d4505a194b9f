"""`manage.py sandbox_paid` keeps a session that was paid some time ago, for a demonstration that has a past."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from payments.sandbox import checkout, expansion, parameters, wire
from payments.sandbox.cards import Card
from payments.sandbox.models import Body

CARD = Card("visa", "4242", 12, 2040, decline=None)


class Command(BaseCommand):
    help = (
        "Keep a Checkout Session in the sandbox as if it had been opened and paid at some moment. The site is told "
        "nothing of it. Prints the session as JSON, with its PaymentIntent."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("params", type=json.loads, help="The parameters of the call that opens it, as JSON.")
        parser.add_argument("at", type=datetime.fromisoformat, help="When it was paid, in ISO 8601 with an offset.")

    def handle(self, *, params: Body, at: datetime, **options: Any) -> str:
        return json.dumps(paid_session(params, int(at.timestamp())))


@transaction.atomic
def paid_session(params: Body, now: int) -> Body:
    given: Body = {}
    for name, value in as_sent(params):
        wire.put(given, name, value)
    session = checkout.create(parameters.session(given, now), now)
    intent = checkout.payment_intent_of(session, now)
    checkout.record_paid(session, intent, checkout.keep_charge(session, intent, CARD, now))
    return expansion.expand(session.body, ["payment_intent.latest_charge"])


def as_sent(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The parameters of a call with their names and values as they go over the wire."""
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in inner:
            yield from as_sent(each, f"{name}[{key}]" if name else str(key))
    else:
        yield name, str(value).lower() if isinstance(value, bool) else str(value)
