"""One visit. Who the client is and what they do depends only on the seed and on their number."""

from random import Random

from stripe import StripeError

from tests.soak import waiting
from tests.soak.browsers import GaveUp
from tests.soak.clients import Client, Program, tries_beside
from tests.soak.practice import Practice
from tests.soak.walks import WALKS

# In so many of all visits, another client of the same network tries to book too. In the soak, a network may hold only
# one time, so they must be refused.
WITH_A_NEIGHBOUR = 0.15


def visit(practice: Practice, seed: int, number: int) -> None:
    """Let one client book and then take a walk of `tests.soak.walks`, and count it."""
    chance = Random(f"{seed} {number}")
    walk = chance.choices(list(WALKS), WALKS.values())[0]
    network = f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::"
    client = chance.choices([Client, Program], [4, 1])[0](practice, chance, network)
    practice.count(f"a client who {walk.__name__}")
    try:
        client.book()
        if chance.random() < WITH_A_NEIGHBOUR:
            tries_beside(client)
        walk(client)
        waiting.answer_mails(practice)
    except GaveUp as step:
        practice.count(f"gave up at: {step}")
    except StripeError as refused:
        practice.count(f"dashboard: {type(refused).__name__}")
