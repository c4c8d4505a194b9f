"""Services at the desk: listed, added and changed by whoever may do that in the admin."""

from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import IntegrityError

from booking.models import Service
from booking.models.services import FormerServiceSlug
from tests.factories import make_provider, make_service
from tests.pages import Page, problem, words
from tests.staff import logged_in, member_of_staff, somebody
from tests.staff_pages.fields import Fields

pytestmark = [pytest.mark.django_db]

LIST, ADD = "/staff/services/", "/staff/add/service/"
TYPED = {"name": "First visit", "duration_minutes": "50", "price": "60", "payment": "online", "deposit": ""}
AT_DESK = ("view_appointment", "see_every_diary")


@pytest.fixture
def owner():
    return logged_in(somebody("Owner", name="olive", first_name="Olive", last_name="Byrne"))


def add(browser, status=303, **typed):
    response = browser.post(ADD, {**TYPED, **typed})
    assert response.status_code == status
    return response


def page_of(service):
    return f"{LIST}{service.slug}/"


def typed_on(browser, service):
    """What the page of a service sends if nothing is typed anew."""
    page = browser.get(page_of(service))
    fields = Page(page).fields
    return {"payment": service.payment, **{name: fields[name] for name in TYPED if name != "payment"}} | {
        "was": Fields(page).hidden["was"][0],
        "description": fields["description"],
    }


def facts(service):
    service.refresh_from_db()
    return service.name, service.duration_minutes, service.price, service.payment, service.deposit


def test_a_name_and_a_price_are_enough(owner):
    fields = Page(owner.get(ADD)).fields
    assert (fields["duration_minutes"], fields["price"], fields["deposit"]) == ("60", "", "")
    answer = add(owner)
    service = Service.objects.get()
    assert facts(service) == ("First visit", 50, Decimal(60), "online", Decimal(0))
    assert (service.slug, service.buffer_minutes, service.active, service.description) == ("first-visit", 0, True, "")
    assert answer["Location"] == "/staff/"
    assert [str(one) for one in LogEntry.objects.all()] == ["Added “First visit”."]


def test_after_the_first_one_the_day_says_what_comes_next(owner, settings):
    settings.PRACTICE_NAME = "Oak Street Clinic"
    day = owner.get(add(owner)["Location"])
    assert "Saved. What comes next: Add a provider Add another service" in words(day)
    links = Page(day).links
    assert (links["Add a provider"], links["Add another service"]) == ("/staff/add/provider/", ADD)


def test_who_changes_one_is_not_asked_for_another(owner):
    service = make_service()
    day = owner.get(owner.post(page_of(service), typed_on(owner, service))["Location"])
    assert "Saved. What comes next: Give the practice its name Before you open" in words(day)


def test_one_that_nobody_offers_leads_to_whoever_may(owner, settings):
    settings.PRACTICE_NAME, settings.POLICY_IS_DECIDED = "Oak Street Clinic", True
    make_provider()
    make_provider(name="Dr Bo Lund", services=Service.objects.all(), active=False)
    sentence = "Saved. No provider offers it yet, so clients cannot book it. Choose it on the page of whoever does:"
    page = owner.get(add(owner)["Location"])
    assert f"{sentence} Dr Ada Byrne Add another service" in words(page)
    assert Page(page).links["Dr Ada Byrne"] == "/staff/providers/dr-ada-byrne/"


def test_where_there_are_many_who_may_offer_it_their_list_is_named(owner):
    service = make_service()
    for number in range(6):
        make_provider(name=f"Dr {number}", services=[service])
    assert "Choose it on the page of whoever does: Services and providers" in words(owner.get(add(owner)["Location"]))


def test_at_an_open_practice_another_one_is_at_hand(owner, settings):
    settings.PRACTICE_NAME, settings.POLICY_IS_DECIDED = "Oak Street Clinic", True
    make_provider(services=[make_service()])
    page = owner.get(add(owner)["Location"])
    assert Page(page).links["Add another service"] == ADD


def test_at_an_open_practice_the_list_comes_next(owner, settings):
    settings.PRACTICE_NAME, settings.POLICY_IS_DECIDED = "Oak Street Clinic", True
    service = make_provider().services.get()
    answer = owner.post(page_of(service), {**typed_on(owner, service), "price": "75.00"})
    assert answer["Location"] == LIST
    assert "Saved. Clients see it at once, and what is booked already stays as it is." in words(owner.get(LIST))


def save_another(name, owner, service):
    """Give it another name or description, and return the next page."""
    answer = owner.post(page_of(service), {**typed_on(owner, service), name: "Physiotherapy"})
    return owner.get(answer["Location"])


@pytest.fixture
def in_spanish_and_german():
    service = make_provider(services=[make_service(name="Back massage")]).services.get()
    service.translations = {"name": {"es": "Masaje", "de": "Massage"}, "description": {"es": "De espalda"}}
    service.save()
    return service


def test_who_renames_it_is_told_what_is_still_read_in_other_languages(owner, in_spanish_and_german):
    User.objects.update(is_staff=True)
    page = save_another("name", owner, in_spanish_and_german)
    said = words(page)
    assert "Deutsch: clients still read “Massage”." in said
    assert "Español: clients still read “Masaje”." in said
    assert ("De espalda" in said, said.count("clients still read")) == (False, 2)
    where = f"/admin/booking/service/{in_spanish_and_german.pk}/change/"
    assert (said.count("Change what they read there"), Page(page).links["Change what they read there"]) == (1, where)


def test_so_is_who_changes_a_description_and_without_the_set_up_no_link_leads_there(owner, in_spanish_and_german):
    User.objects.update(is_staff=False)
    said = words(save_another("description", owner, in_spanish_and_german))
    assert "Español: clients still read “De espalda”." in said
    assert (said.count("clients still read"), "Change what they read there" in said) == (1, False)


def test_who_changes_nothing_that_is_translated_is_told_nothing_of_it(owner, in_spanish_and_german):
    answer = owner.post(page_of(in_spanish_and_german), {**typed_on(owner, in_spanish_and_german), "price": "75.00"})
    assert "clients still read" not in words(owner.get(answer["Location"]))


def test_a_language_that_is_not_offered_is_not_spoken_of(owner, settings, in_spanish_and_german):
    settings.LANGUAGES = [("en-ie", "English"), ("de-ie", "Deutsch")]
    said = words(save_another("name", owner, in_spanish_and_german))
    assert ("“Massage”" in said, "Masaje" in said) == (True, False)


@pytest.mark.parametrize("offered", [True, False])
def test_nobody_is_told_that_clients_see_what_cannot_be_booked(owner, settings, offered):
    settings.PRACTICE_NAME, settings.POLICY_IS_DECIDED = "Oak Street Clinic", True
    make_provider()
    inactive = make_service(name="Old thing", active=False)
    if offered:
        make_provider(name="Dr Bo Lund", services=[inactive])
    owner.post(page_of(inactive), typed_on(owner, inactive))
    assert "Saved. Clients cannot book this at present." in words(owner.get(LIST))


def test_a_deposit_is_taken_with_its_amount(owner):
    add(owner, payment="deposit", deposit="20.50", description="For new clients.")
    service = Service.objects.get()
    assert facts(service) == ("First visit", 50, Decimal(60), "deposit", Decimal("20.50"))
    assert service.description == "For new clients."


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "Enter what clients know it as."),
        ({"name": "x" * 101}, "Enter a name of at most 100 characters."),
        ({"name": "First\u2028visit"}, "Remove the line breaks and control characters, and try again."),
        ({"duration_minutes": ""}, "Enter how many minutes it takes, from 5 to 720."),
        ({"duration_minutes": "4"}, "Enter how many minutes it takes, from 5 to 720."),
        ({"duration_minutes": "an hour"}, "Enter how many minutes it takes, from 5 to 720."),
        ({"price": ""}, "Enter the price in figures, like 60, or 0 if it is free of charge."),
        ({"price": "-1"}, "Enter the price in figures, like 60, or 0 if it is free of charge."),
        ({"price": "1.005"}, "Enter the price in figures, like 60, or 0 if it is free of charge."),
        ({"price": "0.10"}, "A price is 0 or at least €0.50: cards take no less."),
        ({"payment": "by cheque"}, "Choose how it is paid."),
        ({"payment": "deposit"}, "Enter the deposit in figures, like 20."),
        ({"payment": "deposit", "deposit": "0"}, "A deposit is at least €0.50: cards take no less."),
        ({"payment": "deposit", "deposit": "60"}, "A deposit is less than the price."),
        ({"deposit": "-5"}, "Enter the deposit in figures, like 20."),
        (
            {"deposit": "20"},
            (
                "With “The whole price online” no deposit is asked for. "
                "Choose “A deposit online, the rest at the practice”, or empty this box."
            ),
        ),
        ({"deposit": "20", "payment": "at practice"}, "With “At the practice” no deposit is asked for."),
        ({"description": "x" * 301}, "Shorten the description to 300 characters or fewer."),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(owner, typed, sentence):
    refused = add(owner, 422, **typed)
    assert sentence in problem(refused)
    assert Service.objects.count() == 0


def test_a_currency_without_cents_takes_none(owner, settings):
    settings.CURRENCY = "jpy"
    assert "Price in JPY" in words(owner.get(ADD))
    assert "JPY has no such fraction: use fewer decimals." in problem(add(owner, 422, price="600.50"))


def test_the_same_form_sent_twice_adds_one(owner):
    add(owner)
    assert "There is a service of this name already. Choose another name." in problem(add(owner, 422))
    assert Service.objects.count() == 1


def test_a_name_that_somebody_takes_in_that_moment_is_refused_as_well(owner, monkeypatch):
    def taken(service, *args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(Service, "save", taken)
    assert "There is a service of this name already. Choose another name." in problem(add(owner, 422))


@pytest.mark.parametrize(
    ("name", "slug"), [("Großer Check", "grosser-check"), ("First visit!", "first-visit-2"), ("咨询", "service")]
)
def test_its_address_is_made_of_its_name_and_of_no_other(owner, name, slug):
    other = make_service(name="Old name")
    FormerServiceSlug.objects.create(slug="first-visit", owner=other)
    add(owner, name=name)
    assert Service.objects.get(name=name).slug == slug


def test_what_is_changed_is_changed_and_all_else_stays(owner):
    service = make_service(name="First visit", buffer=10, position=3)
    typed = typed_on(owner, service)
    assert owner.post(page_of(service), {**typed, "name": "First hour", "price": "75.00"}).status_code == 303
    assert facts(service) == ("First hour", 30, Decimal(75), "online", Decimal(0))
    assert (service.slug, service.buffer_minutes, service.position) == ("first-visit", 10, 3)


def test_a_deposit_is_not_given_up_without_a_word_by_another_way_of_paying(owner):
    service = make_service(payment="deposit", deposit="20.00")
    typed = {**typed_on(owner, service), "payment": "online"}
    refused = owner.post(page_of(service), typed)
    assert (refused.status_code, facts(service)[3:]) == (422, ("deposit", Decimal(20)))
    assert "no deposit is asked for" in problem(refused)
    assert owner.post(page_of(service), {**typed, "deposit": ""}).status_code == 303
    assert facts(service)[3:] == ("online", Decimal(0))


def test_a_deposit_that_stands_on_record_for_another_time_stays_there(owner):
    service = make_service(deposit="20.00")
    assert owner.post(page_of(service), {**typed_on(owner, service), "price": "75.00"}).status_code == 303
    assert facts(service)[2:] == (Decimal(75), "online", Decimal(20))
    refused = owner.post(page_of(service), {**typed_on(owner, service), "deposit": "25"})
    assert (refused.status_code, facts(service)[4]) == (422, Decimal(20))


def test_what_is_refused_leaves_the_name_in_the_heading(owner):
    service = make_service(name="First visit")
    refused = owner.post(page_of(service), {**typed_on(owner, service), "name": "", "price": "x"})
    assert (refused.status_code, refused.context["name"]) == (422, "First visit")


def test_of_two_who_change_it_at_once_the_second_reads_what_the_first_did(owner):
    service = make_service(name="First visit")
    typed = typed_on(owner, service)
    owner.post(page_of(service), {**typed, "price": "75.00"})
    late = owner.post(page_of(service), {**typed, "duration_minutes": "45"})
    assert late.status_code == 409
    assert problem(late).startswith("Nothing was saved, as somebody else has changed this since you opened the page.")
    assert "On record at “Length in minutes”: 30 On record at “Price in EUR”: 75.00" in words(late)
    assert [Page(late).fields[name] for name in ("duration_minutes", "price")] == ["45", "75.00"]
    assert facts(service) == ("First visit", 30, Decimal(75), "online", Decimal(0))
    again = {**typed, **{name: Page(late).fields[name] for name in ("duration_minutes", "price", "was")}}
    assert owner.post(page_of(service), again).status_code == 303
    assert facts(service) == ("First visit", 45, Decimal(75), "online", Decimal(0))


def test_a_page_that_was_refused_still_knows_what_it_was_shown(owner):
    service = make_service(name="First visit")
    typed = typed_on(owner, service)
    Service.objects.update(price="90.00")
    refused = owner.post(page_of(service), {**typed, "duration_minutes": ""})
    late = owner.post(page_of(service), {**typed, "was": Fields(refused).hidden["was"][0]})
    assert (refused.status_code, late.status_code) == (422, 409)
    assert facts(service)[2] == Decimal(90)


def test_how_it_is_paid_is_told_in_words_to_who_comes_second(owner):
    service = make_service()
    typed = typed_on(owner, service)
    Service.objects.update(payment="at practice", description="In the garden.")
    late = words(owner.post(page_of(service), typed))
    assert "On record at “How is it paid?”: At the practice On record at “Description”: In the garden." in late


def test_who_may_only_add_one_goes_on_to_a_page_of_theirs(settings):
    settings.PRACTICE_NAME, settings.POLICY_IS_DECIDED = "Oak Street Clinic", True
    make_provider()
    browser = member_of_staff(*AT_DESK, "add_service")
    assert Page(browser.get(ADD)).links["Back without saving"] == "/staff/"
    day = browser.get(add(browser)["Location"])
    assert (day.status_code, "Saved." in words(day)) == (200, True)


def test_what_is_rare_is_one_link_away_for_who_may_open_the_admin(owner):
    service = make_service()
    link = Page(owner.get(page_of(service))).links["More about this service"]
    assert (link, owner.get(link).status_code) == (f"/admin/booking/service/{service.pk}/change/", 200)


def test_the_list_has_each_with_its_price_and_how_it_is_paid(owner):
    make_service(name="Check-up", price="60.00", payment="deposit", deposit="20.00")
    make_service(name="Call", minutes=15, price="0", position=1, active=False)
    listed = words(owner.get(LIST))
    assert "Check-up 30 minutes, €60.00 · €20.00 online, €40.00 at the practice Later Call 15 minutes, free" in listed
    assert "Not offered at present" in listed


def test_the_list_costs_the_same_for_one_and_for_many(owner, django_assert_num_queries):
    for number in range(2):
        make_provider(name=f"Provider {number}", services=[make_service(name=f"Service {number}")])
        with django_assert_num_queries(6):
            owner.get(LIST)


def test_who_may_only_change_services_is_offered_no_more_than_that():
    service = make_service()
    browser = member_of_staff(*AT_DESK, "change_service")
    page = Page(browser.get(LIST))
    assert page.links[service.name] == page_of(service)
    assert {"Add a service", "Add a provider"} & {*page.links} == set()


@pytest.mark.parametrize("role", ["Reception", "Provider"])
def test_nobody_else_finds_them(role):
    provider = make_provider()
    browser = logged_in(somebody(role, provider=provider))
    assert "Services" not in Page(browser.get("/staff/")).links
    assert [browser.post(path, TYPED).status_code for path in (ADD, page_of(provider.services.get()))] == [403, 403]
    assert Service.objects.count() == 1
