"""What is measured: the requests of those who book, pay, look and call the webhook, and how little each may cost.

To measure something else as well, add a Target to the list in `targets`.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle, islice
from urllib.parse import urlencode

from django.conf import settings
from django.test import override_settings

from booking.models import Appointment, Provider
from tests.bench.load import COMPRESSED, Request, Visit, client
from tests.bench.practice import FEW, MANY, Practice, Time
from tests.bench.webhooks import Webhooks
from tests.gunicorn import PRODUCTION, Server, quiet_session
from tests.pages import asked_by, form_of
from tests.shapes import HTMX, booking_form, booking_json, slots_address
from tests.staff import member_of_staff

# Of how many appointments the pages are looked at.
LOOKED_AT = 20
# What the desk does takes at most so many times as much with 200,000 appointments as with 1,000.
THE_SAME = 1.2
# One of eleven clients has this name, so that thousands of appointments fit if there are many of them.
COMMON = "Mary"
# Nobody else has this name, this address, or a number with the same last digits.
RARE = {"client_name": "Thaddeus Quimby", "email": "t.quimby@example.com", "client_phone": "+353862345678"}
FORM = "application/x-www-form-urlencoded"
CHOOSING, SLOTS, BOOKING = "Choosing a time", "Slots of a day", "Booking"


@dataclass(frozen=True)
class Target:
    name: str
    status: int
    """Of the answer to each request."""
    visits: Callable[[], Sequence[Visit]]
    """It is called anew before each round, since no time can be booked twice."""
    goal: float | None = None
    """How many times as much processor time as the bare view one visit may take at most."""
    most_statements: int | None = None
    """How many statements one visit may send to the database at most."""
    providers: int = MANY
    """How many providers clients can see meanwhile."""
    most_growth: float | None = None
    """How many times as much a visit may take with 200,000 appointments as with 1,000, of site and database."""
    compared: str = ""
    """What the plot compares with django-appointment, which has a target of the same."""

    @property
    def goal_in_words(self) -> str:
        goals = {"×": self.goal, "statements": self.most_statements}
        return ", ".join(f"≤ {most:g} {what}" for what, most in goals.items() if most is not None)


@dataclass(frozen=True)
class Visits:
    """How many visits one round makes to a target."""

    looking: int
    changing: int

    def to(self, *addresses: str, **headers: str) -> Callable[[], Sequence[Visit]]:
        """Visits to these addresses in turn."""
        return self.like(*([look_at(address, **headers)] for address in addresses))

    def like(self, *visits: Visit) -> Callable[[], Sequence[Visit]]:
        return lambda: list(islice(cycle(visits), self.looking))


def targets(practice: Practice, site: Server, visits: Visits) -> list[Target]:
    chosen, full = address_of(practice.measured), address_of(practice.full)
    day = slots_address(**choice(practice.measured), date=practice.day)
    held = [f"/payments/{one.reference}/" for one in practice.hold(LOOKED_AT)]
    confirmed = [f"/appointments/{one.reference}/" for one in practice.confirm(LOOKED_AT)]
    webhooks = Webhooks(site, practice, visits.changing)
    desk = Desk(site, practice, visits)
    bookings = Bookings(site, practice.take_times(visits.changing))
    return [
        Target("Start page, four providers", 200, visits.to("/"), goal=2, providers=FEW),
        Target("Start page, fifty providers", 200, visits.to("/"), goal=3),
        Target("Calendar of anyone, of ten", 200, visits.to(f"/?service={practice.shared.slug}"), goal=3),
        Target("Calendar and times", 200, visits.to(chosen), goal=3, compared=CHOOSING),
        Target("Calendar and times, HTMX’s part", 200, visits.to(chosen, **HTMX), goal=3),
        Target("Calendar with sixty full days", 200, visits.to(full), goal=4, providers=MANY + 1),
        Target("Slots of a day, JSON", 200, visits.to(day), goal=1.5, compared=SLOTS),
        Target("Booking, JSON", 201, bookings.by_programs, goal=3.5, most_statements=8),
        Target("Booking, form", 303, bookings.by_browsers, goal=3.5, most_statements=8, compared=BOOKING),
        Target("Payment page", 200, visits.to(*held), goal=2.5),
        Target("Appointment page", 200, visits.to(*confirmed), goal=2.5),
        Target("Webhook, paid", 200, webhooks.arrive, goal=4),
        Target("Webhook, the same again", 200, webhooks.arrive_again),
        Target("The desk’s day, fifty providers", 200, desk.looks_at(desk.day), most_growth=THE_SAME),
        Target("The desk’s day, nothing changed", 204, desk.asks_again, most_growth=THE_SAME),
        *(
            Target(f"The desk’s find, {what}", 200, desk.looks_for(typed), most_growth=THE_SAME)
            for what, typed in desk.typed.items()
        ),
        Target("The desk’s known clients, while typing", 200, desk.types_a_name, most_growth=THE_SAME),
    ]


def look_at(address: str, **headers: str) -> Request:
    return Request(address, headers={**COMPRESSED, **headers})


def choice(provider: Provider) -> dict[str, str]:
    return {"provider": provider.slug, "service": provider.services.get().slug}


def address_of(provider: Provider, **chosen: str) -> str:
    return f"/?{urlencode(choice(provider) | chosen)}"


class Desk:
    """What somebody at reception looks at: a day that is equally full, however many appointments there are."""

    def __init__(self, site: Server, practice: Practice, visits: Visits) -> None:
        with override_settings(SECRET_KEY=PRODUCTION["SECRET_KEY"]):  # a session counts only with the site's own key
            browser = member_of_staff("view_appointment", "add_appointment", "see_every_diary")
        session = browser.cookies[settings.SESSION_COOKIE_NAME].value
        self.headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}
        self.site, self.visits = site, visits
        self.day = f"/staff/?day={practice.full_day}"
        chosen = {**choice(practice.measured), "time": practice.free_on_day[0].isoformat()}
        self.book = f"/staff/book/?{urlencode(chosen)}"
        [known, *_] = practice.confirm(5, **RARE)
        self.typed = {
            "a common name": COMMON,
            "a rare name": known.client_name.split()[-1],
            "an email address": known.client_email,
            "last digits of a phone number": known.client_phone[-6:],
            "six characters of a reference": known.reference[:6],
        }

    def looks_at(self, address: str) -> Callable[[], Sequence[Visit]]:
        return self.visits.to(address, **self.headers)

    def looks_for(self, typed: str) -> Callable[[], Sequence[Visit]]:
        return self.looks_at(f"/staff/find/?{urlencode({'q': typed})}")

    def asks_again(self) -> Sequence[Visit]:
        """As a page asks that has been open since a moment ago."""
        with quiet_session() as browser:
            address = asked_by(browser.get(self.site.address + self.day, headers=self.headers).text)
        return self.visits.to(address, **self.headers, **HTMX)()

    def types_a_name(self) -> Sequence[Visit]:
        """As the form for a caller asks who that may be."""
        with quiet_session() as browser:
            page = browser.get(self.site.address + self.book, headers=self.headers).text
            cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)
        form = urlencode({**form_of(page), "client_name": COMMON, "find": ""})
        headers = {**COMPRESSED, **HTMX, "HX-Target": "known-clients", "Content-Type": FORM}
        headers["Cookie"] = f"{self.headers['Cookie']}; {cookies}"
        return self.visits.like([Request(self.book, "POST", form, headers)])()


class Bookings:
    """Bookings of the same times in each round, each by another client: with another mailbox, from another network."""

    def __init__(self, site: Server, times: Sequence[Time]) -> None:
        self.site, self.times = site, times
        self.last = Appointment.objects.latest("pk").pk

    def by_programs(self) -> list[Visit]:
        self.forget()
        return [[program_books(*time, number)] for number, time in enumerate(self.times)]

    def by_browsers(self) -> list[Visit]:
        self.forget()
        return [[browser_books(self.site, *time, number)] for number, time in enumerate(self.times)]

    def forget(self) -> None:
        """Delete what the last round booked, so that each round meets the same diary."""
        Appointment.objects.filter(pk__gt=self.last).delete()


def program_books(provider: Provider, moment: datetime, number: int) -> Request:
    wish = booking_json(provider=provider.name, at=moment, email=email(number))
    return Request(
        "/api/appointments", "POST", json.dumps(wish), {**client(number), "Content-Type": "application/json"}
    )


def browser_books(site: Server, provider: Provider, moment: datetime, number: int) -> Request:
    """The form as a browser sends it that has just opened its page: with its hidden fields and all cookies."""
    with quiet_session() as browser:
        page = browser.get(site.address + address_of(provider, time=moment.isoformat())).text
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies)
    form = booking_form(**form_of(page), at=moment, email=email(number))
    headers = {**client(number), "Cookie": cookies, "Content-Type": FORM}
    return Request("/", "POST", urlencode(form), headers)


def email(number: int) -> str:
    return f"client{number}@example.com"
