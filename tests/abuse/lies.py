"""Lies in X-Forwarded-For: a proxy passes on what clients write, or says nothing of use."""

import time
from collections.abc import Callable, Iterator

from tests.abuse import proxy
from tests.abuse.site import OTHER, Answer, Site, at_once
from tests.abuse.stage import Finding, Stage, audited, finding, limited

MANY, A_MINUTE = 150, 60
# Each request of an attack brings other headers; `number` counts them. All are from one client, and must count as one.
HEADERS: dict[str, Callable[[int], dict[str, str]]] = {
    "entries made up before our proxy's": lambda number: {"X-Forwarded-For": f"203.0.113.{number}, 198.51.100.1"},
    "rubbish in place of our proxy's entry": lambda number: {"X-Forwarded-For": f"rubbish {number}"},
    "no header": lambda number: {},
    "a header with underscores": lambda number: {"X_Forwarded_For": f"203.0.113.{number}"},
    "one port after another": lambda number: {"X-Forwarded-For": f"198.51.100.2:{4000 + number}"},
    "one address after another of an IPv6 network": lambda number: {"X-Forwarded-For": f"2001:db8:1:2::{number:x}"},
    "an IPv4 address, and the same within IPv6": lambda number: {
        "X-Forwarded-For": "::ffff:198.51.100.3" if number % 2 else "198.51.100.3"
    },
}


def attack(stage: Stage) -> Iterator[Finding]:
    with stage.site("postgresql", TRUSTED_PROXIES="1") as site:
        slots = site.slots()
        site.book(slots[0])
        for last_byte, (what, headers) in enumerate(HEADERS.items(), 1):
            yield lie(site, what, headers, f"127.6.6.{last_byte}")
        answer = site.book(slots[1], of=OTHER)
        yield finding(site, "A client of another network books meanwhile", answer, answer.status_code == 201)
        if proxy.is_there():
            with proxy.nginx(site) as proxied:
                forged = HEADERS["entries made up before our proxy's"]
                yield lie(proxied, "forged entries, to nginx", forged, "127.6.7.1")
        yield audited(site)


def lie(site: Site, what: str, headers: Callable[[int], dict[str, str]], network: str) -> Finding:
    def send(number: int) -> Answer:
        return site.post("/api/appointments", of=network, json={}, headers=headers(number))

    began = time.monotonic()
    answers = at_once(MANY, send)
    seconds = time.monotonic() - began
    return limited(site, f"{MANY} bookings with {what}", answers, (A_MINUTE, A_MINUTE + 1 + seconds))
