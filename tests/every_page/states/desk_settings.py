"""States of the page of settings."""

from django.utils import timezone

from booking.in_force import in_force
from booking.models import PracticeSetting
from tests.every_page.states.desk_day import at_the_desk
from tests.every_page.states.rows import LONG_NAME, practice
from tests.every_page.states.site import state

LONG_POLICY = "9999h 100%, 720h 90%, 336h 80%, 168h 70%, 72h 50%, 48h 40%, 24h 25%, 12h 10%, 1h 5%"


def set_by_hand(**texts):
    for name, text in texts.items():
        PracticeSetting.objects.create(name=name, text=text, at=timezone.now(), by_name=LONG_NAME)
    in_force.take(PracticeSetting.objects.read_texts())


@state("Changed last")
def settings_that_somebody_has_changed(site):
    at_the_desk(site)
    practice()
    set_by_hand(CANCELLATION_POLICY=LONG_POLICY, HOLD_MINUTES="20", HORIZON_DAYS=None)
    site.open("/staff/settings/")


@state("How clients would see it")
def settings_that_would_change(site):
    at_the_desk(site)
    practice()
    site.open("/staff/settings/")
    site.field("Name of the practice").fill(LONG_NAME)
    site.field("Phone number").fill("+353 1 555 0100")
    site.field("Cancellation policy").fill(LONG_POLICY)
    site.field("A line for the confirmation").fill("12 Linden Road, Dublin 6")
    site.field("Colour").fill("#ffff00")
    site.press("See what changes")


@state("There is a problem")
def settings_that_cannot_be(site):
    at_the_desk(site)
    practice()
    site.open("/staff/settings/")
    site.field("Cancellation policy").fill("48h 101%")
    site.field("Time to pay").fill("0")
    site.field("Name of the practice").fill("")
    site.press("See what changes")


@state("Look at yours again")
def settings_that_a_colleague_changed_first(site):
    at_the_desk(site)
    practice()
    site.open("/staff/settings/")
    set_by_hand(HOLD_MINUTES="20")
    site.field("How far ahead clients can book").fill("90")
    site.press("See what changes")


@state("Nothing would change")
def settings_that_stay_as_they_are(site):
    at_the_desk(site)
    practice()
    site.settings.POLICY_IS_DECIDED = True
    site.open("/staff/settings/")
    site.press("See what changes")


@state("cannot be read")
def a_setting_that_nobody_can_read(site):
    at_the_desk(site)
    practice()
    set_by_hand(CANCELLATION_POLICY="48h 101%")
    site.open("/staff/settings/")
