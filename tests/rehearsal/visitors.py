"""People who book and pay over HTTPS, each from a network of their own, and a crowd of them that never stops."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from requests.adapters import HTTPAdapter

from tests.cards import card_form
from tests.gunicorn import quiet_session
from tests.pages import form_of
from tests.shapes import booking_form, slots_address

ANSWERS_WITHIN = 70
STRIPE = "http://127.0.0.1:8100"
"""Where the sandbox is that stands alone."""
numbers = itertools.count(1)
choosing = threading.Lock()


class FromAnAddress(HTTPAdapter):
    """Sends everything from one of the many addresses that this machine has, so that nginx sees many people."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options, source_address=(self.address, 0))


class Visitor:
    def __init__(self, site: str, certificate: str, wanted: set[tuple[str, str]], address: str = "") -> None:
        """`wanted` has the provider and the time of every other visitor, so that each wants another one.

        Without an address each has an IPv4 address of loopback's own.
        """
        self.wanted = wanted
        self.number = next(numbers)
        self.site = site
        self.http = quiet_session()
        self.http.verify = certificate
        adapter = FromAnAddress(address or f"127.1.{self.number // 250}.{self.number % 250 + 1}")
        for scheme in ("https://", "http://"):
            self.http.mount(scheme, adapter)
        self.reference = ""

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        url = path if path.startswith("http") else self.site + path
        return self.http.request(method, url, timeout=ANSWERS_WITHIN, allow_redirects=False, **options)

    def get(self, path: str, expected: int = 200) -> str:
        answer = self.ask("GET", path)
        must_be(answer, expected)
        return answer.text

    def submit(self, page: str, to: str = "", **typed: str) -> str:
        """Open a page, send its form, and return where that leads."""
        answer = self.ask("POST", to or page, data={**form_of(self.get(page)), **typed}, headers={"Referer": self.site})
        must_be(answer, 303)
        return answer.headers["Location"]

    # Steps

    def free_time(self) -> dict[str, str]:
        providers = self.ask("GET", "/api/providers").json()
        provider = providers[self.number % len(providers)]
        chosen = {"provider": provider["slug"], "service": provider["services"][0]["slug"]}
        for day in range(3, 50):
            date = (datetime.now(UTC) + timedelta(days=day)).date()
            free = self.ask("GET", slots_address(chosen["provider"], chosen["service"], date=date)).json()["slots"]
            with choosing:
                # The longest appointment takes an hour, and a time begins each quarter.
                if new := [moment for moment in free[::4] if (chosen["provider"], moment) not in self.wanted]:
                    self.wanted.add((chosen["provider"], new[0]))
                    return {**chosen, "time": new[0]}
        raise LookupError("No time is free.")

    def book(self) -> None:
        chosen = self.free_time()
        form = booking_form(
            provider=chosen["provider"],
            service=chosen["service"],
            at=chosen["time"],
            email=f"visitor{self.number}@example.com",
        )
        leads_to = self.submit(f"/?{urlencode(chosen)}", "/", **form)
        self.reference = leads_to.split("/")[-2]

    def checkout(self) -> str:
        """Press Pay, and return the address of the hosted page."""
        return self.submit(f"/payments/{self.reference}/", f"/payments/{self.reference}/checkout/")

    def pay(self, hosted: str) -> None:
        """Pay at the Stripe that stands alone, and come back."""
        back = self.submit(STRIPE + urlsplit(hosted).path, **card_form())
        self.get(back)

    def book_and_pay(self) -> None:
        self.book()
        self.pay(self.checkout())

    def cancel(self) -> None:
        self.submit(f"/appointments/{self.reference}/cancel/")

    @property
    def status(self) -> str:
        """The status of the appointment, or an empty string if there is none."""
        answer = self.ask("GET", f"/api/appointments/{self.reference}")
        return "" if answer.status_code == 404 else answer.json()["status"]


def must_be(answer: requests.Response, expected: int) -> None:
    if answer.status_code != expected:
        asked = f"{answer.request.method} {urlsplit(answer.url).path}"
        raise AssertionError(f"{answer.status_code} instead of {expected}: {asked}\n{answer.text[:600]}")


class Crowd:
    """Visitors who look, book and pay until they are told to stop, and who may not notice anything."""

    def __init__(self, new_visitor: Callable[[], Visitor], size: int = 4) -> None:
        self.new_visitor, self.size = new_visitor, size
        self.done, self.failures = Counter[str](), list[str]()
        self.stop = threading.Event()

    def visit(self) -> None:
        while not self.stop.wait(1):
            visitor = self.new_visitor()
            try:
                visitor.get("/")
                self.done["looked"] += 1
                visitor.book_and_pay()
                self.done["paid"] += 1
            except (requests.RequestException, AssertionError, LookupError) as failure:
                self.failures.append(f"{type(failure).__name__}: {failure}")

    def __str__(self) -> str:
        return (
            f"{self.done['looked']} visitors came meanwhile, {self.done['paid']} booked and paid, and nobody noticed."
        )

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Let them come and go. Raises AssertionError if one of them noticed what happened meanwhile."""
        self.stop.clear()
        threads = [threading.Thread(target=self.visit) for _ in range(self.size)]
        for thread in threads:
            thread.start()
        time.sleep(3)
        try:
            yield
            time.sleep(3)
        finally:
            self.stop.set()
            for thread in threads:
                thread.join()
        if self.failures:
            raise AssertionError("\n".join(self.failures))
