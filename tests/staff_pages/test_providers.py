"""Providers at the desk: added with the hours of a week, and changed."""

import re
from datetime import time

import pytest
from django.contrib.admin.models import LogEntry

from booking.in_force import in_force
from booking.models import Provider, Service, WorkingHours
from tests.factories import in_days, make_appointment, make_provider, make_service
from tests.pages import Page, problem, words
from tests.staff import logged_in, member_of_staff, somebody
from tests.staff_pages.fields import Fields

pytestmark = [pytest.mark.django_db]

ADD = "/staff/add/provider/"
TYPED = {"name": "Dr Ada Byrne", "title": "", "time_zone": "Europe/Dublin", "opens": "9", "closes": "17"}
WORKDAYS = ["0", "1", "2", "3", "4"]
AT_DESK = ("view_appointment", "see_every_diary")


@pytest.fixture
def owner():
    return logged_in(somebody("Owner", name="olive"))


@pytest.fixture
def service():
    return make_service()


def add(browser, status=303, **typed):
    response = browser.post(ADD, {**TYPED, "days": WORKDAYS, **typed})
    assert response.status_code == status
    return response


def chosen(response, name):
    """The labels of what is ticked."""
    field = response.context["form"][name]
    return [one.data["label"] for one in field if one.data["selected"]]


def zone_on(response):
    return str(response.context["form"]["time_zone"].value())


def test_a_name_is_enough(owner, service):
    page = owner.get(ADD)
    assert chosen(page, "services") == [service.name]
    assert chosen(page, "days") == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    fields = Page(page).fields
    assert (fields["opens"], fields["closes"], zone_on(page)) == ("09:00", "17:00", "Europe/Dublin")
    shown = {name: fields[name] for name in ("opens", "closes")}
    answer = add(owner, services=[service.pk], **shown)
    provider = Provider.objects.get()
    assert (provider.name, provider.slug, provider.time_zone) == ("Dr Ada Byrne", "dr-ada-byrne", "Europe/Dublin")
    assert [*provider.services.all()] == [service]
    assert [*provider.week] == [(day, time(9), time(17)) for day in range(5)]
    assert [str(one) for one in LogEntry.objects.all()] == ["Added “Dr Ada Byrne”."]
    assert answer["Location"] == "/staff/hours/dr-ada-byrne/"


LOOK = "Look whether these hours are right: breaks, and other hours on some days, are set here. If they are, go on:"


def test_whoever_adds_one_looks_at_the_hours_and_goes_on_from_there(owner, service, settings):
    settings.POLICY_IS_DECIDED, settings.PRACTICE_NAME = False, "Oak Street Clinic"
    page = owner.get(add(owner, services=[service.pk])["Location"])
    assert (
        "Saved. Clients can book Dr Ada Byrne at these hours. Look whether they are right: breaks, and other hours on "
        "some days, are set here. If they are, go on: Decide on the policy See the page that clients see"
    ) in words(page)
    assert Page(page).links["Decide on the policy"] == "/staff/settings/#id_CANCELLATION_POLICY"
    assert Page(page).fields["day_0"] == "09:00–17:00"


def test_after_the_last_step_what_would_surprise_is_at_hand(owner, service, settings, time_machine):
    time_machine.move_to("2026-12-01T12:00:00Z")
    settings.PRACTICE_NAME, settings.POLICY_IS_DECIDED, settings.HORIZON_DAYS = "Oak Street Clinic", True, 60
    settings.PRACTICE_ADDRESS = "12 Oak Street"
    page = owner.get(add(owner, services=[service.pk])["Location"])
    assert "If they are, go on: Look at the public holidays See the page that clients see" in words(page)
    assert "last step" not in words(page)


def test_whoever_corrects_the_hours_goes_on_from_there_as_well(owner, service, settings):
    settings.POLICY_IS_DECIDED, settings.PRACTICE_NAME = False, "Oak Street Clinic"
    hours = add(owner, services=[service.pk])["Location"]
    looked = Fields(owner.post(hours, {"day_0": "9:00-12:00, 13:00-17:00"})).hidden
    typed = {"day_0": "9:00-12:00, 13:00-17:00", "save": "yes", "was": looked["was"], "looked": looked["looked"]}
    page = owner.get(owner.post(hours, typed)["Location"])
    sentence = "The hours are saved, and clients can choose from them at once."
    assert f"{sentence} Decide on the policy See the page that clients see" in words(page)


def test_when_nothing_is_left_at_the_desk_it_is_said(owner, settings, time_machine):
    time_machine.move_to("2026-12-01T12:00:00Z")
    settings.PRACTICE_NAME, settings.POLICY_IS_DECIDED, settings.HORIZON_DAYS = "Oak Street Clinic", True, 60
    settings.PRACTICE_ADDRESS = "12 Oak Street"
    provider = make_provider()
    provider.services.clear()
    typed = {**typed_on(owner, provider), "services": [Service.objects.get().pk]}
    saved = owner.post(page_of(provider), typed)
    sentence = "Saved. Clients can book now. What you may want to look at: Look at the public holidays"
    assert sentence in words(owner.get(saved["Location"]))
    owner.post("/staff/away/holidays/", Fields(owner.get("/staff/away/holidays/")).hidden)
    provider.services.clear()
    saved = owner.post(page_of(provider), {**typed, "was": typed_on(owner, provider)["was"]})
    assert "Saved. Clients can book now, and nothing is left to do at the desk." in words(owner.get(saved["Location"]))


def test_what_is_added_can_be_booked_at_once(owner, service, client):
    add(owner, services=[service.pk], days=["0", "1", "2", "3", "4", "5", "6"])
    page = client.get("/", {"provider": "dr-ada-byrne", "service": service.slug})
    assert "When suits you?" in words(page)
    assert client.get("/api/providers").json()[0]["next_free"] != ""


@pytest.mark.parametrize(
    ("opens", "closes", "hours"),
    [
        ("9", "17", (time(9), time(17))),
        ("9:00", "17:30", (time(9), time(17, 30))),
        ("9.30", "13", (time(9, 30), time(13))),
        (" 09:15 ", "5 pm", (time(9, 15), time(17))),
        ("9h", "17h30", (time(9), time(17, 30))),
        ("14", "24", (time(14), time(0))),
        ("0:00", "24:00", (time(0), time(0))),
    ],
)
def test_hours_are_read_as_people_type_them(owner, service, opens, closes, hours):
    add(owner, services=[service.pk], opens=opens, closes=closes)
    assert {*WorkingHours.objects.values_list("opens", "closes")} == {hours}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "Enter the name that clients know."),
        ({"name": "x" * 101}, "Enter a name of at most 100 characters."),
        ({"title": "x" * 101}, "Enter a title of at most 100 characters."),
        ({"place": "x" * 201}, "Enter a place of at most 200 characters."),
        ({"place": "12 Oak\u2028Street"}, "Remove the line breaks and control characters, and try again."),
        ({"opens": ""}, "Enter a time, like 09:00."),
        ({"opens": "early"}, "Enter a time, like 09:00."),
        ({"closes": "25"}, "Enter a time, like 09:00."),
        ({"closes": "17:75"}, "Enter a time, like 09:00."),
        ({"closes": "5"}, "It is to end after it begins. For five in the afternoon, enter 17:00."),
        ({"closes": "9:00"}, "It is to end after it begins. For five in the afternoon, enter 17:00."),
        ({"days": ["7"]}, "Choose days from the list."),
        ({"services": ["0"]}, "Choose services from the list."),
        ({"services": ["x"]}, "Choose services from the list."),
        ({"time_zone": "Berlin"}, "Choose a city from the list."),
        ({"time_zone": ""}, "Choose a city from the list."),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(owner, service, typed, sentence):
    refused = add(owner, 422, **typed)
    assert sentence in problem(refused)
    assert Provider.objects.count() == 0


def test_the_same_form_sent_twice_adds_one(owner, service):
    add(owner, services=[service.pk])
    assert "There is a provider of this name already. Choose another name." in problem(add(owner, 422))
    assert (Provider.objects.count(), WorkingHours.objects.count()) == (1, 5)


def test_from_midnight_to_midnight_is_all_day(owner, service):
    add(owner, services=[service.pk], opens="0:00", closes="24:00")
    assert {*WorkingHours.objects.values_list("all_day", flat=True)} == {True}


@pytest.mark.parametrize("preset", [{}, {"opens": "09:00", "closes": "17:00"}, {"opens": "", "closes": ""}])
def test_no_day_is_no_hours(owner, service, preset):
    add(owner, days=[], **preset)
    assert (Provider.objects.count(), WorkingHours.objects.count()) == (1, 0)


@pytest.mark.parametrize("typed", [{"opens": "10"}, {"closes": "whenever"}])
def test_hours_that_are_typed_for_no_day_are_asked_about(owner, service, typed):
    refused = add(owner, 422, days=[], **typed)
    assert problem(refused).endswith("You entered hours and no day. Choose the days, or empty both times.")
    assert Provider.objects.count() == 0


def test_without_a_service_the_page_says_what_comes_first(owner):
    assert "There is nothing to book yet. Add a service next, and then choose it here." in words(owner.get(ADD))


# What the practice's zone is as long as nobody has chosen one.
NOT_CHOSEN = "Europe/Dublin"


def preset(page):
    return re.findall(r'<option value="([^"]*)" selected', page.content.decode())


@pytest.mark.parametrize(
    ("country", "practices"),
    [
        ("IE", "Europe/Berlin"),
        ("ES", "Atlantic/Canary"),
        ("US", "US/Pacific"),
        ("UA", "Europe/Kiev"),
        ("IN", "Asia/Calcutta"),
        ("AU", "Australia/Sydney"),
    ],
)
def test_the_zone_is_the_one_that_was_chosen_for_the_practice_wherever_it_is(owner, settings, country, practices):
    settings.PRACTICE_COUNTRY, settings.TIME_ZONE = country, practices
    page = owner.get(ADD)
    assert preset(page) == [practices]
    listed = page.content.decode()
    assert "Berlin (Europe)" in listed
    assert "Buenos Aires (America/Argentina)" in listed


def test_it_may_be_chosen_at_the_desk_as_well(owner, settings):
    settings.PRACTICE_COUNTRY, settings.TIME_ZONE = "DE", "Europe/Berlin"
    in_force.take({"TIME_ZONE": NOT_CHOSEN})
    assert preset(owner.get(ADD)) == [NOT_CHOSEN]


@pytest.mark.parametrize(
    ("country", "likely"),
    [
        ("IE", "Europe/Dublin"),
        ("GB", "Europe/London"),
        ("DE", "Europe/Berlin"),
        ("AR", "America/Argentina/Buenos_Aires"),
    ],
)
def test_while_none_was_chosen_the_zone_is_that_of_all_clocks_of_the_country(owner, settings, country, likely):
    settings.PRACTICE_COUNTRY, settings.TIME_ZONE = country, NOT_CHOSEN
    assert preset(owner.get(ADD)) == [likely]


@pytest.mark.parametrize("country", ["AU", "BR", "CA", "ES", "PT", "RU", "UA", "US", "XX"])
def test_where_clocks_of_the_country_differ_nothing_is_guessed(owner, service, settings, country):
    settings.PRACTICE_COUNTRY, settings.TIME_ZONE = country, NOT_CHOSEN
    assert preset(owner.get(ADD)) == [""]
    refused = add(owner, 422, services=[service.pk], time_zone="")
    assert "Choose a city from the list." in problem(refused)


def page_of(provider):
    return f"/staff/providers/{provider.slug}/"


def typed_on(browser, provider):
    """What the page of a provider sends if nothing is typed anew."""
    page = browser.get(page_of(provider))
    fields = Page(page).fields
    services = [str(one.pk) for one in provider.services.all()]
    typed = {**{name: fields[name] for name in ("name", "title", "place")}, "services": services}
    return {**typed, "was": Fields(page).hidden["was"][0]}


def test_what_is_changed_is_changed_and_all_else_stays(owner):
    provider = make_provider(name="Ada Byrne")
    Provider.objects.update(bio="Takes time.", place="12 Linden Road")
    more = make_service(name="Follow-up")
    typed = typed_on(owner, provider)
    changed = {"name": "Dr Ada Byrne", "title": "GP", "services": [*typed["services"], more.pk]}
    assert owner.post(page_of(provider), {**typed, **changed}).status_code == 303
    provider.refresh_from_db()
    assert (provider.name, provider.title, provider.slug) == ("Dr Ada Byrne", "GP", "ada-byrne")
    assert (provider.time_zone, provider.bio, provider.place) == ("Europe/Dublin", "Takes time.", "12 Linden Road")
    assert [one.name for one in provider.services.all()] == ["Consultation", "Follow-up"]
    assert WorkingHours.objects.count() == 7


def test_of_two_who_change_one_at_once_the_second_reads_what_the_first_did(owner):
    provider = make_provider()
    typed = typed_on(owner, provider)
    owner.post(page_of(provider), {**typed, "services": []})
    late = owner.post(page_of(provider), {**typed, "title": "GP"})
    assert late.status_code == 409
    assert problem(late).startswith("Nothing was saved, as somebody else has changed this since you opened the page.")
    assert "On record at “Profession or title”: nothing On record at “Services”: nothing" in words(late)
    assert (chosen(late, "services"), Page(late).fields["title"]) == ([], "GP")
    again = {**typed, "title": "GP", "services": [], "was": Fields(late).hidden["was"][0]}
    assert owner.post(page_of(provider), again).status_code == 303
    provider.refresh_from_db()
    assert (provider.title, provider.services.count()) == ("GP", 0)


def test_services_that_somebody_has_chosen_stay_chosen_where_a_colleague_has_chosen_others(owner):
    provider = make_provider()
    more = make_service(name="Follow-up")
    typed = typed_on(owner, provider)
    owner.post(page_of(provider), {**typed, "title": "GP", "services": []})
    late = owner.post(page_of(provider), {**typed, "services": [*typed["services"], more.pk]})
    assert (late.status_code, Page(late).fields["title"]) == (409, "GP")
    assert chosen(late, "services") == ["Consultation", "Follow-up"]


def test_a_page_that_was_refused_still_knows_what_it_was_shown(owner):
    provider = make_provider()
    typed = typed_on(owner, provider)
    provider.services.clear()
    refused = owner.post(page_of(provider), {**typed, "name": ""})
    sent_again = {**typed, "was": Fields(refused).hidden["was"][0]}
    statuses = (refused.status_code, owner.post(page_of(provider), sent_again).status_code)
    assert (statuses, provider.services.count()) == ((422, 409), 0)


def test_the_zone_is_a_fact_and_is_changed_in_the_set_up(owner):
    provider = make_provider()
    page = owner.get(page_of(provider))
    assert "Which city’s clock do they work by? Dublin (Europe)" in words(page)
    assert "time_zone" not in page.context["form"].fields
    assert "their time zone" in words(page)
    changed = owner.post(page_of(provider), {**typed_on(owner, provider), "time_zone": "Pacific/Auckland"})
    provider.refresh_from_db()
    assert (changed.status_code, provider.time_zone) == (303, "Europe/Dublin")


def test_who_changes_a_title_is_told_what_is_still_read_in_other_languages(owner):
    provider = make_provider()
    provider.title, provider.translations = "GP", {"title": {"es": "Médica de familia"}}
    provider.save()
    answer = owner.post(page_of(provider), {**typed_on(owner, provider), "title": "Cardiologist"})
    assert "Español: clients still read “Médica de familia”." in words(owner.get(answer["Location"]))


def test_a_zone_by_another_name_stays_as_it_is(owner):
    provider = make_provider(zone="US/Pacific")
    assert owner.post(page_of(provider), {**typed_on(owner, provider), "title": "GP"}).status_code == 303
    provider.refresh_from_db()
    assert (provider.title, provider.time_zone) == ("GP", "US/Pacific")


PRACTICE = "12 Oak Street, Dublin 2"
AT_THE_PRACTICE = f"If this is empty, they come to the practice: {PRACTICE}."
MOVED = "The new place holds for what is booked already as well."


@pytest.mark.parametrize("page", [ADD, "/staff/providers/dr-ada-byrne/"])
@pytest.mark.parametrize(
    ("practices", "hint"),
    [
        (PRACTICE, f"{AT_THE_PRACTICE} Whoever works at home or by video says so here."),
        ("", "If this is empty, they come to the practice, whose address is not in the settings yet."),
    ],
)
def test_the_field_says_where_clients_come_if_it_is_empty(owner, settings, page, practices, hint):
    settings.PRACTICE_ADDRESS = practices
    make_provider()
    assert hint in words(owner.get(page))


def test_where_a_new_provider_is_is_said_to_clients_at_once(owner, service, client):
    add(owner, services=[service.pk], place="By video")
    assert "By video" in Page(client.get("/", {"provider": "dr-ada-byrne", "service": service.slug})).text


def go_to(owner, provider, place):
    answer = owner.post(page_of(provider), {**typed_on(owner, provider), "place": place})
    return words(owner.get(answer["Location"]))


def test_who_changes_it_is_told_that_no_mail_tells_those_who_are_booked(owner, settings):
    settings.PRACTICE_ADDRESS = PRACTICE
    provider, other = make_provider(), make_provider(name="Bo Lund", services=[make_service(name="Call")])
    make_appointment(provider=other, at=in_days(3, provider=other), status="confirmed")
    assert MOVED not in go_to(owner, provider, "By video")
    make_appointment(provider=provider, at=in_days(3, provider=provider), status="confirmed")
    assert MOVED in go_to(owner, provider, "")
    assert MOVED not in go_to(owner, provider, "")
    assert MOVED not in go_to(owner, provider, PRACTICE)


def test_a_new_place_forgets_what_the_earlier_one_was_called_in_other_languages(owner):
    provider = make_provider()
    words_of = {"title": {"es": "Médica"}, "bio": {}, "place": {"es": "Por vídeo"}}
    Provider.objects.update(title="GP", place="By video", translations=words_of)
    go_to(owner, provider, "By video")
    assert Provider.objects.get().translations == words_of
    go_to(owner, provider, "12 Linden Road")
    assert Provider.objects.get().translations == {**words_of, "place": {}}


def test_who_stays_booked_for_what_is_not_offered_any_more_is_named(owner):
    provider = make_provider()
    make_appointment(provider=provider, at=in_days(3, provider=provider), status="confirmed", client_name="Jo O’Neill")
    assert "not offered any more" not in words(owner.get(page_of(provider)))
    answer = owner.post(page_of(provider), {**typed_on(owner, provider), "services": []})
    assert answer["Location"] == page_of(provider)
    said = words(owner.get(answer["Location"]))
    assert "Booked, and not offered any more Jo O’Neill" in said


def test_who_was_left_before_keeps_nobody_on_the_page(owner, settings):
    settings.PRACTICE_NAME, settings.POLICY_IS_DECIDED = "Oak Street Clinic", True
    provider = make_provider()
    make_provider(name="Dr Bo Lund", services=provider.services.all())
    make_appointment(provider=provider, at=in_days(3, provider=provider), status="confirmed")
    provider.services.clear()
    answer = owner.post(page_of(provider), {**typed_on(owner, provider), "title": "GP"})
    assert answer["Location"] == "/staff/services/"


@pytest.mark.parametrize(
    ("without", "sentence"),
    [
        ({}, "Saved. Clients can book Dr Ada Byrne at these hours."),
        ({"days": []}, "Saved. Clients can book Dr Ada Byrne once there are hours: set them here."),
        ({"services": []}, f"Saved. Dr Ada Byrne offers no service yet, so clients cannot book them. {LOOK}"),
    ],
)
def test_it_is_said_whether_clients_can_book_whoever_was_added(owner, settings, without, sentence):
    settings.PRACTICE_NAME, settings.POLICY_IS_DECIDED = "Oak Street Clinic", True
    provider = make_provider(name="Dr Bo Lund")
    answer = add(owner, **{"services": [provider.services.get().pk], **without})
    assert sentence in words(owner.get(answer["Location"]))


def test_hours_and_what_is_rare_are_a_link_away(owner):
    provider = make_provider()
    links = Page(owner.get(page_of(provider))).links
    assert links["Hours of Dr Ada Byrne"] == "/staff/hours/dr-ada-byrne/"
    assert links["More about this provider"] == f"/admin/booking/provider/{provider.pk}/change/"


def test_the_page_costs_the_same_for_one_service_and_for_many(owner, django_assert_num_queries):
    provider = make_provider()
    for number in range(2):
        make_service(name=f"Service {number}")
        with django_assert_num_queries(10):
            owner.get(page_of(provider))


def test_who_may_set_no_hours_adds_a_provider_without_any(service):
    browser = member_of_staff(*AT_DESK, "add_provider")
    assert "days" not in browser.get(ADD).context["form"].fields
    assert Page(browser.get(ADD)).links["Back without saving"] == "/staff/"
    answer = add(browser, services=[service.pk])
    assert (answer["Location"], browser.get(answer["Location"]).status_code) == ("/staff/", 200)
    assert (Provider.objects.count(), WorkingHours.objects.count()) == (1, 0)


@pytest.mark.parametrize("role", ["Reception", "Provider"])
def test_nobody_else_adds_or_changes_one(role):
    provider = make_provider()
    browser = logged_in(somebody(role, provider=provider))
    assert [browser.post(path, TYPED).status_code for path in (ADD, page_of(provider))] == [403, 403]
    assert Provider.objects.count() == 1
