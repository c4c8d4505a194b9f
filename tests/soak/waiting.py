"""Clients who wait for a free time. The site mails them; they look into our database for what the mail says."""

import re
import time
from collections.abc import Callable
from functools import partial

from django.db import connection

from booking.models import WaitingEntry, WaitingOffer
from tests.pages import form_of
from tests.soak.browsers import at_once
from tests.soak.clients import Client
from tests.soak.freed_times import BY_TWO
from tests.soak.mails import STRANGER
from tests.soak.practice import Practice

WISH = re.compile(r'name="wish" value="([^"]+)"')
# Who ends it does so after so many seconds at most.
STOPS_WITHIN = 10


def waits_for_earlier(client: Client) -> None:
    """Who has a confirmed appointment waits for an earlier time, and takes the first that they are told of."""
    client.submit("wait for earlier", f"/appointments/{client.reference}/earlier/")
    if key := last_key(appointment__reference=client.reference):
        client.practice.waiting[key] = partial(take, client, move)


def waits_for_a_time(client: Client) -> None:
    """A client waits for one of the wishes on offer, confirms it, and pays for the first time that they are told of."""
    if key := confirms(client):
        client.practice.waiting[key] = partial(take, client, hold)


def waits_and_never_answers(client: Client) -> None:
    if confirms(client):
        client.practice.count("who waited and never answers")


def waits_and_stops(client: Client) -> None:
    """The client's mail program presses the button that ends it, without any cookie."""
    if key := confirms(client):
        time.sleep(client.chance.uniform(0, STOPS_WITHIN))
        client.http.cookies.clear()
        answer = client.ask("stop waiting", "POST", f"/waiting/{key}/stop/")
        client.practice.count(f"who waited and stops: {answer.status_code}")


def types_the_address_of_a_stranger(client: Client) -> None:
    """The stranger never confirms it, so nothing may be sent to them after the mail that asks."""
    client.email = f"{STRANGER}{client.chance.randrange(10**9)}@example.com"
    if asks(client):
        client.practice.count("strangers who were asked")


# The steps


def asks(client: Client) -> str:
    """Ask to wait for one of the wishes of one provider or of anyone. Return the key that the mail has, if one went.

    They give back what they have before, so that their network may hold another time.
    """
    client.cancel()
    one = client.chance.choice(client.practice.providers)
    with_anyone = {"service": one["service"]}
    chosen = client.chance.choice([with_anyone, {**with_anyone, "provider": one["slug"]}])
    page = client.ask("wait (page)", "GET", "/waiting/", params=chosen).text
    if not (wishes := WISH.findall(page)):
        return ""
    wanted = {**form_of(page), **chosen, "client_email": client.email, "wish": client.chance.choice(wishes)}
    client.ask("wait", "POST", "/waiting/", data=wanted)
    return last_key(address=client.email)


def confirms(client: Client) -> str:
    """Ask, and press the button of the page to which the mail leads."""
    if key := asks(client):
        client.submit("confirm waiting", f"/waiting/{key}/")
    return key


def take(client: Client, how: Callable[[Client, WaitingOffer], str], offer: WaitingOffer) -> None:
    """Take that time, in half of all cases while somebody else wants it, and pay for it if it is not paid yet."""
    presses = [partial(how, client, offer)]
    if client.chance.random() < 0.5:
        rival = Client(client.practice, client.chance, client.network.replace("db8", "db9"))
        presses.append(partial(hold, rival, offer))
    answers = at_once(*presses)
    client.practice.count(f"a freed time pressed: {answers[0]}")
    if len(answers) == 2:
        client.practice.count(f"{BY_TWO}: {answers.count('got it')} got it")
    if how is hold and answers[0] == "got it":
        client.pay(client.checkout())


def hold(client: Client, offer: WaitingOffer) -> str:
    provider = next(one for one in client.practice.providers if one["slug"] == offer.provider.slug)
    return "got it" if client.hold(provider, offer.appointment_time.isoformat()) else "too late"


def move(client: Client, offer: WaitingOffer) -> str:
    page, query = f"/appointments/{client.reference}/reschedule/", {"time": offer.appointment_time.isoformat()}
    hidden = form_of(client.ask("move (last step)", "GET", page, params=query).text)
    if "appointment_time" not in hidden:
        return "too late"
    return "got it" if client.ask("move", "POST", page, data=hidden).status_code == 303 else "too late"


# What the mails say


def last_key(**entry: str) -> str:
    """Return the key that the mail about that entry has, or an empty string if none went."""
    try:
        entries = WaitingEntry.objects.open().filter(**entry).order_by("-pk")
        return entries.values_list("key", flat=True).first() or ""
    finally:
        connection.close()


def answer_mails(practice: Practice) -> None:
    """Let each of those who wait and were mailed of a free time by now take the first."""
    try:
        mailed = WaitingOffer.objects.exclude(mailed_at=None)
        offers = mailed.filter(entry__key__in=list(practice.waiting)).order_by("pk")
        told = list(offers.select_related("entry", "provider"))
    finally:
        connection.close()
    for offer in told:
        if do := practice.waiting.pop(offer.entry.key, None):
            do(offer)
