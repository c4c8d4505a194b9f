"""One visit: the seed and the number of the client choose beforehand who they are and what they do."""

from random import Random

from stripe import StripeError

from tests.soak.clients import Client, GaveUp, Program, tries_beside
from tests.soak.practice import Practice
from tests.soak.walks import WALKS

# This is how often somebody of the same network wants a time as well. One network may hold one time only, in the soak.
WITH_A_NEIGHBOUR = 0.15


def visit(practice: Practice, seed: int, number: int) -> None:
    """Let one client book and do what they do after that, and count what came of it."""
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
    except GaveUp as step:
        practice.count(f"gave up at: {step}")
    except StripeError as refused:
        practice.count(f"dashboard: {type(refused).__name__}")
