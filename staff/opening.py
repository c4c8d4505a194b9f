"""From nothing to open: what is done already of what a practice needs before clients can book and pay, and what is not.

Each step says where it is done. What whoever runs the site has to do has no page here: it is told in words that can be
sent to them.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from booking import zones
from booking.in_force import in_force
from booking.models import Provider, Service
from booking.schedule import public_holidays
from booking.templatetags.wording import city_of
from staff.access import SETTINGS, DeskRequest
from staff.bookable import Bookable, booked_on, holidays_in_reach, read_bookable, said_of_holidays
from staff.demo_logins import LOGINS
from staff.settings_as_typed import is_policy_decided
from staff.site_address import opened_elsewhere, what_to_do, where_links_lead


class Step(NamedTuple):
    is_done: bool
    sentence: str
    where: str = ""
    """What the link says."""
    address: str = ""
    """Empty for what is not done on any page, but where the site runs."""
    is_needed: bool = True
    """Whether a practice is not open without it."""


class Opening(NamedTuple):
    """What the practice has done on its way to its first client, and what it has not."""

    at_the_desk: list[Step]
    where_it_runs: list[Step]
    """What whoever runs the site does, or has done."""

    @property
    def can_book(self) -> bool:
        """Whether all is done at the desk that clients need, whatever is still to do where the site runs."""
        return self.next_step is None

    @property
    def is_open(self) -> bool:
        return self.can_book and not self.left_where_it_runs

    @property
    def next_step(self) -> Step | None:
        return next((step for step in self.at_the_desk if step.is_needed and not step.is_done), None)

    @property
    def if_you_like(self) -> list[Step]:
        return [step for step in self.at_the_desk if not step.is_needed and not step.is_done]

    @property
    def done_at_the_desk(self) -> list[Step]:
        return [step for step in self.at_the_desk if step.is_done]

    @property
    def left_where_it_runs(self) -> list[Step]:
        return [step for step in self.where_it_runs if not step.is_done]

    @property
    def heading(self) -> str:
        if not self.can_book:
            return _("Before you open")
        if self.is_open:
            return _("You are open.")
        if settings.STRIPE_LIVEMODE and not settings.STRIPE_SANDBOX:
            return _("Clients can book now.")
        return _("Clients can book now, but pay with test cards only.")


def read(request: DeskRequest) -> Opening:
    """All steps, in the order in which they are best done. A practice where clients can book costs one query."""
    now = timezone.now()
    bookable = read_bookable(Provider.objects.all(), now)
    offered = [something(), somebody()] if bookable.providers else lacking()
    at_the_desk = [name(), *offered, *clock(bookable.zones, now), policy(), place(bookable), *holidays(bookable, now)]
    return Opening(at_the_desk, [mail(), money(), *address(request)])


def on_the_day(request: DeskRequest) -> Opening | None:
    """What the day tells whoever may change settings; nothing to those who look around in the demonstration."""
    is_looking_around = request.user.username in {login.username for login in LOGINS}
    return read(request) if request.user.has_perm(SETTINGS) and not is_looking_around else None


def next_step(request: DeskRequest) -> Step | None:
    """What this user does next at the desk, if anything is left to do there."""
    return read(request).next_step if request.user.has_perm(SETTINGS) else None


# What is done at the desk


def name() -> Step:
    where, present = f"{reverse('staff:settings')}#id_PRACTICE_NAME", in_force.PRACTICE_NAME
    if present != settings.SET_AT_THE_DESK["PRACTICE_NAME"].default:
        sentence = _("The practice has its name, %(practice)s.") % {"practice": present}
        return Step(True, sentence, _("Change the name"), where)
    sentence = _("The practice is called %(practice)s, like our example.") % {"practice": present}
    return Step(False, sentence, _("Give the practice its name"), where)


def something() -> Step:
    return Step(True, _("There is something to book."), _("Look at the services"), reverse("staff:services"))


def somebody() -> Step:
    return Step(True, _("There is somebody to book, with hours."), _("Look at the hours"), reverse("staff:hours"))


def lacking() -> Iterator[Step]:
    """What a client lacks who wants to book. The services come first, since whoever adds a provider chooses theirs."""
    has_service = Service.objects.filter(active=True).exists()
    if has_service:
        yield something()
    else:
        sentence = _("There is nothing to book yet.")
        yield Step(False, sentence, _("Add a service"), reverse("staff:add-service"))
    provider = Provider.objects.filter(active=True).first()
    if not provider:
        sentence = _("There is nobody to book yet: you, to begin with, or whoever sees clients.")
        yield Step(False, sentence, _("Add a provider"), reverse("staff:add-provider"))
        return
    offers = Provider.objects.bookable().first()
    if has_service and not offers:
        sentence = _("No provider offers a service yet. Choose the services of %(provider)s.")
        address = reverse("staff:provider", args=[provider.slug])
        yield Step(False, sentence % {"provider": provider}, _("Choose services"), address)
    whose = offers or provider
    if not whose.working_hours.exists():
        sentence = _("%(provider)s has no working hours yet, so there is no time to choose.")
        address = reverse("staff:hours", args=[whose.slug])
        yield Step(False, sentence % {"provider": whose}, _("Set the hours"), address)


def policy() -> Step:
    where = f"{reverse('staff:settings')}#id_CANCELLATION_POLICY"
    if is_policy_decided(in_force.set_at_the_desk.texts):
        return Step(True, _("What comes back to a client who cancels is decided."), _("Look at the policy"), where)
    sentence = _("What comes back to a client who cancels is not decided yet. Look at the policy, and save it.")
    return Step(False, sentence, _("Decide on the policy"), where)


def place(bookable: Bookable) -> Step:
    """A practice is open as well whose clients know where it is without being told, or where each works by video."""
    where = f"{reverse('staff:settings')}#id_PRACTICE_ADDRESS"
    have_their_own = bookable.providers and all(provider.place for provider in bookable.providers)
    if in_force.PRACTICE_ADDRESS or have_their_own:
        return Step(True, _("Clients are told where to come."), _("Look at the address"), where, is_needed=False)
    sentence = _("Clients are not told where to come.")
    return Step(False, sentence, _("Give the practice’s address"), where, is_needed=False)


def holidays(bookable: Bookable, now: datetime) -> Iterator[Step]:
    """A practice that works on public holidays is open as well. Without any in reach there is nothing to decide yet."""
    where = reverse("staff:holidays")
    in_reach = holidays_in_reach(now)
    if sentence := said_of_holidays(booked_on(in_reach, bookable, now), bookable):
        yield Step(False, sentence, _("Look at the public holidays"), where, is_needed=False)
    elif bookable.providers and in_reach:
        sentence = _("The public holidays are time off: %(country)s.") % {"country": public_holidays.country()}
        yield Step(True, sentence, _("Look at the public holidays"), where, is_needed=False)


def clock(zones_in_use: set[str], now: datetime) -> Iterator[Step]:
    """A line where nobody works by the clock that says on which day money came."""
    practices = in_force.zone
    if zones_in_use and all(zones.differ_in_a_year(practices, ZoneInfo(one), now) for one in zones_in_use):
        sentence = _("Money is dated by the clock of %(city)s, and nobody here works by it.")
        where = f"{reverse('staff:settings')}#id_TIME_ZONE"
        yield Step(False, sentence % {"city": city_of(practices) or practices.key}, _("Choose the time zone"), where)


# What is done where the site runs


def mail() -> Step:
    if settings.MAILBOX:
        sentence = _(
            "No mail leaves this site: all of it stays under “Mails”, where anybody can read it. Set EMAIL_URL."
        )
        return Step(False, sentence)
    if not settings.MAIL_IS_SENT:
        sentence = _("No mail is sent, so no client gets a confirmation. Set EMAIL_URL.")
        return Step(False, sentence)
    return Step(True, _("Mail is sent."))


def money() -> Step:
    if settings.STRIPE_SANDBOX:
        return Step(False, _("No money moves yet. Connect Stripe: set STRIPE_SECRET_KEY."))
    if not settings.STRIPE_LIVEMODE:
        sentence = _("Stripe only takes test cards yet. Set a live STRIPE_SECRET_KEY.")
        return Step(False, sentence)
    return Step(True, _("Stripe is connected."))


def address(request: DeskRequest) -> Iterator[Step]:
    """A line where links would lead away from the site that is looked at."""
    if opened := opened_elsewhere(request):
        yield Step(False, f"{where_links_lead(opened)} {what_to_do()}")
