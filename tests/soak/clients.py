"""Random clients, who speak plain HTTP: a person with a browser, and a program that books for one."""

import time
from datetime import UTC, datetime, timedelta
from html import unescape
from random import Random

import requests

from tests.cards import ASKS_FIRST, DISPUTED, FAILING_REFUND, GOOD, SLOW_REFUND, card_form
from tests.pages import form_of
from tests.shapes import booking_form, booking_json, slots_address
from tests.soak.browsers import DAY, PAUSES, TIME, WANTED, Browser, GaveUp
from tests.soak.practice import Practice

CARDS = {GOOD: 70, ASKS_FIRST: 12, SLOW_REFUND: 8, FAILING_REFUND: 5, DISPUTED: 5}
# Times begin every 15 minutes. The one before a free time is usually taken, since everybody wants the first ones.
A_STEP = timedelta(minutes=15)
# So many of all looks are at a day that was full before, so that whoever waits for it has to be quick.
EARLIER = 0.4
# A tenth of the clients share three mail addresses, so that more than the five mails an hour are due to each of these.
FAMILIES = tuple(f"family{number}@example.com" for number in range(3))


class Client(Browser):
    """A person who books in a browser without JavaScript, and pays on the hosted page."""

    def __init__(self, practice: Practice, chance: Random, network: str, host: int = 1) -> None:
        super().__init__(practice, chance, f"{network}{host}")
        self.network = network
        self.card = chance.choices(list(CARDS), CARDS.values())[0]
        self.bank = chance.choices(["complete", "fail"], [4, 1])[0]
        own = f"client{chance.randrange(10**6)}@example.com"
        self.email = chance.choice(FAMILIES) if chance.random() < 0.1 else own
        self.reference = ""

    def submit(self, step: str, page: str, to: str = "", **form: str) -> requests.Response:
        """Open a page, send its form and return the answer. If the page has no form, return the page."""
        opened = self.ask(f"{step} (page)", "GET", page)
        hidden = form_of(opened.text)
        return self.ask(step, "POST", to or page, data={**hidden, **form}) if hidden else opened

    # Steps

    def find_time(self) -> tuple[dict[str, str], str] | None:
        """Look at the day that clients book on now, or, as some do, for what has become free on a day before it."""
        provider = self.chance.choice(self.practice.providers)
        day = self.practice.day[provider["slug"]]
        if self.chance.random() < EARLIER:
            day = self.chance.randint(1, day)
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
        """Return the address of the hosted page, or an empty string if there is nothing to pay."""
        answer = self.submit("checkout", f"/payments/{self.reference}/", f"/payments/{self.reference}/checkout/")
        location = answer.headers.get("Location", "")
        return location if "/pay/" in location else ""

    def pay(self, url: str, card: str = "") -> str:
        """Pay on the hosted page. Return the address of the success page, or an empty string if it is not paid."""
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
        """Tell whether the time is held now. If so, it was held since it was booked, as a hold never comes back."""
        return self.ask("is kept", "GET", f"/api/appointments/{self.reference}").json()["status"] == "held"

    def cancel(self) -> None:
        """Press the button of the cancel page or of the payment page, and send its fields, which say what it showed."""
        page = f"/appointments/{self.reference}/cancel/"
        shown = self.ask("cancel (page)", "GET", page)
        if shown.status_code != 200:
            shown = self.ask("cancel (page)", "GET", f"/payments/{self.reference}/")
        if hidden := form_of(shown.text):
            self.ask("cancel", "POST", page, data=hidden)

    def move(self) -> None:
        """Choose one of the first four times of the day that the page shows, or of another day, and move to it."""
        page = f"/appointments/{self.reference}/reschedule/"
        shown = self.ask("move (page)", "GET", page).text
        if (days := DAY.findall(shown)) and self.chance.random() < 0.5:
            shown = self.ask("move (page)", "GET", unescape(self.chance.choice(days))).text
        if times := TIME.findall(shown)[:WANTED]:
            self.move_to(page, unescape(self.chance.choice(times)))

    def move_to(self, page: str, step: str) -> None:
        """Move to the time of that page, or in one of five cases to the time before, which is usually taken.

        If the page has no form, somebody else has taken the time, and nothing is sent.
        """
        hidden = form_of(self.ask("move (last step)", "GET", step).text)
        if "appointment_time" in hidden:
            moment = datetime.fromisoformat(hidden["appointment_time"])
            if self.chance.random() < 0.2:
                moment -= A_STEP
            answer = self.ask("move", "POST", page, data={**hidden, "appointment_time": moment.isoformat()})
            if answer.status_code == 303:
                on_to_pay = "/payments/" in answer.headers["Location"]
                self.practice.count("moved while held" if on_to_pay else "moved while confirmed")


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
    """Let another client of the same network try to book. Count it if they succeed while this client holds a time."""
    neighbour = Neighbour(client.practice, client.chance, client.network, host=2)
    if (found := neighbour.find_time()) and neighbour.hold(*found) and client.is_kept():
        client.practice.count("two at one network")
