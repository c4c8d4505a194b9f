"""From nothing to open: what the day of an owner ticks off, and what it says is still to be done, and where."""

from datetime import date

import pytest
from django.utils import timezone

from booking.models import Provider, Service, TimeOff
from booking.schedule import public_holidays
from staff.demo_logins import LOGINS
from tests.factories import in_days, make_provider, make_service
from tests.pages import Page, words
from tests.staff import logged_in, somebody

pytestmark = [pytest.mark.django_db]

DAY, SETTINGS = "/staff/", "/staff/settings/"
NAME, POLICY = f"{SETTINGS}#id_PRACTICE_NAME", f"{SETTINGS}#id_CANCELLATION_POLICY"
HOST = "For whoever runs this site"
CAN_BOOK = "Clients can book now, but pay with test cards only."
ALL_OFF = "The public holidays are time off: Ireland."


@pytest.fixture(autouse=True)
def december(time_machine, settings):
    """Two months ahead are Christmas Day, St. Stephen's Day and New Year's Day: the holidays in reach of clients."""
    time_machine.move_to("2026-12-01T12:00:00Z", tick=False)
    settings.HORIZON_DAYS = 60


@pytest.fixture
def owner():
    return logged_in(somebody("Owner", name="olive"))


@pytest.fixture
def by_host(settings):
    """All is done where the site runs: mail leaves it, Stripe takes money, and this is its address."""
    settings.MAILBOX, settings.MAIL_IS_SENT = False, True
    settings.STRIPE_SANDBOX, settings.STRIPE_LIVEMODE = False, True
    return settings


@pytest.fixture
def by_owner(settings):
    """All is done that is done at the desk."""
    settings.PRACTICE_NAME, settings.POLICY_IS_DECIDED = "Oak Street Clinic", True
    settings.PRACTICE_ADDRESS = "12 Oak Street"
    return make_provider(services=[make_service()])


def listed(browser, heading="Before you open", address=DAY):
    """What the list says, line by line, from its heading to the link below it."""
    text = Page(browser.get(address)).text
    begins, ends = text.index(heading) + 1, text.index("See the page that clients see")
    return text[begins:ends]


def folded(browser):
    """What is folded below that link, line by line."""
    text = Page(browser.get(DAY)).text
    return text[text.index("See the page that clients see") + 1 : text.index("Tuesday 1 December 2026")]


def day_off(provider, day):
    TimeOff.objects.bulk_create(public_holidays.time_off([day], [provider], timezone.now()))


def holidays_off(provider):
    for day in (date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)):
        day_off(provider, day)


def test_an_empty_practice_is_told_in_order_what_is_to_do_and_where(owner, settings):
    settings.POLICY_IS_DECIDED, settings.PRACTICE_NAME = False, "Linden House Practice"
    page = Page(owner.get(DAY))
    links = ["Give the practice its name", "Add a service", "Add a provider", "Decide on the policy"]
    addresses = [NAME, "/staff/add/service/", "/staff/add/provider/", POLICY]
    assert [page.links[link] for link in links] == addresses
    assert [one for one in listed(owner) if one in links] == links
    assert "✓ Done" not in listed(owner)


def test_what_is_done_is_ticked_and_says_where_to_look_at_it(owner, by_host, by_owner):
    by_host.POLICY_IS_DECIDED = False
    assert listed(owner) == [
        *("✓ Done", "The practice has its name, Oak Street Clinic.", "Change the name"),
        *("✓ Done", "There is something to book.", "Look at the services"),
        *("✓ Done", "There is somebody to book, with hours.", "Look at the hours"),
        *("To do", "What comes back to a client who cancels is not decided yet. Look at the policy, and save it."),
        "Decide on the policy",
        *("✓ Done", "Clients are told where to come.", "Look at the address"),
        "If you like",
        "Clients can book on public holidays: Ireland. If nobody works then, make them time off.",
        "Look at the public holidays",
        *("✓ Done", "Mail is sent."),
        *("✓ Done", "Stripe is connected."),
    ]


def test_what_a_provider_lacks_is_said_by_name(owner):
    provider = make_provider(hours=())
    provider.services.clear()
    page = Page(owner.get(DAY))
    assert page.links["Choose services"] == f"/staff/providers/{provider.slug}/"
    assert page.links["Set the hours"] == f"/staff/hours/{provider.slug}/"
    Service.objects.all().delete()
    assert {"Add a service", "Set the hours"} <= {*Page(owner.get(DAY)).links}


def test_hours_of_somebody_who_offers_nothing_open_no_practice(owner, by_host, by_owner):
    by_owner.working_hours.all().delete()
    make_provider(name="Bea Roth", services=[make_service(name="Follow-up")]).services.clear()
    assert "You are open." not in words(owner.get(DAY))
    assert "Dr Ada Byrne has no working hours yet, so there is no time to choose." in listed(owner)
    assert Page(owner.get(DAY)).links["Set the hours"] == "/staff/hours/dr-ada-byrne/"


@pytest.mark.parametrize("policy_is_decided", [True, False])
def test_public_holidays_stay_listed_until_they_are_time_off(owner, by_host, by_owner, policy_is_decided):
    by_host.POLICY_IS_DECIDED = policy_is_decided
    sentence = "Clients can book on public holidays: Ireland. If nobody works then, make them time off."
    page = owner.get(DAY)
    assert (sentence in words(page), ALL_OFF in words(page)) == (True, False)
    assert Page(page).links["Look at the public holidays"] == "/staff/away/holidays/"
    holidays_off(by_owner)
    page = owner.get(DAY)
    assert (sentence in words(page), ALL_OFF in words(page)) == (False, True)


def test_one_holiday_that_can_be_booked_is_enough_to_stay_listed(owner, by_owner):
    day_off(by_owner, date(2026, 12, 25))
    assert "Clients can book on public holidays: Ireland." in words(owner.get(DAY))


def test_a_new_colleague_who_has_no_holiday_off_is_named(owner, by_host, by_owner):
    holidays_off(by_owner)
    make_provider(name="Sean Daly", services=by_owner.services.all())
    assert listed(owner, "You are open.") == [
        "If you like",
        "Clients can still book on public holidays with: Sean Daly. If they do not work then, make them time off.",
        "Look at the public holidays",
    ]


def test_many_colleagues_who_have_none_off_are_counted(owner, by_host, by_owner):
    holidays_off(by_owner)
    for number in range(4):
        make_provider(name=f"Dr {number}", services=by_owner.services.all())
    assert "Clients can still book on public holidays with 4 providers." in words(owner.get(DAY))


def test_who_cannot_be_booked_needs_no_holiday_off(owner, by_host, by_owner):
    holidays_off(by_owner)
    make_provider(name="Sean Daly", services=by_owner.services.all(), active=False)
    make_provider(name="Bea Roth", services=by_owner.services.all(), hours=())
    assert listed(owner, "You are open.") == []


def test_holidays_out_of_reach_of_clients_are_not_spoken_of(owner, by_owner, settings):
    settings.HORIZON_DAYS = 20
    assert "public holidays" not in words(owner.get(DAY))


def place_of(browser):
    """What the list says of where clients come, from its state to its link."""
    said = listed(browser)
    [at] = [at for at, words in enumerate(said) if "told where to come" in words]
    return said[at - 1 : at + 2]


NOT_TOLD = ["If you like", "Clients are not told where to come.", "Give the practice’s address"]
TOLD = ["✓ Done", "Clients are told where to come.", "Look at the address"]


@pytest.mark.parametrize(
    ("practices", "places", "said"),
    [
        ("", [], NOT_TOLD),
        ("", ["", "By video"], NOT_TOLD),
        ("", ["12 Oak Street", "By video"], TOLD),
        ("12 Oak Street", ["", "By video"], TOLD),
        ("12 Oak Street", [], TOLD),
    ],
)
def test_whether_clients_are_told_where_to_come(owner, settings, practices, places, said):
    settings.POLICY_IS_DECIDED, settings.PRACTICE_ADDRESS = False, practices
    for number, place in enumerate(places):
        make_provider(name=f"Provider {number}", services=[make_service(name=f"Service {number}")])
        Provider.objects.filter(name=f"Provider {number}").update(place=place)
    assert place_of(owner) == said
    assert Page(owner.get(DAY)).links[said[2]] == f"{SETTINGS}#id_PRACTICE_ADDRESS"


def test_who_is_not_offered_any_more_needs_no_place(owner, settings):
    settings.POLICY_IS_DECIDED = False
    make_provider(active=False)
    make_provider(name="Bo Lund", services=[make_service(name="Call")])
    Provider.objects.filter(active=True).update(place="By video")
    assert place_of(owner) == TOLD


def test_where_no_holidays_are_known_there_is_no_line_about_them(owner, settings):
    make_provider()
    settings.PRACTICE_COUNTRY = "XX"
    assert "public holidays" not in " ".join(listed(owner))


def test_a_practice_that_is_open_is_told_so_with_the_page_that_clients_see(owner, by_host, by_owner):
    said = words(owner.get(DAY))
    assert ("You are open." in said, "Before you open" in said) == (True, False)
    assert Page(owner.get(DAY)).links["See the page that clients see"] == "/"
    assert "You are open." in words(owner.get(SETTINGS))


def test_what_is_done_stays_within_reach(owner, by_host, by_owner):
    holidays_off(by_owner)
    assert folded(owner) == [
        "What is done",
        *("✓ Done", "Mail is sent."),
        *("✓ Done", "Stripe is connected."),
        *("✓ Done", "The practice has its name, Oak Street Clinic.", "Change the name"),
        *("✓ Done", "There is something to book.", "Look at the services"),
        *("✓ Done", "There is somebody to book, with hours.", "Look at the hours"),
        *("✓ Done", "What comes back to a client who cancels is decided.", "Look at the policy"),
        *("✓ Done", "Clients are told where to come.", "Look at the address"),
        *("✓ Done", ALL_OFF, "Look at the public holidays"),
    ]


def test_once_the_owner_is_done_clients_can_book_and_what_the_host_does_is_folded(owner, by_host, by_owner):
    by_host.MAILBOX, by_host.STRIPE_SANDBOX = True, True
    holidays_off(by_owner)
    assert listed(owner, CAN_BOOK) == []
    assert folded(owner)[:7] == [
        f"{HOST}: 2 things to do",
        "Nothing of this is done at the desk. You can send them these lines.",
        "To do",
        "No mail leaves this site: all of it stays under “Mails”, where anybody can read it. Set EMAIL_URL.",
        "To do",
        "No money moves yet. Connect Stripe: set STRIPE_SECRET_KEY.",
        "✓ Done",
    ]


def test_before_that_it_stands_below_what_the_owner_does(owner, by_owner, settings):
    settings.POLICY_IS_DECIDED = False
    text = listed(owner)
    assert text.index("Decide on the policy") < text.index(HOST) < text.index("To do", text.index(HOST))


@pytest.mark.parametrize(
    ("facts", "heading", "sentence"),
    [
        ({"MAIL_IS_SENT": False}, "Clients can book now.", "No mail is sent, so no client gets a confirmation."),
        ({"STRIPE_LIVEMODE": False}, CAN_BOOK, "Stripe only takes test cards yet."),
        (
            {"SITE_URL": "https://book.example.org"},
            "Clients can book now.",
            "You opened http://127.0.0.1:8000, but links, mails and payments lead to https://book.example.org.",
        ),
    ],
)
@pytest.mark.usefixtures("by_owner")
def test_what_is_wrong_where_the_site_runs_is_told_for_whoever_runs_it(owner, by_host, facts, heading, sentence):
    for name, value in facts.items():
        setattr(by_host, name, value)
    assert folded(owner)[0] == f"{HOST}: one thing to do"
    assert [one.startswith(sentence) for one in folded(owner)].count(True) == 1
    assert heading in Page(owner.get(DAY)).text


def test_where_nobody_works_by_the_practices_clock_the_owner_chooses_it(owner, by_host, by_owner):
    by_host.TIME_ZONE = "America/New_York"
    page = owner.get(DAY)
    assert "Money is dated by the clock of New York, and nobody here works by it." in words(page)
    assert Page(page).links["Choose the time zone"] == f"{SETTINGS}#id_TIME_ZONE"


@pytest.mark.parametrize("zone", ["Europe/London", "Europe/Dublin"])
def test_another_zone_with_the_same_clock_all_year_is_as_good(owner, by_host, by_owner, zone):
    by_host.TIME_ZONE = zone
    assert "You are open." in words(owner.get(DAY))


def test_a_zone_with_the_same_clock_in_winter_alone_is_another(owner, by_host, by_owner):
    by_host.TIME_ZONE = "Africa/Abidjan"
    assert "nobody here works by it" in words(owner.get(DAY))


@pytest.mark.parametrize("role", ["Reception", "Provider"])
def test_only_who_may_change_settings_is_told(by_owner, role):
    said = words(logged_in(somebody(role, provider=by_owner)).get(DAY))
    assert ("Before you open" in said, "You are open." in said) == (False, False)


def test_who_looks_around_in_the_demonstration_opens_no_practice(by_owner):
    visitor = logged_in(somebody("Owner", name=LOGINS[0].username))
    assert "Before you open" not in words(visitor.get(DAY))


def test_an_open_practice_costs_one_query_on_the_day(owner, by_host, by_owner, django_assert_num_queries):
    with django_assert_num_queries(12):
        owner.get(DAY)
    holidays_off(make_provider(name="Bea Roth", services=[make_service(name="Follow-up")]))
    with django_assert_num_queries(12):
        owner.get(DAY)


def test_a_practice_that_is_not_open_costs_the_same_however_much_time_off_there_is(
    owner, by_owner, django_assert_num_queries
):
    starts, ends = (in_days(days, "00:00", provider=by_owner) for days in (3, 4))
    for _ in range(2):
        TimeOff.objects.create(provider=by_owner, starts=starts, ends=ends)
        with django_assert_num_queries(12):
            owner.get(DAY)


# Where there is nobody yet


def test_who_may_add_a_provider_is_led_there_from_an_empty_day(owner):
    page = owner.get(DAY)
    assert "Nobody can be booked yet. Add a provider" in words(page)
    assert "no diary that you may see" not in words(page)


def test_who_may_not_is_told_whom_to_ask():
    page = logged_in(somebody("Reception")).get(DAY)
    assert "There is no diary that you may see yet. Ask the owner to add the first provider." in words(page)


def test_where_there_is_nobody_yet_the_link_to_the_hours_leads_to_what_is_missing(owner):
    assert owner.get("/staff/hours/")["Location"] == DAY


def test_every_page_of_the_desk_leads_to_the_page_for_clients(owner):
    assert Provider.objects.count() == 0
    assert [Page(owner.get(path)).links["Client page"] for path in (DAY, "/staff/services/")] == ["/", "/"]


def test_the_set_up_leads_back_to_the_desk(owner):
    assert '<a href="/staff/">Desk</a>' in owner.get("/admin/booking/provider/add/").content.decode()
