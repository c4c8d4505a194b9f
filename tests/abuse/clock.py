"""A clock that is five minutes off: that of the site's machine, while Stripe's is right."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

from tests.abuse.floods import deliver
from tests.abuse.site import CLIENT, Answer, Site, session_of
from tests.abuse.stage import Finding, Stage, audited, finding
from tests.cards import GOOD, card_form
from tests.gunicorn import free_port

# Seconds. A signature of Stripe's is believed for five minutes, in either direction. And by a clock that is more than
# five minutes behind, a session of CHECKOUT_MINUTES would last for less than the half hour that Stripe demands.
AHEAD, BEHIND = 301, -330


def attack(stage: Stage) -> Iterator[Finding]:
    for seconds in (AHEAD, BEHIND):
        yield from wrong_by(stage, seconds)


def wrong_by(stage: Stage, seconds: int) -> Iterator[Finding]:
    """Run the site with that clock, and Stripe's sandbox with the right one in a server of its own."""
    ours, stripes = free_port(), free_port()
    stripe = f"http://127.0.0.1:{stripes}"
    urls = {"SITE_URL": f"http://127.0.0.1:{ours}", "STRIPE_API_BASE": f"{stripe}/stripe-sandbox"}
    urls["DATABASE_URL"] = stage.copy("postgresql")
    clock = f"the clock {abs(seconds)} seconds {'ahead of' if seconds > 0 else 'behind'} Stripe's"
    with ExitStack() as running:
        running.enter_context(stage.site(port=stripes, **urls))
        site = running.enter_context(stage.site(port=ours, CLOCK_AHEAD=str(seconds), **urls))
        event = deliver(site, 1, CLIENT)
        yield finding(site, f"An event that Stripe has just signed, {clock}", event, event.status_code == 400)
        slots = site.slots()
        if seconds == AHEAD:
            yield from paying(site, slots, clock, stripe)
        else:
            yield opening(site, slots, clock)
        yield doctor(site, clock)
        yield audited(site)


def paying(site: Site, slots: list[str], clock: str, stripe: str) -> Iterator[Finding]:
    """The webhook is refused, so the success page has to settle; where the tab was closed, tick has to."""
    reference, back = pay(site, slots[0], stripe)
    waiting = status_of(site, reference)
    page = site.get(back)
    is_right = (waiting, status_of(site, reference)) == ("held", "confirmed")
    yield finding(site, f"The success page after paying, {clock}", page, is_right)
    reference, _ = pay(site, slots[1], stripe)
    give_up = time.monotonic() + 60
    while status_of(site, reference) == "held" and time.monotonic() < give_up:
        time.sleep(2)
        site.manage("tick")
    status = status_of(site, reference)
    yield finding(site, f"tick after paying and closing the tab, {clock}", status, status == "confirmed")


def opening(site: Site, slots: list[str], clock: str) -> Finding:
    reference = site.book(slots[0]).json()["reference"]
    answer = open_session(site, reference)
    is_right = answer.status_code == 503 and status_of(site, reference) == "held"
    return finding(site, f"Pay with Stripe, {clock}", answer, is_right)


def pay(site: Site, slot: str, stripe: str) -> tuple[str, str]:
    """Book, and pay on Stripe's server. Return the reference, and where Stripe sends the client afterwards."""
    reference = site.book(slot).json()["reference"]
    url = open_session(site, reference).json()["checkout_url"].replace(site.address, stripe)
    return reference, site.submit(session_of(CLIENT), url, **card_form(GOOD)).headers["Location"]


def open_session(site: Site, reference: str) -> Answer:
    return site.post(f"/api/appointments/{reference}/checkout")


def status_of(site: Site, reference: str) -> str:
    return site.get(f"/api/appointments/{reference}").json()["status"]


def doctor(site: Site, clock: str) -> Finding:
    said = site.manage("doctor")
    about = next((line for line in said.stdout.splitlines() if "clock" in line), "nothing about the clock")
    return finding(site, f"manage.py doctor, {clock}", about, said.returncode == 1 and about.startswith("WRONG"))
