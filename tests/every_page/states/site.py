"""The site as a state sees it, and the list of all states."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.http import HttpResponse

from booking.models import Appointment
from booking.pages.holds import COOKIE, Holds
from tests.servers import NOWHERE


@dataclass
class Site:
    page: Any
    settings: Any
    monkeypatch: Any

    def open(self, path: str) -> None:
        self.page.goto(path)

    def press(self, name: str, role: str = "button") -> None:
        self.page.get_by_role(role, name=self.said(name, exact=True), exact=True).click()

    def named(self, role: str, words: str) -> Any:
        return self.page.get_by_role(role, name=self.said(words))

    def field(self, label: str, exact: bool = False) -> Any:
        return self.page.get_by_label(self.said(label, exact=exact), exact=exact)

    def text(self, words: str) -> Any:
        return self.page.get_by_text(self.said(words))

    def said(self, words: str, exact: bool = False) -> Any:
        """What to look for on a page of the site's language, which is English here."""
        return words

    def lose_stripe(self) -> None:
        self.settings.STRIPE_API_BASE = NOWHERE

    def keeps(self, *appointments: Appointment) -> None:
        """Give the browser the cookie that it would have if it had made these appointments."""
        answer = HttpResponse()
        holds = Holds([])
        for appointment in appointments:
            holds.add(appointment.reference, answer)
        cookie = {"name": COOKIE, "value": answer.cookies[COOKIE].value, "url": self.settings.SITE_URL}
        self.page.context.add_cookies([cookie])


# For each name: words that stand on the page, and the function that leads there.
STATES: dict[str, tuple[str, Callable[[Site], None]]] = {}


def state(words: str) -> Callable[[Any], Any]:
    """Add the function as a state, whose name is that of the function."""

    def keep(build: Any) -> Any:
        STATES[build.__name__.replace("_", " ")] = words, build
        return build

    return keep


def each(cases: dict[str, tuple[str, dict[str, Any]]]) -> Callable[[Any], Any]:
    """Add the function as several states: each case has a name, its words, and what the function is called with."""

    def keep(build: Any) -> Any:
        for name, (words, facts) in cases.items():
            STATES[f"{build.__name__.replace('_', ' ')}, {name}"] = words, partial(build, **facts)
        return build

    return keep
