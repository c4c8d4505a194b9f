"""How templates write terms: where a price is paid, and what comes back to a client who cancels."""

from decimal import Decimal
from typing import NamedTuple, Protocol

from django import template
from django.template.defaultfilters import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from booking import cancellation, customs, refund_policy
from booking.models import Appointment
from booking.templatetags.wording import day_and_clock, price

register = template.Library()


class Priced(Protocol):
    """A service, or an appointment that was booked for its price."""

    @property
    def price(self) -> Decimal: ...

    @property
    def due_online(self) -> Decimal: ...

    @property
    def due_at_practice(self) -> Decimal: ...

    @property
    def currency(self) -> str: ...


@register.filter
def where_paid(of: Priced) -> str:
    """Write in a few words what of a price is not paid online: `deposit €20.00`, or `at the practice`; else nothing."""
    if not of.due_at_practice:
        return ""
    if of.due_online:
        return _("deposit %(amount)s") % {"amount": price(of.due_online, of.currency)}
    return pgettext("where it is paid", "at the practice")


@register.filter
def price_and_where(of: Priced) -> str:
    """Write a price with that, as `€60.00, deposit €20.00`."""
    amounts = {"price": price(of.price, of.currency), "deposit": price(of.due_online, of.currency)}
    if not of.due_at_practice:
        return amounts["price"]
    if of.due_online:
        return _("%(price)s, deposit %(deposit)s") % amounts
    return _("%(price)s, at the practice") % amounts


class Row(NamedTuple):
    """One amount of what an appointment costs, with its name, and a few words on where it is paid."""

    name: str
    amount: str
    where: str = ""


@register.filter
def sum_of_money(of: Appointment) -> list[Row]:
    """Write what an appointment costs, what of it was paid where, what goes or went back, and what is left.

    Rows of nothing are left out. Where something is due at the practice, the last says what is left of it, be it 0.
    """
    whole = Row(pgettext("fact", "Price"), capfirst(price(of.price, of.currency)))
    if of.was_only_held:
        return [whole, *to_be_paid(of)]
    amounts = (
        (pgettext("fact", "Paid online"), of.due_online),
        (_("Paid at the practice"), of.taken_at_practice),
        (pgettext("fact", "Refund"), of.returned),
    )
    return [whole, *(Row(name, price(amount, of.currency)) for name, amount in amounts if amount), *left(of)]


def to_be_paid(of: Appointment) -> list[Row]:
    """Where the price of an appointment that was never confirmed is paid, unless all of it is paid online."""
    if not (of.due_online and of.due_at_practice):
        return []
    deposit = Row(pgettext("fact", "Deposit"), price(of.due_online, of.currency))
    at_practice = Row(pgettext("fact", "At the practice"), price(of.due_at_practice, of.currency))
    return [deposit, at_practice] if of.stands else [deposit]


def left(of: Appointment) -> list[Row]:
    """What is left to pay of a confirmed appointment of which something is due at the practice."""
    if not (of.due_at_practice and of.status == Appointment.Status.CONFIRMED):
        return []
    amount, where = of.left_at_practice, pgettext("where it is paid", "at the practice")
    return [Row(pgettext("fact", "Left to pay"), customs.money(amount, of.currency), where if amount else "")]


@register.filter
def percent(whole: int) -> str:
    """Write a share, as `50%`."""
    return customs.percent(whole)


@register.filter
def terms_in_words(policy: str) -> str:
    """Write a policy as `all of it until 48 hours before, 50% until 24 hours before, and nothing after that`.

    Raises ValueError for a text that is no policy.
    """
    steps = [step_in_words(hours, share) for hours, share in refund_policy.parse(policy)]
    return ", ".join([*steps, _("and nothing after that")]) if steps else pgettext("what comes back", "nothing")


def step_in_words(hours: int, share: int) -> str:
    if not hours:
        words = _("all of it until it begins") if share == 100 else _("%(percent)s until it begins")
    elif share == 100:
        words = ngettext("all of it until %(hours)d hour before", "all of it until %(hours)d hours before", hours)
    else:
        words = ngettext("%(percent)s until %(hours)d hour before", "%(percent)s until %(hours)d hours before", hours)
    return words % {"hours": hours, "percent": customs.percent(share)}


@register.filter
def terms_by_date(terms: list[cancellation.Term], appointment: Appointment) -> str:
    """Write terms as `€60.00 comes back until Sunday 29 November 2026, 10:00; and nothing after that`."""
    zone, currency = appointment.zone, appointment.currency
    step = _("%(amount)s comes back until %(moment)s")
    steps = [
        step % {"amount": price(term.amount, currency), "moment": day_and_clock(term.until, zone)} for term in terms
    ]
    return "; ".join([*steps, _("and nothing after that")])
