"""States of the pages of the waiting list."""

from django.utils import timezone

from booking.models import WaitingEntry
from tests.every_page.states.rows import LONG_EMAIL, appointment, choice, practice
from tests.every_page.states.site import each, state
from tests.factories import in_days, make_appointment


def full():
    """Return a provider whose first time tomorrow is taken."""
    provider = practice()
    make_appointment(provider=provider, at=in_days(1, "09:00", provider=provider), status="confirmed")
    for_today = {"starts": in_days(0, "00:00", provider=provider), "ends": in_days(1, "00:00", provider=provider)}
    provider.time_off.create(**for_today)
    return provider


@state("Join the waiting list")
def asking_to_be_told_of_a_time(site):
    site.open(choice(full()))
    site.press("No time suits you? Join the waiting list", "link")


@state("There is a problem")
def asking_to_be_told_at_no_address(site):
    asking_to_be_told_of_a_time(site)
    site.press("Tell me")


@state("Look in your mail")
def asking_to_be_told_when_it_was_asked_for(site):
    site.open("/waiting/asked/")


@each(
    {
        "asked": ("Shall we tell you when a time becomes free?", {"confirmed_at": None}),
        "waiting": ("You are waiting", {}),
        "ended": ("You are no longer waiting", {"ended_at": timezone.now(), "ending": "no answer"}),
    }
)
def who_waits(site, **facts):
    provider = practice()
    now = timezone.now()
    defaults = {"since": now, "until": in_days(9, provider=provider), "asked_at": now, "confirmed_at": now}
    who = {"address": LONG_EMAIL, "mailbox": LONG_EMAIL, "time_zone": "Europe/Dublin"}
    service = provider.services.first()
    entry = WaitingEntry.objects.create(provider=provider, service=service, **who, **{**defaults, **facts})
    site.open(f"/waiting/{entry.key}/")


@state("Tell me of earlier times")
def waiting_for_an_earlier_time(site):
    site.open(f"/appointments/{appointment(full(), status='confirmed', days=5).reference}/earlier/")
