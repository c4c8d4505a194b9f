"""What somebody types at the desk does not stay in the browser: the next who uses it is another person."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from booking.models import Service
from tests.factories import in_days, make_provider
from tests.staff import sign_in, somebody

pytestmark = [pytest.mark.browser, pytest.mark.any_engine, pytest.mark.django_db(transaction=True)]

# HTMX notes the address of the page that is shown, as the browser's own history does.
KEPT = """[...Object.entries(sessionStorage), ...Object.entries(localStorage)]
    .filter(([key]) => key !== "htmx-current-path-for-history")"""
NOTHING = []
NAME = "Zoë O’Neill"


@pytest.fixture
def page(chromium, live_server):
    context = chromium.new_context(base_url=live_server.url)
    yield context.new_page()
    context.close()


@pytest.fixture
def form_for_a_caller(page, live_server):
    """The page of somebody at reception who has typed the name of a caller, and the address of that page."""
    provider = make_provider()
    sign_in(page, somebody("Reception"), live_server.url)
    time = in_days(3, provider=provider).isoformat().replace("+", "%2B")
    page.goto(f"/staff/book/?provider={provider.slug}&service=consultation&time={time}")
    page.get_by_label("Name").fill(NAME)
    return page.url


def test_what_is_typed_to_sign_in_or_to_find_somebody_is_kept_nowhere(page, live_server):
    page.goto("/staff/login/")
    page.get_by_label("Username").fill("grace")
    page.get_by_label("Password").fill("a long and unusual one")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.evaluate(KEPT) == NOTHING
    sign_in(page, somebody("Owner"), live_server.url)
    page.goto("/staff/second-factor/")
    page.get_by_label("code").fill("123456")
    assert page.evaluate(KEPT) == NOTHING
    page.goto("/staff/find/")
    page.get_by_label("Name, email, phone number or reference").fill(NAME)
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.get_by_text(f"Nobody is found for “{NAME}”.")).to_be_visible()
    assert page.evaluate(KEPT) == NOTHING


def test_a_caller_is_kept_on_the_way_through_the_choices_and_nowhere_else(page, form_for_a_caller):
    page.goto(form_for_a_caller)
    expect(page.get_by_label("Name")).to_have_value(NAME)
    page.goto("/staff/")
    assert page.evaluate(KEPT) == NOTHING


def in_spanish(page):
    page.get_by_role("button", name="Español").click()
    expect(page.locator("html")).to_have_attribute("lang", "es-ie")


def values(page, *names):
    return [page.locator(f"main [name={name}]").input_value() for name in names]


def test_what_is_typed_goes_with_a_change_of_the_language_and_is_not_kept_after_that(page, live_server):
    bo = make_provider(name="Bo Lund")
    make_provider(name="Ann Able", services=bo.services.all())
    sign_in(page, somebody("Owner"), live_server.url)
    page.goto("/staff/away/")
    page.get_by_label("Who is away").select_option("Bo Lund")
    page.get_by_label("First day").fill("2026-12-24")
    page.get_by_label("Last day").fill("2026-12-20")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    in_spanish(page)
    assert values(page, "provider", "first_day", "begins", "last_day") == [bo.slug, "2026-12-24", "", "2026-12-20"]
    assert page.evaluate(KEPT) == NOTHING
    page.reload()
    assert values(page, "provider", "first_day") == ["", ""]


def test_what_is_chosen_for_a_caller_goes_with_a_change_of_the_language(page, form_for_a_caller):
    page.get_by_label("Free of charge this time").check()
    page.get_by_text("Several in a row").click()
    page.get_by_label("How often").select_option(index=1)
    chosen = values(page, "every")
    in_spanish(page)
    expect(page.locator("[name=every]")).to_be_visible()
    assert page.locator("[name=paying]:checked").get_attribute("value") == "free"
    assert values(page, "every", "client_name") == [*chosen, NAME]


def test_what_is_secret_is_typed_once_more_in_another_language(page, live_server):
    sign_in(page, somebody("Owner"), live_server.url)
    page.goto("/staff/second-factor/")
    page.get_by_label("code").fill("123456")
    in_spanish(page)
    assert (values(page, "code"), page.evaluate(KEPT)) == ([""], NOTHING)


def test_a_client_who_books_in_the_same_tab_does_not_see_the_caller(page, form_for_a_caller):
    page.goto(form_for_a_caller.replace("/staff/book/", "/"))
    expect(page.get_by_label("Email address")).to_be_visible()
    assert (page.get_by_label("Name").input_value(), page.evaluate(KEPT)) == ("", NOTHING)


def test_a_session_that_is_over_while_a_caller_is_typed_leads_to_the_sign_in_page_with_all_of_it(
    page, form_for_a_caller
):
    Session.objects.all().delete()
    page.get_by_label("Name").press_sequentially(" junior")
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert page.get_by_label("Name").input_value() == f"{NAME} junior"
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Password")).to_be_visible()
    assert "junior" in page.locator("input[name=typed]").get_attribute("value")


def opened_page_of_a_service(page, live_server):
    """The page of a service that costs €60, opened by way of the list as people come to it."""
    service = make_provider().services.get()
    sign_in(page, somebody("Owner"), live_server.url)
    page.goto("/staff/services/")
    page.get_by_role("link", name=service.name).click()
    expect(page.locator("[name=price]")).to_have_value("60.00")
    return service


def test_what_is_typed_in_another_language_undoes_nothing_that_a_colleague_did(page, live_server):
    service = opened_page_of_a_service(page, live_server)
    page.get_by_label("Description").fill("In the garden.")
    Service.objects.update(price="90.00")
    in_spanish(page)
    assert values(page, "description") == ["In the garden."]
    page.locator("main form.desk-form button.primary").click()
    expect(page.get_by_role("alert")).to_contain_text("No se ha guardado")
    service.refresh_from_db()
    assert (service.price, service.description) == (90, "")


def test_what_was_saved_is_not_typed_any_more(page, live_server):
    service = opened_page_of_a_service(page, live_server)
    page.get_by_label("Price in EUR").fill("65.00")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved. What comes next:")).to_be_visible()
    page.get_by_role("link", name="Services", exact=True).click()
    page.get_by_role("link", name=service.name).click()
    expect(page.locator("[name=price]")).to_have_value("65.00")
    Service.objects.update(price="90.00")
    in_spanish(page)
    assert values(page, "price") == ["90.00"]


def test_what_was_looked_at_goes_with_a_change_of_the_language(page, live_server):
    make_provider()
    sign_in(page, somebody("Owner"), live_server.url)
    page.goto("/staff/settings/")
    page.get_by_label("Line about taxes").fill("VAT 12345")
    page.get_by_role("button", name="See what changes").click()
    expect(page.get_by_role("button", name="Save", exact=False).first).to_be_visible()
    in_spanish(page)
    assert values(page, "TAX_LINE") == ["VAT 12345"]
