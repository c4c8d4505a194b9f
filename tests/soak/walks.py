"""The walks: what a client may do after booking, and in WALKS how often each walk is chosen."""

import time
from collections.abc import Callable

from tests.cards import DECLINED
from tests.soak import waiting
from tests.soak.browsers import at_once
from tests.soak.clients import Client

# A Checkout Session ends after so many seconds in the soak.
SESSION_LIFETIME = 6


def leaves(client: Client) -> None:
    """The client never presses Pay."""


def pays(client: Client) -> None:
    if success := client.pay(client.checkout()):
        client.come_back(success)
    client.look()


def is_declined_first(client: Client) -> None:
    url = client.checkout()
    client.pay(url, DECLINED)
    if success := client.pay(url):
        client.come_back(success)


def closes_the_tab(client: Client) -> None:
    """The client pays, and does not open the success page."""
    client.pay(client.checkout())


def pays_late(client: Client) -> None:
    """The client pays when the session is about to end and closes the tab, so that we may hear of it too late."""
    url = client.checkout()
    time.sleep(client.chance.uniform(SESSION_LIFETIME / 2, SESSION_LIFETIME))
    client.pay(url)
    if client.chance.random() < 0.3:
        client.look()


def comes_back_late(client: Client) -> None:
    """The client opens the payment page, goes for a coffee, and begins again."""
    client.checkout()
    time.sleep(client.chance.uniform(1, SESSION_LIFETIME + 2))
    pays(client)


def pays_in_two_tabs(client: Client) -> None:
    """The client pays in two tabs at once, after looking at the page that would say whether it was paid."""
    first = client.checkout()
    session = first.rpartition("/")[2]
    for _ in range(2):
        client.ask("success, unpaid", "GET", f"/payments/{client.reference}/success/", params={"session_id": session})
    second = client.checkout() or first
    at_once(lambda: client.pay(first), lambda: client.pay(second))


def cancels(client: Client) -> None:
    pays(client)
    client.cancel()
    client.look()


def cancels_at_once_in_two_tabs(client: Client) -> None:
    client.pay(client.checkout())
    at_once(client.cancel, client.cancel)


def is_given_something_back(client: Client) -> None:
    """The practice returns 15 euros in Stripe's dashboard, and the client cancels before or after that."""
    pays(client)
    if client.chance.random() < 0.5:
        client.cancel()
    client.practice.return_in_dashboard(client.reference, amount=1500)
    client.cancel()


def gives_it_back_and_pays(client: Client) -> None:
    """The client gives the time back in one tab and pays in another, at the same moment or soon after."""
    url = client.checkout()
    if client.chance.random() < 0.5:
        client.cancel()
        client.pay(url)
    else:
        at_once(client.cancel, lambda: client.pay(url))


def moves_before_paying(client: Client) -> None:
    client.move()
    pays(client)


def moves_with_the_pay_page_open(client: Client) -> None:
    """The client moves the appointment and tries to pay on the old page, which is closed, and then on a new one."""
    url = client.checkout()
    client.move()
    client.pay(url)
    pays(client)


def pays_and_moves(client: Client) -> None:
    """The client pays in one tab and moves the appointment in another, at the same moment or soon after."""
    url = client.checkout()
    if client.chance.random() < 0.5:
        client.pay(url)
        client.move()
    else:
        at_once(client.move, lambda: client.pay(url))
    client.look()


def moves_once_confirmed(client: Client) -> None:
    """The client moves a confirmed appointment once or twice, and may cancel it after all."""
    pays(client)
    client.move()
    if client.chance.random() < 0.5:
        client.move()
    if client.chance.random() < 0.3:
        client.cancel()


def moves_and_cancels(client: Client) -> None:
    """The client moves the appointment in one tab and cancels it in another, at the same moment."""
    pays(client)
    at_once(client.move, client.cancel)


def pays_and_waits_for_earlier(client: Client) -> None:
    pays(client)
    waiting.waits_for_earlier(client)


WALKS: dict[Callable[[Client], None], int] = {
    leaves: 8,
    pays: 18,
    is_declined_first: 8,
    closes_the_tab: 12,
    pays_late: 16,
    comes_back_late: 6,
    pays_in_two_tabs: 24,
    cancels: 8,
    cancels_at_once_in_two_tabs: 4,
    is_given_something_back: 5,
    gives_it_back_and_pays: 6,
    moves_before_paying: 5,
    moves_with_the_pay_page_open: 6,
    pays_and_moves: 8,
    moves_once_confirmed: 12,
    moves_and_cancels: 4,
    pays_and_waits_for_earlier: 8,
    waiting.waits_for_a_time: 10,
    waiting.waits_and_never_answers: 3,
    waiting.waits_and_stops: 3,
    waiting.types_the_address_of_a_stranger: 3,
}
