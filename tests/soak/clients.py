"""Random clients over plain HTTP. What each of them wants is chosen before they begin, by the seed and their number."""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape
from random import Random

import requests
from stripe import StripeClient, StripeError

from tests.gunicorn import quiet_session
from tests.pages import form_of

DAY = re.compile(r'href="([^"]+date=\d{4}-\d\d-\d\d)"')
TIME = re.compile(r'href="([^"]+time=[^"]+)"')
GOOD, DECLINED, ASKS_FIRST = "4242424242424242", "4000000000000002", "4000002760003184"
SLOW_REFUND, FAILING_REFUND, DISPUTED = "4000000000007726", "4000000000005126", "4000000000000259"
CARDS = {GOOD: 70, ASKS_FIRST: 12, SLOW_REFUND: 8, FAILING_REFUND: 5, DISPUTED: 5}
# Everybody wants one of the first few free times of one day.
WANTED, DAYS = 4, range(1, 58)
# Before a free time there is most often one that is taken, as everybody wants the first.
A_STEP = timedelta(minutes=15)
SESSION_LIFETIME = 6
# A tenth of the clients are of a few families that have one address each, and get more mail than five an hour.
FAMILIES = tuple(f"family{number}@example.com" for number in range(3))
# Beside so many clients somebody of the same network wants a time as well: one is kept for each network, here.
WITH_A_NEIGHBOUR = 0.15
# A person who sees an error reloads the page, a few times.
PAUSES = (0.2, 0.5, 1, 2, 3)


class GaveUp(Exception):
    """As a person would, after many tries."""


class Practice:
    """Where everybody books: the site's address, the providers, and how far each one's diary is full.

    And where the practice sends money back by itself: Stripe's API, as its dashboard does.
    """

    def __init__(self, address: str, stripe: StripeClient, providers: list[dict[str, str]]) -> None:
        self.address, self.stripe, self.providers = address, stripe, providers
        self.day = {provider["slug"]: DAYS.start for provider in providers}
        self.answers: Counter[str] = Counter()
        self.lock = threading.Lock()

    def return_in_dashboard(self, reference: str, amount: int) -> None:
        """Once, if Stripe takes it and its answer is not lost."""
        for session in self.stripe.v1.checkout.sessions.list(params={"limit": 100}).data:
            if session.client_reference_id == reference and session.payment_status == "paid":
                intent = session.payment_intent
                self.stripe.v1.refunds.create(params={"payment_intent": intent, "amount": amount})

    def count(self, what: str) -> None:
        with self.lock:
            self.answers[what] += 1

    def full(self, provider: str, day: int) -> None:
        """On to the next day, and after the last one back to the first: what was given back there is free again."""
        if self.day[provider] == day:
            self.day[provider] = day + 1 if day + 1 in DAYS else DAYS.start


class Client:
    """A person: books in a browser without JavaScript, pays on the hosted page."""

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
        """Nothing where the answer never came: that says nothing of what was done."""
        url = path if path.startswith("http") else self.practice.address + path
        try:
            answer = self.http.request(method, url, timeout=40, allow_redirects=False, **options)
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
            self.practice.count(f"{step}: cut off")
            return None
        self.practice.count(f"{step}: {answer.status_code}")
        return answer

    def submit(self, step: str, page: str, to: str = "", **form: str) -> requests.Response:
        """Open a page and send its form. Without a form it says how things stand, and that is the answer."""
        opened = self.ask(f"{step} (page)", "GET", page)
        hidden = form_of(opened.text)
        return self.ask(step, "POST", to or page, data={**hidden, **form}) if hidden else opened

    # Steps

    def find_time(self) -> tuple[dict[str, str], str] | None:
        provider = self.chance.choice(self.practice.providers)
        day = self.practice.day[provider["slug"]]
        query = {"date": str(datetime.now(UTC).date() + timedelta(days=day)), "service": provider["service"]}
        free = self.ask("slots", "GET", f"/api/providers/{provider['slug']}/slots", params=query).json()["slots"]
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
        wish = {**chosen, "appointment_time": moment, "client_email": self.email}
        answer = self.submit("book", page, "/", **wish)
        if answer.status_code == 303:
            self.reference = answer.headers["Location"].split("/")[-2]
        return answer.status_code == 303

    def checkout(self) -> str:
        """The address of the hosted page, or nothing where there is nothing to pay any more."""
        answer = self.submit("checkout", f"/payments/{self.reference}/", f"/payments/{self.reference}/checkout/")
        location = answer.headers.get("Location", "")
        return location if "/pay/" in location else ""

    def pay(self, url: str, card: str = "") -> str:
        """The address of the success page, or nothing where it was not paid."""
        if not url:
            return ""
        card = card or self.card
        answer = self.submit("pay", url, number=card, expiry="12 / 34", cvc="123")
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
        """If it is now, it was all the time."""
        return self.ask("is kept", "GET", f"/api/appointments/{self.reference}").json()["status"] == "held"

    def cancel(self) -> None:
        """The button does exactly what its page has shown."""
        page = f"/appointments/{self.reference}/cancel/"
        shown = self.ask("cancel (page)", "GET", page)
        if shown.status_code != 200:
            shown = self.ask("cancel (page)", "GET", f"/payments/{self.reference}/")
        if hidden := form_of(shown.text):
            self.ask("cancel", "POST", page, data=hidden)

    def move(self) -> None:
        """To one of the first times shown of the day that is open, or of another."""
        page = f"/appointments/{self.reference}/reschedule/"
        shown = self.ask("move (page)", "GET", page).text
        if (days := DAY.findall(shown)) and self.chance.random() < 0.5:
            shown = self.ask("move (page)", "GET", unescape(self.chance.choice(days))).text
        if times := TIME.findall(shown)[:WANTED]:
            self.move_to(page, unescape(self.chance.choice(times)))

    def move_to(self, page: str, step: str) -> None:
        """A time that went meanwhile has no form any more. Now and then to one that was not shown, on purpose."""
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
    """The same request came before, was cut off, and is still being executed."""
    return answer.status_code == 409 and "Retry-After" in answer.headers


class Program(Client):
    """Books for a person through the JSON API; the person pays on the hosted page."""

    books = "book (API)"

    def hold(self, provider: dict[str, str], moment: str) -> bool:
        wish = {"provider_name": provider["name"], "appointment_time": moment, "client_email": self.email}
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
    """Refused while that client's time is kept. Once it is not any more, a neighbour may have one."""
    neighbour = Neighbour(client.practice, client.chance, client.network, host=2)
    if (found := neighbour.find_time()) and neighbour.hold(*found) and client.is_kept():
        client.practice.count("two at one network")


# What they do after they have booked


def leaves(client: Client) -> None:
    """Never presses Pay."""


def pays(client: Client) -> None:
    if success := client.pay(client.checkout()):
        client.come_back(success)
    client.look()


def is_declined_first(client: Client) -> None:
    url = client.checkout()
    client.pay(url, DECLINED)
    if success := client.pay(url):
        client.come_back(success)


def closes_the_tab(client: Client) -> None:
    """Pays, and does not wait for what comes then."""
    client.pay(client.checkout())


def pays_late(client: Client) -> None:
    """In the last moments of the session, and is gone: whoever hears of it, hears of it late."""
    url = client.checkout()
    time.sleep(client.chance.uniform(SESSION_LIFETIME / 2, SESSION_LIFETIME))
    client.pay(url)
    if client.chance.random() < 0.3:
        client.look()


def comes_back_late(client: Client) -> None:
    """Opens the payment page, goes for a coffee, and begins again."""
    client.checkout()
    time.sleep(client.chance.uniform(1, SESSION_LIFETIME + 2))
    pays(client)


def pays_in_two_tabs(client: Client) -> None:
    """A press of Pay in each, and a card in each; meanwhile a look at the page that would say whether it was paid."""
    first = client.checkout()
    session = first.rpartition("/")[2]
    for _ in range(2):
        client.ask("success, unpaid", "GET", f"/payments/{client.reference}/success/", params={"session_id": session})
    second = client.checkout() or first
    at_once(lambda: client.pay(first), lambda: client.pay(second))


def cancels(client: Client) -> None:
    pays(client)
    client.cancel()
    client.look()


def cancels_at_once_in_two_tabs(client: Client) -> None:
    client.pay(client.checkout())
    at_once(client.cancel, client.cancel)


def is_given_something_back(client: Client) -> None:
    """The practice returns a part in Stripe's dashboard, and the client cancels before or after that."""
    pays(client)
    if client.chance.random() < 0.5:
        client.cancel()
    client.practice.return_in_dashboard(client.reference, amount=1500)
    client.cancel()


def gives_it_back_and_pays(client: Client) -> None:
    """In one tab the one, in another the other, at the same moment or soon after."""
    url = client.checkout()
    if client.chance.random() < 0.5:
        client.cancel()
        client.pay(url)
    else:
        at_once(client.cancel, lambda: client.pay(url))


def moves_before_paying(client: Client) -> None:
    client.move()
    pays(client)


def moves_with_the_pay_page_open(client: Client) -> None:
    """Goes back to that page afterwards, which is no longer one to pay on, and then pays on another."""
    url = client.checkout()
    client.move()
    client.pay(url)
    pays(client)


def pays_and_moves(client: Client) -> None:
    """In one tab the one, in another the other: at the same moment, or soon after, when nobody may have heard of it."""
    url = client.checkout()
    if client.chance.random() < 0.5:
        client.pay(url)
        client.move()
    else:
        at_once(client.move, lambda: client.pay(url))
    client.look()


def moves_once_confirmed(client: Client) -> None:
    """Perhaps again, and perhaps they cannot come after all."""
    pays(client)
    client.move()
    if client.chance.random() < 0.5:
        client.move()
    if client.chance.random() < 0.3:
        client.cancel()


def moves_and_cancels(client: Client) -> None:
    """At the same moment, in two tabs."""
    pays(client)
    at_once(client.move, client.cancel)


def at_once(*calls: Callable[[], object]) -> None:
    with ThreadPoolExecutor(len(calls)) as tabs:
        for answered in [tabs.submit(call) for call in calls]:
            answered.result()


WALKS: dict[Callable[[Client], None], int] = {
    leaves: 8,
    pays: 18,
    is_declined_first: 8,
    closes_the_tab: 12,
    pays_late: 16,
    comes_back_late: 6,
    pays_in_two_tabs: 24,
    cancels: 8,
    cancels_at_once_in_two_tabs: 4,
    is_given_something_back: 5,
    gives_it_back_and_pays: 6,
    moves_before_paying: 5,
    moves_with_the_pay_page_open: 6,
    pays_and_moves: 8,
    moves_once_confirmed: 12,
    moves_and_cancels: 4,
}


def visit(practice: Practice, seed: int, number: int) -> None:
    """One client from beginning to end."""
    chance = Random(f"{seed} {number}")
    walk = chance.choices(list(WALKS), WALKS.values())[0]
    network = f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::"
    client = chance.choices([Client, Program], [4, 1])[0](practice, chance, network)
    practice.count(f"a client who {walk.__name__}")
    try:
        client.book()
        if chance.random() < WITH_A_NEIGHBOUR:
            tries_beside(client)
        walk(client)
    except GaveUp as step:
        practice.count(f"gave up at: {step}")
    except StripeError as refused:
        practice.count(f"dashboard: {type(refused).__name__}")
