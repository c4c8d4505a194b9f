"""Whether all is well, in words: what is right or wrong, since when, and what to do next.

Each role reads what it can do something about. What only somebody can mend who runs the machines, owners read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.in_force import in_force
from booking.templatetags.wording import price, until
from payments.health import Signs, read_signs
from payments.models import Payment
from staff import site_address
from staff.access import EVERY_DIARY, LOOK_AFTER, SEE_MONEY, DeskRequest


@dataclass(frozen=True)
class Line:
    key: str
    is_well: bool
    sentence: str
    since: str = ""
    """Since when, or when last."""
    advice: str = ""
    """What to do next, if it is not well."""
    is_urgent: bool = True
    """Whether the day says it too, if it is not well."""

    @property
    def how_it_is(self) -> str:
        """What the page marks it as. Not everything that is to be done is wrong."""
        if self.is_well:
            return "well"
        return "wrong" if self.is_urgent else "to-do"


def health_of(request: DeskRequest, now: datetime) -> list[Line]:
    """All that whoever asks can do something about. It takes one query, or none."""
    user = request.user
    if not user.has_perm(EVERY_DIARY):
        return []
    signs = read_signs(user, now)
    lines = [mails_that_were_lost(signs)]
    if user.has_perm(SEE_MONEY):
        lines.insert(0, payments_that_wait(signs))
    if not user.has_perm(LOOK_AFTER):
        return lines
    return [*lines, own_address(site_address.opened_elsewhere(request)), *of_the_machines(signs, now)]


def on_the_day(request: DeskRequest, now: datetime) -> tuple[str, ...]:
    """What is wrong by now, for the page that is open all day."""
    return tuple(line.sentence for line in health_of(request, now) if line.is_urgent and not line.is_well)


# What needs a person


def payments_that_wait(signs: Signs) -> Line:
    if not signs.payments_wait:
        return Line("payments", True, _("No payment needs a person."))
    sentence = _("Payments need a person, as no rule may decide what becomes of them.")
    return Line("payments", False, sentence, advice=_("Open each of these, and read what its money needs."))


def mails_that_were_lost(signs: Signs) -> Line:
    if signs.mails_were_lost:
        sentence = _("Mails could not be delivered, so nobody has read them.")
        return Line("mails", False, sentence, advice=_("Call these clients, and correct the address if it is wrong."))
    if settings.MAILBOX:
        return no_mail_leaves()
    return Line("mails", True, _("No mail was given up that still matters."))


def no_mail_leaves() -> Line:
    """The site is a demonstration as yet. The day of an owner says so among what is left to do before it opens."""
    sentence = _("No mail leaves this site: all of it stays under “Mails”, where anybody can read it.")
    return Line("mails", False, sentence, advice=_("Ask whoever runs this site to set EMAIL_URL."), is_urgent=False)


# Where the site is, and what runs beside it


def own_address(opened: str) -> Line:
    """`opened` is the address at which the desk was opened, if that is another than the site's own."""
    if not opened:
        return Line("address", True, _("Links, mails and payments lead to the address that you opened."))
    return Line("address", False, site_address.where_links_lead(opened), advice=site_address.what_to_do())


def of_the_machines(signs: Signs, now: datetime) -> Iterator[Line]:
    yield tick(signs, now)
    if not settings.MAILBOX:
        yield unsent_mail(signs, now)
    yield calls_to_stripe(signs)
    yield webhooks(signs)
    yield audits(signs, now)


def tick(signs: Signs, now: datetime) -> Line:
    when = _("Last: %(moment)s.") % {"moment": by_the_practice(signs.ticked_at)} if signs.ticked_at else ""
    if not signs.tick_stands_still(now):
        return Line("tick", True, _("The work in the background goes on."), when)
    stands_still = _("The work in the background stands still: no mail is sent, and no unpaid time is given back.")
    advice = _("Ask whoever runs this site to start “manage.py tick --every 10” as a service.")
    return Line("tick", False, stands_still, when or _("It has never run."), advice)


def unsent_mail(signs: Signs, now: datetime) -> Line:
    if not settings.MAIL_IS_SENT:
        advice = _("Ask whoever runs this site to set EMAIL_URL.")
        return Line("unsent", False, _("No mail is sent, so no client has a confirmation."), advice=advice)
    if not signs.mail_is_overdue(now):
        return Line("unsent", True, _("No mail waits for long."))
    since = _("Since: %(moment)s.") % {"moment": by_the_practice(signs.unsent_since)}
    advice = _("Examine the connections: that says whether the mail server takes what we send.")
    return Line("unsent", False, _("Mails wait to be sent for more than an hour."), since, advice)


def calls_to_stripe(signs: Signs) -> Line:
    if not signs.unopened_since:
        return Line("stripe", True, _("No client waits for Stripe to open a payment page."))
    since = _("Since: %(moment)s.") % {"moment": by_the_practice(signs.unopened_since)}
    advice = _("Examine the connections: that says whether Stripe can be reached, and takes our key.")
    return Line("stripe", False, _("Stripe opened no payment page when it was asked last."), since, advice)


def webhooks(signs: Signs) -> Line:
    when = _("Last: %(moment)s.") % {"moment": by_the_practice(signs.heard_at)} if signs.heard_at else ""
    if signs.webhooks_are_missing:
        sentence = _("Stripe’s messages do not arrive: payments are confirmed late.")
        advice = _("Examine the connections: that says what is wrong with the webhook.")
        return Line("webhooks", False, sentence, when or _("None has ever come."), advice)
    if not when:
        return Line("webhooks", True, _("No message of Stripe’s has come yet: the first payment brings one."))
    return Line("webhooks", True, _("Stripe’s messages arrive."), when)


def audits(signs: Signs, now: datetime) -> Line:
    """A site on which none has ever run may just be tried out: its page says so, and its day does not."""
    nightly = _("Ask whoever runs this site to have “manage.py audit” run each night.")
    if signs.audited_at is None:
        sentence = _("The nightly check that every appointment and all money is accounted for has not run yet.")
        return Line("audit", False, sentence, advice=nightly, is_urgent=False)
    when = _("Last: %(moment)s.") % {"moment": by_the_practice(signs.audited_at)}
    if wrong := signs.audit_wrong:
        found = ngettext("The audit found %(count)d thing wrong.", "The audit found %(count)d things wrong.", wrong)
        advice = _("Send what it said to whoever runs this site: the runbook has an answer to each line.")
        # What it said stands below with its moment.
        return Line("audit", False, found % {"count": wrong}, advice=advice)
    if signs.audit_is_overdue(now):
        return Line("audit", False, _("No audit has run for more than two days."), when, nightly)
    return Line("audit", True, _("Every appointment and all money is accounted for."), when)


def by_the_practice(moment: datetime | None) -> str:
    return until(moment, in_force.zone) if moment else ""


# Why a payment needs a person


def why_it_waits(payment: Payment) -> str:
    """The payment is one of `needing_staff`, with its refunds."""
    if payment.is_disputed_in_part:
        amount = price(payment.disputed_in_currency, payment.currency)
        return _("Of this payment the client’s bank disputes %(amount)s, and has taken that.") % {"amount": amount}
    if payment.is_disputed:
        return _("The client’s bank disputes it, and has taken the money.")
    if payment.is_inquired:
        return _("The client’s bank asks about it.")
    if payment.shortfall:
        amount = price(payment.shortfall, payment.currency)
        return _("%(amount)s is still due back to the client, as a refund failed.") % {"amount": amount}
    return str(payment.get_problem_display())
