"""Addresses of the booking page that name nobody, no day or no time are answered with a sentence and a way on."""

import re
from html import unescape

import pytest

from tests.booking.clock import instant
from tests.booking.pages.book_page import BELL, MARKUP, NUL, TEN, WRONG_TIMES, address, chosen
from tests.factories import make_appointment, make_provider, make_service
from tests.pages import Page, page_and_htmx

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


@pytest.mark.parametrize(
    "query",
    [
        {"provider": "nobody"},
        {"provider": "nobody", "service": "consultation"},
        {"provider": "dr-ada-byrne", "service": "nothing"},
        {"provider": "dr-ada-byrne", "service": "somebody-elses"},
        {"provider": "dr-ada-byrne", "service": "retired"},
        {"provider": "away", "service": "consultation"},
        {"provider": "away"},
        {"provider": NUL},
        {"provider": f"dr-ada-byrne{NUL}"},
        {"provider": BELL, "service": BELL},
        {"provider": "x" * 3000, "service": "x" * 3000},
        {"provider": "' OR 1=1 --", "service": "consultation"},
    ],
    ids=str,
)
@page_and_htmx
def test_who_or_what_we_do_not_know_is_404_with_the_list(client, query, headers):
    service = make_service()
    make_provider(services=[service, make_service(name="Retired", active=False)])
    make_provider(name="Away", services=[service], active=False)
    make_provider(name="Bo Lund", services=[make_service(name="Somebody elses")])
    response = client.get(address(**query), headers=headers)
    page = Page(response)
    assert response.status_code == 404
    assert page.problem == ["We do not know this provider or service. Choose from the list."]
    assert page.heading("h2") == ["Bo Lund", "Dr Ada Byrne"]


def test_invalid_utf8_in_an_address_is_404(client, provider):
    assert client.get("/?provider=%FF%FE&service=%C3").status_code == 404


NO_DAY = "There is no such day. Choose one from the calendar."
NOT_HERE = "That day cannot be booked here. Choose one from the calendar."


@pytest.mark.parametrize(
    ("date", "sentence"),
    [
        ("rubbish", NO_DAY),
        ("2026-02-30", NO_DAY),
        ("2026-13", NO_DAY),
        ("2026-00", NO_DAY),
        ("2026-6-2", NO_DAY),
        ("02/06/2026", NO_DAY),
        (NUL, NO_DAY),
        (f"2026-06-02{NUL}", NO_DAY),
        ("x" * 3000, NO_DAY),
        ("\u0662\u0660\u0662\u0666-06-02", NO_DAY),
        (MARKUP, NO_DAY),
        ("2026-05-31", NOT_HERE),
        ("2026-05", NOT_HERE),
        ("2026-08-01", NOT_HERE),
        ("2026-08", NOT_HERE),
        ("0001-01-01", NOT_HERE),
        ("0001-01", NOT_HERE),
        ("9999-12-31", NOT_HERE),
        ("9999-12", NOT_HERE),
    ],
)
@page_and_htmx
def test_a_day_that_cannot_be_is_422_with_the_calendar(client, provider, date, sentence, headers):
    response = client.get(chosen(date=date), headers=headers)
    page = Page(response)
    assert response.status_code == 422
    assert page.problem == [sentence]
    assert page.heading("h1") == ["When suits you?"]
    assert page.links["Mon 1 Jun, 13:00"] == chosen(time="2026-06-01T13:00+01:00")


def test_an_invalid_byte_for_a_day_is_422(client, provider):
    assert client.get(f"{chosen()}&date=%FF").status_code == 422


@pytest.mark.parametrize(("time", "sentence"), WRONG_TIMES)
@page_and_htmx
def test_a_time_that_cannot_be_is_422_with_the_nearest_free_ones(client, provider, time, sentence, headers):
    response = client.get(chosen(time=time), headers=headers)
    page = Page(response)
    assert response.status_code == 422
    assert page.problem[0] == sentence
    alternatives = re.findall(r'<li><a href="([^"]*time=[^"]*)">\w{3} \d+ \w{3}, ', page.html)
    assert len(alternatives) == 3
    assert [client.get(unescape(link)).status_code for link in alternatives] == [200, 200, 200]


def test_a_taken_time_in_an_address_is_409_with_the_nearest_free_ones(client, provider):
    make_appointment(provider=provider, at=instant(TEN))
    page = Page(response := client.get(chosen(time=TEN)))
    assert response.status_code == 409
    assert page.problem[0] == "That time was taken a moment ago."
    assert [words for words in page.problem if words.startswith("Tue")] == [
        "Tue 2 Jun, 09:15",
        "Tue 2 Jun, 09:30",
        "Tue 2 Jun, 10:30",
    ]


def test_a_time_that_is_not_on_offer_opens_its_day(client, provider):
    page = Page(client.get(chosen(time="2026-06-10T03:07+01:00")))
    assert page.heading("h2")[1:] == ["Wednesday 10 June 2026"]


def test_a_refused_address_is_not_echoed_as_markup(client, provider):
    for query in ({"provider": MARKUP}, {"provider": "dr-ada-byrne", "service": MARKUP}):
        assert "<script>alert" not in client.get(address(**query)).content.decode()
