"""Clients who wait for a time that frees. The site mails them; they look into our database for what the mail says."""

import re
import time

from django.db import connection

from booking.models import WaitingEntry, WaitingOffer
from tests.pages import form_of
from tests.soak.clients import Client

WISH = re.compile(r'name="wish" value="([^"]+)"')
# A person looks after so many seconds, again and again, whether they were told, and then goes away.
LOOKS = (1, 2, 3, 4)


def waits_for_earlier(client: Client) -> None:
    """Who has a confirmed appointment waits for an earlier time, and takes the first that they are told of."""
    page = f"/appointments/{client.reference}/earlier/"
    client.submit("wait for earlier", page)
    if offer := told(appointment__reference=client.reference):
        client.practice.count("who waited was told")
        path, query = f"/appointments/{client.reference}/reschedule/", {"time": offer.appointment_time.isoformat()}
        hidden = form_of(client.ask("move (last step)", "GET", path, params=query).text)
        if "appointment_time" in hidden:
            answer = client.ask("move", "POST", path, data=hidden)
            client.practice.count(f"a freed time pressed: {answer.status_code}")


def waits_for_a_time(client: Client) -> None:
    """A stranger waits for one of the wishes on offer, confirms it, and takes the first time that they are told of.

    They give back what they have before, so that their network may hold another time.
    """
    client.cancel()
    provider = client.chance.choice(client.practice.providers)
    chosen = {"provider": provider["slug"], "service": provider["service"]}
    page = client.ask("wait (page)", "GET", "/waiting/", params=chosen).text
    if not (wishes := WISH.findall(page)):
        return
    wanted = {**form_of(page), **chosen, "client_email": client.email, "wish": client.chance.choice(wishes)}
    client.ask("wait", "POST", "/waiting/", data=wanted)
    if key := last_key(client.email):
        client.submit("confirm waiting", f"/waiting/{key}/")
        if offer := told(key=key):
            client.practice.count("who waited was told")
            held = client.hold(provider, offer.appointment_time.isoformat())
            client.practice.count(f"a freed time pressed: {303 if held else 409}")


def last_key(address: str) -> str:
    """Return the key that the mail to that address has, or an empty string if none went there."""
    try:
        entries = WaitingEntry.objects.open().filter(address=address).order_by("-pk")
        return entries.values_list("key", flat=True).first() or ""
    finally:
        connection.close()


def told(**entry: str) -> WaitingOffer | None:
    """Return the time of which that entry was told, or None if it was told of none while its owner looked."""
    for seconds in LOOKS:
        time.sleep(seconds)
        try:
            offers = WaitingOffer.objects.filter(**{f"entry__{name}": value for name, value in entry.items()})
            if offer := offers.first():
                return offer
        finally:
            connection.close()
    return None
