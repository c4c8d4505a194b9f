"""A provider, a service, a day and a time are chosen by links, as whole pages or as the part that htmx swaps in."""

import re
from html import unescape

import pytest

from booking.models import Appointment
from tests.booking.clock import instant
from tests.booking.pages.book_page import TEN, address, chosen, form
from tests.factories import make_appointment, make_provider, make_service
from tests.pages import Page
from tests.shapes import HTMX

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


# From link to link


def test_the_page_is_walked_by_its_links_from_nothing_to_a_hold(client, provider):
    make_provider(name="Bo Lund", services=[make_service(name="Call")])
    start = Page(client.get("/"))
    assert start.heading("h1") == ["Who would you like to see?"]
    when = Page(client.get(start.links["Consultation"]))
    assert when.heading("h1") == ["When suits you?"]
    assert when.links["Mon 1 Jun, 13:00"] == chosen(time="2026-06-01T13:00+01:00")
    day = Page(client.get(when.links["3"]))
    assert "Wednesday 3 June 2026" in day.heading("h2")
    details = Page(client.get(day.links["10:30"]))
    assert details.heading("h1") == ["Your details"]
    assert details.fields["appointment_time"] == "2026-06-03T10:30+01:00"
    [action] = details.actions
    typed = {**details.fields, "client_email": "jo@example.com"}
    answer = client.post(unescape(action), typed)
    held = Appointment.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/payments/{held.reference}/")
    assert (held.status, held.appointment_time) == ("held", instant("2026-06-03T10:30+01:00"))


def test_each_choice_can_be_changed_by_a_link(client, provider):
    provider.services.add(make_service(name="Call"))
    make_provider(name="Bo Lund", services=[make_service(name="Visit")])
    details = Page(client.get(chosen(time=TEN)))
    changes = re.findall(r'<a href="([^"]*)" aria-label="Change (\w+)"', details.html)
    assert {what: unescape(where) for where, what in changes} == {
        "provider": "/",
        "service": "/?provider=dr-ada-byrne",
        "time": chosen(date="2026-06-02"),
    }
    assert [client.get(unescape(where)).status_code for where, _ in changes] == [200, 200, 200]


def test_months_are_turned_as_far_as_the_horizon_and_no_further(client, provider):
    june = Page(client.get(chosen()))
    assert june.links["›"] == chosen(date="2026-07")
    assert "‹" not in june.links
    july = Page(client.get(june.links["›"]))
    assert july.links["‹"] == chosen(date="2026-06")
    assert "›" not in july.links
    assert "Wednesday 1 July 2026" in july.heading("h2")
    assert "31" in july.links


def test_every_link_of_every_step_leads_to_a_page(client, provider):
    for step in (address(), address(provider="dr-ada-byrne"), chosen(), chosen(date="2026-06-04"), chosen(time=TEN)):
        links = [link for link in Page(client.get(step)).links.values() if link.startswith("/?")]
        assert [client.get(link).status_code for link in links] == [200] * len(links)


def test_a_day_lists_its_free_times_and_not_the_taken_one(client, provider):
    make_appointment(provider=provider, at=instant(TEN))
    page = Page(client.get(chosen(date="2026-06-02")))
    assert page.times[:4] == ["09:00", "09:30", "10:30", "11:00"]


def test_times_are_on_the_providers_clock_and_their_links_work_east_and_west(client):
    make_provider(zone="America/New_York", hours=[("09:00", "09:30")])
    make_provider(name="Bo Lund", zone="Asia/Kolkata", services=[make_service(name="Yoga")], hours=[("09:00", "09:30")])
    for query, time in (
        ({"provider": "dr-ada-byrne", "service": "consultation"}, "2026-06-02T09:00-04:00"),
        ({"provider": "bo-lund", "service": "yoga"}, "2026-06-02T09:00+05:30"),
    ):
        page = Page(client.get(address(**query, date="2026-06-02")))
        assert page.links["09:00"] == address(**query, time=time)
        assert Page(client.get(page.links["09:00"])).fields["appointment_time"] == time


def test_an_address_that_lost_its_plus_sign_to_a_space_is_read_as_meant(client, provider):
    page = Page(client.get(f"{chosen()}&time={TEN}"))
    assert page.fields["appointment_time"] == TEN


def test_what_cannot_be_booked_is_not_shown(client):
    service, gone = make_service(), make_service(name="Gone", active=False)
    make_provider(name="Ann Able", services=[service, gone])
    make_provider(name="Bo Away", services=[service], active=False)
    make_provider(name="Cy Empty", services=[gone])
    make_provider(name="Di Able", services=[make_service(name="Other")])
    assert Page(client.get("/")).heading("h2") == ["Ann Able", "Di Able"]
    assert "Gone" not in client.get("/").content.decode()


def numbers(page):
    """How often a page links to the practice's number in its content: at its foot each page does."""
    return page.html.partition("</main>")[0].count('<a class="action" href="tel:+35315550100">+353 1 555 0100</a>')


def test_a_practice_with_nobody_says_so_and_its_number_if_it_has_one(client, settings):
    page = Page(client.get("/"))
    assert "Nobody can be booked online yet. Please ask the practice." in page.text
    assert "tel:" not in page.html
    settings.PRACTICE_PHONE = "+353 1 555 0100"
    assert numbers(Page(client.get("/"))) == 1


def test_a_provider_without_free_times_says_so_and_the_number_of_the_practice(client, provider, settings):
    provider.working_hours.all().delete()
    settings.PRACTICE_PHONE = "+353 1 555 0100"
    response = client.get(chosen())
    assert (response.status_code, numbers(Page(response))) == (200, 1)
    assert any("no free times in the next weeks" in words for words in Page(response).text)


# One address answers with a whole page or with a part


STEPS = [
    pytest.param(address(), id="offer"),
    pytest.param(chosen(), id="when"),
    pytest.param(chosen(time=TEN), id="details"),
    pytest.param(address(provider="nobody"), id="refused"),
]


@pytest.mark.parametrize("step", STEPS)
def test_a_page_is_whole_and_its_partial_is_what_goes_into_main(client, provider, step):
    whole, part = client.get(step), client.get(step, headers=HTMX)
    assert whole.status_code == part.status_code
    assert [tag for tag in ("html", "head", "body", "main") if tag in Page(whole).tags] == [
        "html",
        "head",
        "body",
        "main",
    ]
    assert [tag for tag in ("html", "head", "body", "main") if tag in Page(part).tags] == []
    assert Page(part).heading("title") == Page(whole).heading("title")
    assert Page(part).heading("h1") == Page(whole).heading("h1")
    assert Page(part).links.items() <= Page(whole).links.items()


@pytest.mark.parametrize("step", STEPS)
def test_both_bodies_say_that_they_vary(client, provider, step):
    for response in (client.get(step), client.get(step, headers=HTMX)):
        assert {"HX-Request", "Cookie"} - set(response["Vary"].split(", ")) == set()


def test_only_a_refusal_keeps_its_address_out_of_the_history(client, provider):
    assert client.get(address(provider="nobody"), headers=HTMX)["HX-Push-Url"] == "false"
    assert client.post("/", form(client_email="jo"), headers=HTMX)["HX-Push-Url"] == "false"
    assert client.get(chosen(), headers=HTMX).has_header("HX-Push-Url") is False
    assert client.get(address(provider="nobody")).has_header("HX-Push-Url") is False


def test_a_booking_over_htmx_is_a_plain_redirect_to_follow(client, provider):
    response = client.post("/", form(), headers=HTMX)
    assert response.status_code == 303
    assert client.get(response["Location"], headers=HTMX).status_code == 200


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_405(client, provider, method):
    response = getattr(client, method)("/")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")


def test_a_head_request_answers_like_a_get_without_a_body(client, provider):
    response = client.head(chosen(time=TEN))
    assert (response.status_code, response.content) == (200, b"")
