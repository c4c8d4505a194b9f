"""States of what a practice is told until it is open, and of the pages on which services and providers are added."""

from django.contrib.auth.models import User
from django.utils import timezone

from booking.models import Service, TimeOff
from booking.schedule import public_holidays
from tests.every_page.states.desk_day import at_the_desk
from tests.every_page.states.rows import LONG_ADDRESS, LONG_NAME, practice
from tests.every_page.states.site import state
from tests.factories import in_days, make_appointment, make_provider


@state("Before you open")
def a_day_at_an_empty_practice(site):
    at_the_desk(site)
    site.settings.POLICY_IS_DECIDED = site.settings.MAIL_IS_SENT = False
    site.open("/staff/")


@state("nobody here works by it")
def a_day_at_a_practice_that_has_done_most(site):
    at_the_desk(site)
    practice()
    site.settings.POLICY_IS_DECIDED, site.settings.TIME_ZONE = False, "America/New_York"
    site.open("/staff/")


@state("For whoever runs this site: 2 things to do")
def a_day_at_a_practice_where_clients_can_book(site):
    """Test cards alone are taken, and no mail is sent. One of two providers can be booked on public holidays."""
    at_the_desk(site)
    off = practice()
    make_provider(name="Marta Ruiz", services=off.services.all())
    site.settings.POLICY_IS_DECIDED, site.settings.MAILBOX, site.settings.MAIL_IS_SENT = True, False, False
    site.settings.HORIZON_DAYS = 365
    this_year = timezone.localdate().year
    days = [day for year in (this_year, this_year + 1) for day in public_holidays.of_year(year)]
    TimeOff.objects.bulk_create(public_holidays.time_off(days, [off], timezone.now()))
    site.monkeypatch.setattr(site.settings.SET_AT_THE_DESK["PRACTICE_NAME"], "default", "Another practice")
    site.open("/staff/")
    site.page.locator(".opening summary").click()


@state("You are open.")
def a_day_at_a_practice_that_has_just_opened(site):
    at_the_desk(site)
    practice()
    site.settings.POLICY_IS_DECIDED, site.settings.MAILBOX, site.settings.MAIL_IS_SENT = True, False, True
    site.settings.STRIPE_SANDBOX, site.settings.STRIPE_LIVEMODE = False, True
    # Its own name is that of the example here, as in the titles of all states.
    site.monkeypatch.setattr(site.settings.SET_AT_THE_DESK["PRACTICE_NAME"], "default", "Another practice")
    site.open("/staff/")


@state("Services and providers")
def the_list_of_services_and_providers(site):
    at_the_desk(site)
    practice()
    Service.objects.filter(price=0).update(active=False)
    site.open("/staff/services/")


@state("in the list now")
def the_list_after_a_service_was_moved(site):
    at_the_desk(site)
    practice()
    site.open("/staff/services/")
    site.press("Later: Consultation")


@state("There is nothing to book yet.")
def the_list_of_services_at_an_empty_practice(site):
    at_the_desk(site)
    site.open("/staff/services/")


@state("Add a service")
def a_service_to_add(site):
    at_the_desk(site)
    site.open("/staff/add/service/")


@state("There is a problem")
def a_service_that_cannot_be(site):
    at_the_desk(site)
    site.open("/staff/add/service/")
    site.field("Price in").fill("0.10")
    site.field("A deposit online, the rest at the practice").check()
    site.press("Save")


@state("no deposit is asked for")
def a_service_with_a_deposit_that_is_not_asked_for(site):
    at_the_desk(site)
    site.open("/staff/add/service/")
    site.field("Deposit in").fill("20")
    site.press("Save")


@state("More about this service")
def a_service(site):
    at_the_desk(site)
    User.objects.update(is_staff=True)
    service = practice().services.filter(price__gt=0).first()
    site.open(f"/staff/services/{service.slug}/")


@state("somebody else has changed this")
def a_service_that_a_colleague_changed_first(site):
    at_the_desk(site)
    service = practice().services.filter(price__gt=0).first()
    site.open(f"/staff/services/{service.slug}/")
    Service.objects.update(duration_minutes=35)
    site.press("Save")


@state("Add a provider")
def a_provider_to_add(site):
    at_the_desk(site)
    practice()
    site.open("/staff/add/provider/")


@state("If this is empty, they come to the practice")
def a_provider_to_add_at_a_practice_with_an_address(site):
    at_the_desk(site)
    site.settings.PRACTICE_ADDRESS = LONG_ADDRESS
    site.open("/staff/add/provider/")


@state("The new place holds for what is booked already as well.")
def a_provider_who_has_moved(site):
    at_the_desk(site)
    provider = practice()
    make_appointment(provider=provider, at=in_days(2, provider=provider), status="confirmed")
    site.open(f"/staff/providers/{provider.slug}/")
    site.field("Where clients come").fill(LONG_ADDRESS)
    site.press("Save")


@state("Add a provider")
def a_provider_to_add_where_clocks_of_the_country_differ(site):
    at_the_desk(site)
    practice()
    site.settings.PRACTICE_COUNTRY, site.settings.TIME_ZONE = "US", "Europe/Dublin"
    site.open("/staff/add/provider/")


@state("There is a problem")
def a_provider_that_cannot_be(site):
    at_the_desk(site)
    site.open("/staff/add/provider/")
    site.field("Where clients come").fill("x" * 201)
    site.field("Until").fill("5")
    site.press("Save")


@state("not offered any more")
def a_provider_who_stays_booked_for_what_is_not_offered(site):
    at_the_desk(site)
    provider = practice()
    make_appointment(provider=provider, at=in_days(2, provider=provider), status="confirmed", client_name=LONG_NAME)
    provider.services.clear()
    User.objects.update(is_staff=True)
    site.open(f"/staff/providers/{provider.slug}/")


@state("Saved. What comes next:")
def a_day_after_the_first_service(site):
    at_the_desk(site)
    site.open("/staff/add/service/")
    site.field("What is it called?").fill("Consultation")
    site.field("Price in").fill("60")
    site.press("Save")
    site.named("heading", "Before you open").wait_for()


@state("Look whether they are right")
def the_hours_of_a_provider_who_was_just_added(site):
    at_the_desk(site)
    practice()
    site.settings.POLICY_IS_DECIDED = False
    site.open("/staff/add/provider/")
    site.field("Name").fill("Marta Ruiz")
    site.press("Save")
    site.named("button", "See what this changes").wait_for()


@state("No provider offers it yet")
def a_service_that_nobody_offers_yet(site):
    at_the_desk(site)
    practice()
    site.open("/staff/add/service/")
    site.field("What is it called?").fill("Physiotherapy")
    site.field("Price in").fill("60")
    site.press("Save")
    site.named("heading", "Services and providers").wait_for()
