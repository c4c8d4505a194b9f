"""The forms about one appointment, each opened and filled in by somebody at the desk and not sent yet."""

from datetime import datetime
from html import unescape

from booking.models import Change
from tests.soak.browsers import DAY, TIME, WANTED
from tests.soak.clients import A_STEP
from tests.soak.desk.callers import very_soon
from tests.soak.desk.colleagues import Colleague, Filled
from tests.soak.desk.forms import Form, form_to

KIND = Change.Kind
# Of appointments of which 60 euros are paid online, and 40 at the practice.
ALL, HALF, NONE, A_PART = "60.00", "30.00", "0", "10.00"
THERE = ("40.00", "25.00", "15.00")


def page_of(pk: int, action: str = "") -> str:
    return f"/staff/appointments/{pk}/{action}"


def another_deadline(who: Colleague, pk: int) -> Filled:
    page = page_of(pk, "keep/")
    form = form_to(who.open("keep", page).text, page)
    return Filled("give another deadline", KIND.KEPT_LONGER, pk, form, very_soon())


def link_again(who: Colleague, pk: int) -> Filled:
    form = form_to(who.open("appointment", page_of(pk)).text, page_of(pk, "link/"))
    return Filled("send the link again", KIND.LINK, pk, form)


def correction(who: Colleague, pk: int) -> Filled:
    """Another name. Now and then the email address is given, or is taken out where there is a phone number."""
    page = page_of(pk, "correct/")
    form = form_to(who.open("correct", page).text, page)
    typed = {"client_name": f"Name {who.chance.randrange(10**6)}"}
    if form and who.chance.random() < 0.3:
        typed["client_email"] = "" if ("client_phone", "") not in form.fields else "corrected@example.com"
    return Filled("correct the details", KIND.CORRECTED, pk, form, typed)


def move(who: Colleague, pk: int) -> Filled:
    """One of the first four free times of the day that the page shows, or of another day; or a time that is typed."""
    page = page_of(pk, "move/")
    shown = who.open("move", page).text
    if (days := DAY.findall(shown)) and who.chance.random() < 0.5:
        shown = who.open("move", unescape(who.chance.choice(days))).text
    times = TIME.findall(shown)[:WANTED]
    form = last_step(who, page, unescape(who.chance.choice(times))) if times else None
    if form and who.chance.random() < 0.4:
        form = last_step(who, page, page, **other_than(who, dict(form.fields)["appointment_time"]))
    return Filled("move", KIND.MOVED, pk, form)


def last_step(who: Colleague, page: str, address: str, **typed: str) -> Form | None:
    """The form of the chosen time, with all of which staff are warned. There is none for a time that is taken."""
    return form_to(who.open("move, last step", address, **typed).text, page, "appointment_time")


def other_than(who: Colleague, moment: str) -> dict[str, str]:
    """Type the time before that one, which is usually taken, or one in the evening, when nobody works."""
    at = datetime.fromisoformat(moment)
    other = who.chance.choice([at - A_STEP, at.replace(hour=21)])
    return {"day": other.date().isoformat(), "clock": f"{other:%H:%M}"}


def cancelling(who: Colleague, pk: int) -> Filled:
    """The owner chooses what goes back of what was paid. Otherwise it is what the page says."""
    page = page_of(pk, "cancel/")
    form = form_to(who.open("cancel", page).text, page)
    decides = form and "refund" not in form.hidden
    typed = {"refund": who.chance.choice([ALL, HALF, NONE])} if decides else {}
    return Filled("cancel", KIND.CANCELLED, pk, form, typed)


def part_of_a_payment(who: Colleague, pk: int, page: str) -> Filled:
    """Ten euros, while the appointment stays as it is."""
    form = form_to(who.open("refund", page).text, page)
    return Filled("return a part", KIND.RETURNED, pk, form, {"amount": A_PART})


def taking(who: Colleague, pk: int) -> Filled:
    """All or a part of what is due at the practice. Where less is left than that, the form is refused."""
    page = page_of(pk, "take/")
    form = form_to(who.open("take", page).text, page)
    typed = {"amount": who.chance.choice(THERE), "method": who.chance.choice(["cash", "terminal", "transfer"])}
    return Filled("take a payment", KIND.TAKEN, pk, form, typed)


def counter_entry(who: Colleague, pk: int, page: str) -> Filled:
    """All that is left of the entry, or a part of it, is given back in cash."""
    form = form_to(who.open("undo", page).text, page)
    part = {"amount": A_PART} if who.chance.random() < 0.5 else {}
    return Filled("undo an entry", KIND.UNDONE, pk, form, {"method": "cash", **part})


def rest_by_link(who: Colleague, pk: int) -> Filled:
    form = form_to(who.open("appointment", page_of(pk)).text, page_of(pk, "rest/"))
    return Filled("ask for the rest", KIND.ASKED, pk, form)


def no_show(who: Colleague, pk: int) -> Filled:
    form = form_to(who.open("appointment", page_of(pk)).text, page_of(pk, "no-show/"))
    return Filled("mark a no-show", KIND.NO_SHOW, pk, form)


def came_after_all(who: Colleague, pk: int) -> Filled:
    form = form_to(who.open("appointment", page_of(pk)).text, page_of(pk, "no-show/"))
    return Filled("undo a no-show", KIND.CAME, pk, form, {"came": "yes"})
