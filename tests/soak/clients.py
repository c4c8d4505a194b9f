"""Random clients, who speak plain HTTP: a person with a browser, and a program that books for one."""

import re
import time
from datetime import UTC, datetime, timedelta
from html import unescape
from random import Random

import requests

from tests.cards import ASKS_FIRST, DISPUTED, FAILING_REFUND, GOOD, SLOW_REFUND, card_form
from tests.gunicorn import quiet_session
from tests.pages import form_of
from tests.shapes import booking_form, booking_json, slots_address
from tests.soak.practice import Practice

DAY = re.compile(r'href="([^"]+date=\d{4}-\d\d-\d\d)"')
TIME = re.compile(r'href="([^"]+time=[^"]+)"')
CARDS = {GOOD: 70, ASKS_FIRST: 12, SLOW_REFUND: 8, FAILING_REFUND: 5, DISPUTED: 5}
# Everybody wants one of the first few free times of a day, so that they get in each other's way.
WANTED = 4
# Most often the time before a free one is taken, as everybody wants the first.
A_STEP = timedelta(minutes=15)
# A tenth of the clients are of families with one mail address each, who are sent more than five mails an hour.
FAMILIES = tuple(f"family{number}@example.com" for number in range(3))
# A person who sees an error reloads the page after so many seconds, a few times.
PAUSES = (0.2, 0.5, 1, 2, 3)


class GaveUp(Exception):
    """Too many tries went wrong, so that a person would give up."""


class Client:
    """A person who books in a browser without JavaScript, and pays on the hosted page."""

    def __init__(self, practice: Practice, chance: Random, network: str, host: int = 1) -> None:
        self.practice, self.chance, self.network = practice, chance, network
        self.http = quiet_session()
        self.http.headers["X-Forwarded-For"] = f"{network}{host}"
        self.card = chance.choices(list(CARDS), CARDS.values())[0]
        self.bank = chance.choices(["complete", "fail"], [4, 1])[0]
        own = f"client{chance.randrange(10**6)}@example.com"
        self.email = chance.choice(FAMILIES) if chance.random() < 0.1 else own
        self.reference = ""

    # HTTP

    def ask(self, step: str, method: str, path: str, **options: object) -> requests.Response:
        for pause in PAUSES:
            answer = self.try_to(step, method, path, **options)
            if answer is not None and answer.status_code < 500 and not is_under_way(answer):
                return answer
            time.sleep(pause)
        raise GaveUp(step)

    def try_to(self, step: str, method: str, path: str, **options: object) -> requests.Response | None:
        """Return None where no answer came, which does not tell whether the request was acted on."""
        url = path if path.startswith("http") else self.practice.address + path
        try:
            answer = self.http.request(method, url, timeout=40, allow_redirects=False, **options)
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
            self.practice.count(f"{step}: cut off")
            return None
        self.practice.count(f"{step}: {answer.status_code}")
        return answer

    def submit(self, step: str, page: str, to: str = "", **form: str) -> requests.Response:
        """Open a page and send its form. A page without a form says how things stand, and is returned itself."""
        opened = self.ask(f"{step} (page)", "GET", page)
        hidden = form_of(opened.text)
        return self.ask(step, "POST", to or page, data={**hidden, **form}) if hidden else opened

    # Steps

    def find_time(self) -> tuple[dict[str, str], str] | None:
        provider = self.chance.choice(self.practice.providers)
        day = self.practice.day[provider["slug"]]
        date = datetime.now(UTC).date() + timedelta(days=day)
        address = slots_address(provider["slug"], provider["service"], date=date)
        free = self.ask("slots", "GET", address).json()["slots"]
        if not free:
            self.practice.full(provider["slug"], day)
            return None
        return provider, self.chance.choice(free[:WANTED])

    def book(self) -> None:
        for _ in range(20):
            if (found := self.find_time()) and self.hold(*found):
                return
        raise GaveUp("book")

    def hold(self, provider: dict[str, str], moment: str) -> bool:
        chosen = {"provider": provider["slug"], "service": provider["service"]}
        page = requests.Request("GET", f"{self.practice.address}/", params={**chosen, "time": moment}).prepare().url
        answer = self.submit("book", page, "/", **booking_form(**chosen, at=moment, email=self.email))
        if answer.status_code == 303:
            self.reference = answer.headers["Location"].split("/")[-2]
        return answer.status_code == 303

    def checkout(self) -> str:
        """Return the address of the hosted page, or nothing where there is nothing to pay any more."""
        answer = self.submit("checkout", f"/payments/{self.reference}/", f"/payments/{self.reference}/checkout/")
        location = answer.headers.get("Location", "")
        return location if "/pay/" in location else ""

    def pay(self, url: str, card: str = "") -> str:
        """Return the address of the success page, or nothing where it was not paid."""
        if not url:
            return ""
        card = card or self.card
        answer = self.submit("pay", url, **card_form(card))
        if card == ASKS_FIRST and (hidden := form_of(answer.text)):
            answer = self.ask("answer the bank", "POST", url, data={**hidden, "authentication": self.bank})
        return answer.headers.get("Location", "")

    def come_back(self, url: str) -> None:
        for pause in PAUSES:
            page = self.ask("success", "GET", url).text
            if "We have not heard from Stripe yet" not in page:
                return
            time.sleep(pause)

    def look(self) -> None:
        self.ask("look", "GET", f"/appointments/{self.reference}/")

    def is_kept(self) -> bool:
        """Tell whether the time is held now; if so, it was held all the time."""
        return self.ask("is kept", "GET", f"/api/appointments/{self.reference}").json()["status"] == "held"

    def cancel(self) -> None:
        """Open the page that cancels and press its button, which does exactly what that page has shown."""
        page = f"/appointments/{self.reference}/cancel/"
        shown = self.ask("cancel (page)", "GET", page)
        if shown.status_code != 200:
            shown = self.ask("cancel (page)", "GET", f"/payments/{self.reference}/")
        if hidden := form_of(shown.text):
            self.ask("cancel", "POST", page, data=hidden)

    def move(self) -> None:
        """Take one of the first times shown of the day that is open, or of another day."""
        page = f"/appointments/{self.reference}/reschedule/"
        shown = self.ask("move (page)", "GET", page).text
        if (days := DAY.findall(shown)) and self.chance.random() < 0.5:
            shown = self.ask("move (page)", "GET", unescape(self.chance.choice(days))).text
        if times := TIME.findall(shown)[:WANTED]:
            self.move_to(page, unescape(self.chance.choice(times)))

    def move_to(self, page: str, step: str) -> None:
        """Take that time, or now and then the one before, which is mostly taken. Without a form the time has gone."""
        hidden = form_of(self.ask("move (last step)", "GET", step).text)
        if "appointment_time" in hidden:
            moment = datetime.fromisoformat(hidden["appointment_time"])
            if self.chance.random() < 0.2:
                moment -= A_STEP
            answer = self.ask("move", "POST", page, data={**hidden, "appointment_time": moment.isoformat()})
            if answer.status_code == 303:
                on_to_pay = "/payments/" in answer.headers["Location"]
                self.practice.count("moved while held" if on_to_pay else "moved while confirmed")


def is_under_way(answer: requests.Response) -> bool:
    """Tell whether the same request was cut off before and is still being executed."""
    return answer.status_code == 409 and "Retry-After" in answer.headers


class Program(Client):
    """A program books for a person over the JSON API; the person pays on the hosted page."""

    books = "book (API)"

    def hold(self, provider: dict[str, str], moment: str) -> bool:
        wish = booking_json(provider=provider["name"], at=moment, email=self.email)
        key = {"Idempotency-Key": f"{self.chance.getrandbits(128):032x}"}
        answer = self.ask(self.books, "POST", "/api/appointments", json=wish, headers=key)
        if answer.status_code == 201:
            self.reference = answer.json()["reference"]
        return answer.status_code == 201

    def checkout(self) -> str:
        answer = self.ask("checkout (API)", "POST", f"/api/appointments/{self.reference}/checkout")
        return answer.json()["checkout_url"] if answer.status_code == 200 else ""

    def look(self) -> None:
        self.ask("look (API)", "GET", f"/api/appointments/{self.reference}")

    def cancel(self) -> None:
        self.ask("cancel (API)", "POST", f"/api/appointments/{self.reference}/cancel")


class Neighbour(Program):
    books = "book beside another (API)"


def tries_beside(client: Client) -> None:
    """Let a neighbour try to book, who must be refused while that client's time is held; count it if they are not."""
    neighbour = Neighbour(client.practice, client.chance, client.network, host=2)
    if (found := neighbour.find_time()) and neighbour.hold(*found) and client.is_kept():
        client.practice.count("two at one network")
