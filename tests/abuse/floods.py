"""Floods: one network sends more than people do, while others go on booking."""

import time
from collections.abc import Iterator

import stripe

from config import stripe_keys
from tests.abuse import proxy
from tests.abuse.site import ATTACKER, OTHER, Answer, Site, at_once, session_of
from tests.abuse.stage import Finding, Stage, audited, finding, limited, statuses
from tests.gunicorn import PRODUCTION

MANY, A_MINUTE = 200, 60
WEBHOOK_SECRET = stripe_keys.of_demo("whsec_", "sandbox webhook", PRODUCTION["SECRET_KEY"])
EVENT = '{"id": "evt_%d", "object": "event", "type": "balance.available", "livemode": false, "data": {"object": {}}}'


def attack(stage: Stage) -> Iterator[Finding]:
    with stage.site("postgresql") as site, stage.site(DATABASE_URL=site.environment["DATABASE_URL"]) as second:
        slots = site.slots()
        site.book(slots[0])
        for what in SENT:
            yield flood(what, site, second)
        yield client_amid_a_flood(site, slots[1])
        yield signed_amid_a_flood(site)
        yield pages_of_gunicorn(site)
        if proxy.is_there():
            yield pages_behind_nginx(site)
        yield audited(site)


def program(site: Site, network: str) -> Answer:
    return site.post("/api/appointments", of=network, json={})


def form(site: Site, network: str) -> Answer:
    browser = session_of(network)
    return site.submit(browser, "/appointments/find/", client_email="jo@example.com")


def unsigned(site: Site, network: str) -> Answer:
    return site.post("/payments/webhook/", of=network, data="{}", headers={"Content-Type": "application/json"})


UNSIGNED = "events that Stripe did not sign"
SENT = {"bookings by a program": program, "requests for links": form, UNSIGNED: unsigned}


def flood(what: str, site: Site, second: Site) -> Finding:
    """Send to both servers in turn: together they may let no more through than one of them would."""
    network, began = network_of(what), time.monotonic()
    answers = at_once(MANY, lambda number: SENT[what]((site, second)[number % 2], network))
    seconds = time.monotonic() - began
    attack = f"{MANY} {what} from one network to two servers"
    return limited(site, attack, answers, (A_MINUTE, A_MINUTE + 1 + seconds))


def network_of(what: str) -> str:
    """Return the network from which that is sent."""
    return f"127.6.6.{1 + list(SENT).index(what)}"


def client_amid_a_flood(site: Site, slot: str) -> Finding:
    answer = site.book(slot, of=OTHER)
    return finding(site, "A client of another network books meanwhile", answer, answer.status_code == 201)


def signed_amid_a_flood(site: Site) -> Finding:
    answers = [deliver(site, number, network_of(UNSIGNED)) for number in range(20)]
    attack = "20 events that Stripe signed, from the network of those that it did not"
    return finding(site, attack, answers[-1], statuses(answers) == {200})


def deliver(site: Site, number: int, network: str) -> Answer:
    body = EVENT % number
    header = stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET)
    told = {"Stripe-Signature": header, "Content-Type": "application/json"}
    return site.post("/payments/webhook/", of=network, data=body, headers=told)


def pages_of_gunicorn(site: Site) -> Finding:
    """Without a proxy, nobody limits who only looks; it must not cost a write either."""
    before = site.rows("SELECT count(*), max(forgotten_at) FROM booking_tries")
    answers = at_once(MANY, lambda number: site.get("/", of=ATTACKER))
    wrote = site.rows("SELECT count(*), max(forgotten_at) FROM booking_tries") != before
    is_right = statuses(answers) == {200} and not wrote
    return finding(site, f"{MANY} pages from one network, gunicorn alone: nothing written", answers[-1], is_right)


def pages_behind_nginx(site: Site) -> Finding:
    with proxy.nginx(site) as proxied:
        answers = at_once(MANY, lambda number: proxied.get("/", of=ATTACKER))
        return limited(proxied, f"{MANY} pages from one network, behind nginx", answers, (1, MANY - 1))
