"""Slow clients: each sends a byte a second, and there are more of them than gunicorn has threads."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from urllib.parse import urlsplit

from tests.abuse import proxy
from tests.abuse.site import ATTACKER, Answer, Site
from tests.abuse.stage import Finding, Stage, audited, finding, told_by

CLIENTS = 40
# Nobody waits longer than this for a page.
A_PERSON_WAITS = 10
HEAD = "GET / HTTP/1.1\r\nHost: {host}\r\nX-Slow: "
BODY = (
    "POST /api/appointments HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n"
)


def attack(stage: Stage) -> Iterator[Finding]:
    """gunicorn alone is expected to give in: that is why docs/deploy.md puts a proxy in front of it."""
    with stage.site() as site:
        site.book(site.slots()[0])
        for what, begin in (("headers", HEAD), ("bodies", BODY)):
            during, after = while_slow(site, begin)
            told = f"{told_by(during)} in {A_PERSON_WAITS} seconds; after they are gone: {after.status_code}"
            yield finding(site, f"{CLIENTS} slow {what}, gunicorn alone", told, after.status_code == 200)
            if proxy.is_there():
                with proxy.nginx(site) as proxied:
                    during, _ = while_slow(proxied, begin)
                yield finding(site, f"{CLIENTS} slow {what}, behind nginx", during, during is not None)
        yield audited(site)


def while_slow(site: Site, begin: str) -> tuple[Answer, Answer]:
    """Return what a client is answered while the slow ones are there, and after they have gone."""
    with slow_clients(site, begin):
        time.sleep(2)
        during = site.get("/", timeout=A_PERSON_WAITS)
    return during, site.get("/")


@contextmanager
def slow_clients(site: Site, begin: str) -> Iterator[None]:
    over, sockets = Event(), [begun(site, begin) for _ in range(CLIENTS)]
    trickle = Thread(target=send_slowly, args=[sockets, over])
    trickle.start()
    try:
        yield
    finally:
        over.set()
        trickle.join()
        for one in sockets:
            one.close()


def begun(site: Site, begin: str) -> socket.socket:
    parts = urlsplit(site.address)
    connection = socket.create_connection((parts.hostname, parts.port), source_address=(ATTACKER, 0))
    connection.sendall(begin.format(host=parts.netloc).encode())
    return connection


def send_slowly(sockets: list[socket.socket], over: Event) -> None:
    while not over.wait(1):
        for one in sockets:
            try:
                one.sendall(b"x")
            except OSError:  # the server has hung up on it
                continue
