"""Booking for those who call: by a link with a deadline, to be paid here, free of charge, several times in a row."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from random import Random
from zoneinfo import ZoneInfo

from booking.models import Change
from tests.soak.browsers import TIME, WANTED, GaveUp
from tests.soak.clients import Client
from tests.soak.desk.colleagues import Colleague
from tests.soak.desk.forms import Form, form_to
from tests.soak.practice import Practice, Press

BOOK, ANOTHER = "/staff/book/", "/staff/book/another/"
AT_PRACTICE, FREE, OTHER = "at practice", "free", "other"
BOOKED = re.compile(r"booked=(\d+)")
TO_READ_OUT = re.compile(r"/(?:payments|appointments)/([\w-]{22})/")
NEAREST = re.compile(r'<button name="time" value="([^"]+)">')


class Caller:
    """Somebody on the telephone. What they do with the link, they do as the `client` that they are then."""

    def __init__(self, practice: Practice, chance: Random, network: str) -> None:
        self.client = Client(practice, chance, network)
        self.phone = f"+353 87 {chance.randrange(10**7):07d}" if chance.random() < 0.6 else ""
        self.email = self.client.email if not self.phone or chance.random() < 0.4 else ""
        self.booked: list[int] = []
        """The primary keys of their appointments. The client has the link of the first."""

    @property
    def details(self) -> dict[str, str]:
        name = f"Caller {self.client.chance.randrange(1000)}"
        return {"client_name": name, "client_phone": self.phone, "client_email": self.email}


def book(colleague: Colleague, caller: Caller, provider: dict[str, str], paying: str, **in_a_row: str) -> None:
    """Choose one of the first free times of the day that clients book on now, and book it. Raises GaveUp."""
    for _ in range(20):
        if form := open_form(colleague, provider):
            typed = {**caller.details, **how_paid(colleague, form, paying), **in_a_row}
            if address := send_booking(colleague, form, typed, caller):
                return read_out(colleague, caller, address)
    raise GaveUp("desk, book")


def open_form(colleague: Colleague, provider: dict[str, str]) -> Form | None:
    slug, day = provider["slug"], colleague.practice.day[provider["slug"]]
    date = (datetime.now(UTC).date() + timedelta(days=day)).isoformat()
    shown = colleague.open("times", BOOK, provider=slug, service=provider["service"], date=date).text
    times = TIME.findall(shown.partition('id="times"')[2])[:WANTED]
    if not times:
        colleague.practice.full(slug, day)
        return None
    return form_to(colleague.open("book", unescape(colleague.chance.choice(times))).text, BOOK, "client_phone")


def how_paid(colleague: Colleague, form: Form, paying: str) -> dict[str, str]:
    """Fill in `paying`: with no link, or by link within one of the times that are offered, or very soon."""
    if paying in (AT_PRACTICE, FREE):
        return {"paying": paying}
    offered = [name for name in form.options["paying"] if name not in (AT_PRACTICE, FREE, OTHER)]
    chosen = colleague.chance.choice([OTHER, *offered[:1], *offered[-1:]])
    return {"paying": chosen, **(very_soon() if chosen == OTHER else {})}


def very_soon() -> dict[str, str]:
    """The next minute, by the practice's clock, as `day` and `clock`. No deadline can be given more exactly."""
    then = datetime.now(ZoneInfo("Europe/Dublin")) + timedelta(seconds=75)
    return {"day": then.date().isoformat(), "clock": f"{then:%H:%M}"}


def send_booking(colleague: Colleague, form: Form, typed: dict[str, str], caller: Caller) -> str:
    """Send the form. Return the address of the page that says what was booked, or empty if nothing was."""
    answer = colleague.send("book", form, Press(0, Change.Kind.BOOKED, colleague.login), **typed)
    if answer.status_code != 303:
        return ""
    for pk in set(map(int, BOOKED.findall(answer.headers["Location"]))) - set(caller.booked):
        caller.booked.append(pk)
        colleague.practice.pressed(Press(pk, Change.Kind.BOOKED, colleague.login), answered=True)
    return answer.headers["Location"]


def read_out(colleague: Colleague, caller: Caller, address: str) -> None:
    """Read the first link out to the caller. For each time that was not free, book the nearest that is."""
    shown = colleague.open("booked", address).text
    caller.client.reference = TO_READ_OUT.findall(shown)[0]
    while (form := form_to(shown, ANOTHER)) and (nearest := NEAREST.findall(shown)):
        instead = send_booking(colleague, form, {"time": unescape(nearest[0])}, caller)
        if not instead:
            return
        colleague.practice.count("staff who booked the nearest time instead")
        shown = colleague.open("booked", instead).text
