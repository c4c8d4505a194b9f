"""What staff do at the desk: one task after the other, and in TASKS how often each is chosen."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

from tests.soak import walks
from tests.soak.browsers import GaveUp, at_once
from tests.soak.clients import Client
from tests.soak.desk import filled
from tests.soak.desk.callers import AT_PRACTICE, FREE, Caller, book
from tests.soak.desk.colleagues import Colleague, Filled
from tests.soak.desk.forms import form_to
from tests.soak.practice import Practice

LISTED = re.compile(r'href="/staff/appointments/(\d+)/"')
REFUND = re.compile(r"/staff/appointments/\d+/refund/\d+/")
UNDO = re.compile(r"/staff/appointments/\d+/takings/\d+/undo/")
DID_NOT_COME = "Did not come"
AWAY = "/staff/away/"
YESTERDAY = -1
# The days begin at eight and end at twenty o'clock.
MORNING = {"begins": "08:00", "ends": "14:00"}


class Desk:
    """An owner, a receptionist and a provider, at work until there is no task left."""

    def __init__(self, practice: Practice, seed: int, number: int) -> None:
        self.practice, self.chance = practice, Random(f"desk {seed} {number}")
        self.network = f"2001:db8:fffe:{number:x}"
        self.owner, self.reception, self.provider = (
            Colleague(practice, Random(f"{login} {seed}"), login)
            for login in (f"owner{number}", f"reception{number}", f"provider{number}")
        )
        self.own_diary = practice.providers[number]

    def work(self, tasks: int) -> None:
        for number in range(tasks):
            task = self.chance.choices(list(TASKS), TASKS.values())[0]
            try:
                task(self, Caller(self.practice, self.chance, f"{self.network}:{number:x}::"))
            except GaveUp as step:
                self.practice.count(f"gave up at: {step}")

    @property
    def sees_all(self) -> Colleague:
        return self.chance.choice([self.owner, self.reception])

    @property
    def anybody(self) -> Colleague:
        return self.chance.choice([self.owner, self.reception, self.provider])

    def book(self, caller: Caller, paying: str, **in_a_row: str) -> Colleague:
        """Book for the caller, in a diary that one may see, and return who did. Raises GaveUp."""
        who = self.anybody
        diary = self.own_diary if who is self.provider else self.chance.choice(self.practice.providers)
        book(who, caller, diary, paying, **in_a_row)
        return who

    def find(self, who: Colleague, link: str, day: int | None = None) -> tuple[int, str] | None:
        """Look through a day for an appointment whose page has such words. Return its key and its page."""
        latest = self.practice.day[self.own_diary["slug"]]
        date = datetime.now(UTC).date() + timedelta(days=self.chance.randint(1, latest) if day is None else day)
        keys = sorted(set(LISTED.findall(who.open("day", "/staff/", day=date.isoformat()).text)))
        for key in map(int, self.chance.sample(keys, min(4, len(keys)))):
            shown = who.open("appointment", filled.page_of(key)).text
            if re.search(link, shown):
                return key, shown
        self.practice.count(f"staff who found none to {link}")
        return None


# For somebody who calls


def books_by_link(desk: Desk, caller: Caller) -> None:
    """Book by link, and often do something more about it. Some then do not pay, and the deadline passes."""
    who = desk.book(caller, "by link")
    if desk.chance.random() < 0.8:
        more = desk.chance.choice([filled.another_deadline, filled.correction, filled.move])
        who.press((filled.link_again if caller.email and desk.chance.random() < 0.4 else more)(who, caller.booked[0]))
    walk = desk.chance.choices(list(WITH_THE_LINK), WITH_THE_LINK.values())[0]
    walk(caller.client)


def gives_a_deadline_to_who_is_paying(desk: Desk, caller: Caller) -> None:
    """The caller has the payment page open, or just opens it, when another deadline is given, and pays on it."""
    who = desk.book(caller, "by link")
    deadline = filled.another_deadline(who, caller.booked[0])
    if desk.chance.random() < 0.5:
        url = caller.client.checkout()
        who.press(deadline)
    else:
        url, _ = at_once(caller.client.checkout, partial(who.press, deadline))
    desk.practice.count("staff who gave a deadline while a client paid")
    caller.client.pay(url)


def books_free_of_charge(desk: Desk, caller: Caller) -> None:
    desk.book(caller, FREE)
    desk.chance.choice([walks.leaves, Client.move, Client.cancel])(caller.client)


def books_to_be_paid_here(desk: Desk, caller: Caller) -> None:
    """The caller pays at the practice what would be paid online. Now and then it is paid at once."""
    who = desk.book(caller, AT_PRACTICE)
    if who is not desk.provider and desk.chance.random() < 0.3:
        who.press(filled.taking(who, caller.booked[0]))
    desk.chance.choice([walks.leaves, Client.move, Client.cancel])(caller.client)


def books_several_in_a_row(desk: Desk, caller: Caller) -> None:
    desk.book(caller, desk.chance.choice([FREE, AT_PRACTICE, "by link"]), every="1", times="4")
    desk.practice.count("staff who booked several in a row")
    walks.pays(caller.client)


# About an appointment of the day


def moves(desk: Desk, caller: Caller) -> None:
    who = desk.sees_all
    if found := desk.find(who, "/move/"):
        who.press(filled.move(who, found[0]))


def cancels(desk: Desk, caller: Caller) -> None:
    who = desk.sees_all
    if found := desk.find(who, "/cancel/"):
        who.press(filled.cancelling(who, found[0]))


def corrects(desk: Desk, caller: Caller) -> None:
    if found := desk.find(desk.provider, "/correct/"):
        desk.provider.press(filled.correction(desk.provider, found[0]))


def returns_a_part(desk: Desk, caller: Caller) -> None:
    if found := desk.find(desk.owner, REFUND.pattern):
        pk, shown = found
        desk.owner.press(filled.part_of_a_payment(desk.owner, pk, REFUND.search(shown)[0]))


def takes_a_payment(desk: Desk, caller: Caller) -> None:
    """Take what is due at the practice in one part or two. Now and then an entry is undone by another."""
    who = desk.sees_all
    if found := desk.find(who, "/take/"):
        pk, _ = found
        for _ in range(2):
            who.press(filled.taking(who, pk))
        undo = UNDO.search(who.open("appointment", filled.page_of(pk)).text)
        if undo and desk.chance.random() < 0.4:
            who.press(filled.counter_entry(who, pk, undo[0]))


def asks_for_the_rest(desk: Desk, caller: Caller) -> None:
    """Ask who has paid the deposit for the rest by link. Some pay it, some at the moment at which it is paid here."""
    desk.book(caller, "by link")
    walks.pays(caller.client)
    who = desk.sees_all
    if not who.press(filled.rest_by_link(who, caller.booked[0])):
        return
    url = caller.client.checkout()
    if desk.chance.random() < 0.4:
        here = filled.taking(desk.owner, caller.booked[0])
        at_once(partial(caller.client.pay, url), partial(desk.owner.press, here))
        desk.practice.count("a rest that was paid by link and here at once")
    else:
        caller.client.pay(url)
    if desk.chance.random() < 0.3:
        caller.client.cancel()


def marks_who_did_not_come(desk: Desk, caller: Caller) -> None:
    """Half of those who did not come yesterday came after all."""
    who = desk.sees_all
    found = desk.find(who, DID_NOT_COME, YESTERDAY)
    if found and who.press(filled.no_show(who, found[0])) and desk.chance.random() < 0.5:
        who.press(filled.came_after_all(who, found[0]))


def is_away(desk: Desk, caller: Caller) -> None:
    """Write down time off all the same, once the page has listed everybody whom that touches, and take it back."""
    who, provider = desk.chance.choice([desk.reception, desk.provider]), desk.own_diary["slug"]
    date = datetime.now(UTC).date() + timedelta(days=desk.practice.day[provider])
    typed = {"provider": provider, "first_day": date.isoformat(), **MORNING}
    answer = who.send("away", form_to(who.open("away", AWAY).text, AWAY, "first_day"), **typed)
    for _ in range(3):
        if answer.status_code == 409:
            answer = who.send("away", form_to(answer.text, AWAY, "first_day"))
            desk.practice.count(f"time off over booked times: {answer.status_code}")
    if form := form_to(who.open("away", AWAY).text, AWAY, "take_back"):
        who.send("away, taken back", form)


# Two at once, and sessions that end


def do_the_same_at_once(desk: Desk, caller: Caller) -> None:
    """Owner and reception have one appointment open, and press at the same moment. Only one of them may succeed."""
    what: Callable[[Colleague, int], Filled]
    what, link, day = desk.chance.choice(AT_ONCE)
    if found := desk.find(desk.reception, link, day):
        ready = [partial(who.press, what(who, found[0])) for who in (desk.owner, desk.reception)]
        desk.practice.count(f"two of staff at one appointment: {sum(at_once(*ready))} could")


def is_signed_out_in_mid_form(desk: Desk, caller: Caller) -> None:
    """Somebody signs out in another tab while a form is open, and presses its button."""
    who = desk.sees_all
    if found := desk.find(who, "/correct/"):
        form = filled.correction(who, found[0])
        who.sign_out()
        who.press(form)


AT_ONCE = (
    (filled.move, "/move/", None),
    (filled.cancelling, "/cancel/", None),
    (filled.correction, "/correct/", None),
    (filled.no_show, DID_NOT_COME, YESTERDAY),
    (filled.taking, "/take/", None),
)
WITH_THE_LINK: dict[Callable[[Client], None], int] = {
    walks.leaves: 5,
    walks.pays: 8,
    walks.closes_the_tab: 3,
    walks.is_declined_first: 2,
    walks.moves_before_paying: 2,
    walks.moves_with_the_pay_page_open: 2,
    walks.gives_it_back_and_pays: 2,
    walks.comes_back_late: 1,
}
TASKS: dict[Callable[[Desk, Caller], None], int] = {
    books_by_link: 14,
    gives_a_deadline_to_who_is_paying: 3,
    books_free_of_charge: 6,
    books_to_be_paid_here: 4,
    books_several_in_a_row: 3,
    moves: 8,
    cancels: 8,
    corrects: 4,
    returns_a_part: 6,
    takes_a_payment: 8,
    asks_for_the_rest: 6,
    marks_who_did_not_come: 5,
    is_away: 3,
    do_the_same_at_once: 8,
    is_signed_out_in_mid_form: 3,
}
