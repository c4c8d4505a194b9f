"""What a change of settings leaves to be done elsewhere: said once it is saved, with a link to where it is done."""

from collections.abc import Collection, Iterator

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.in_force import in_force
from booking.models import Provider
from booking.schedule import public_holidays
from booking.schedule.away import without_known
from staff.access import CLOSE, providers_of
from staff.with_links import Link, with_links

CHANGE_PROVIDERS = "booking.change_provider"  # in the set-up


def left_to_do(changed: Collection[str], user: User) -> Iterator[SafeString]:
    """Sentences about what these changes, which are in force by now, leave to somebody who may do it."""
    if "PRACTICE_COUNTRY" in changed and user.has_perm(CLOSE):
        yield from holidays_that_can_be_booked(user)
    if "TIME_ZONE" in changed and user.is_staff and user.has_perm(CHANGE_PROVIDERS):
        yield from providers_in_other_zones()


def holidays_that_can_be_booked(user: User) -> Iterator[SafeString]:
    """Those of this year and the next that are not days off of everybody who is offered."""
    this_year, now = timezone.localdate().year, timezone.now()
    providers = list(providers_of(user).filter(active=True))
    years = [this_year, this_year + 1]
    days = {
        off.starts.astimezone(off.provider.zone).date()
        for year in years
        for off in without_known(public_holidays.time_off(public_holidays.days_if_known(year), providers, now), now)
    }
    if not days:
        return
    sentence = ngettext(
        "%(count)d public holiday of %(country)s is no day off yet.",
        "%(count)d public holidays of %(country)s, until the end of %(year)s, are no days off yet.",
        len(days),
    )
    facts = {"count": len(days), "country": public_holidays.country(), "year": years[-1]}
    yield with_links(sentence % facts, Link(reverse("staff:holidays"), _("Look at the public holidays")))


def providers_in_other_zones() -> Iterator[SafeString]:
    others = Provider.objects.filter(active=True).exclude(time_zone=in_force.TIME_ZONE).count()
    if not others:
        return
    sentence = ngettext(
        "%(count)d provider keeps another time zone: their hours are on its clock.",
        "%(count)d providers keep another time zone: their hours are on its clock.",
        others,
    )
    address = reverse("admin:booking_provider_changelist")
    yield with_links(sentence % {"count": others}, Link(address, _("Look at the providers in the set-up")))
