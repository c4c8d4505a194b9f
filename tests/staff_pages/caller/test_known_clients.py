"""A client who has come before is offered while somebody types, and a press fills in the form."""

import re

import pytest

from tests.booking.clock import dublin
from tests.factories import make_appointment
from tests.pages import Page, page_and_htmx
from tests.staff_pages.caller.form import KEPT, TEN, look_up, opened, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


@pytest.fixture
def known(provider):
    return make_appointment(
        provider=provider,
        at=dublin(5, "10:00"),
        status="confirmed",
        email="zoe@example.com",
        client_name="Zoë O’Neill",
        client_phone=KEPT,
    )


@pytest.mark.parametrize(
    "typed",
    [
        {"client_name": "oneill"},
        {"client_name": "ZOE"},
        {"client_name": "", "client_email": "zoe@ex"},
        {"client_name": "", "client_phone": "087 12"},
        {"client_name": "O'Neill", "client_phone": "(087) 123 4567"},
    ],
)
def test_a_few_letters_are_enough(desk, known, typed):
    page = look_up(desk, opened(desk), **typed)
    assert page.buttons == [("fill", str(known.pk))]
    assert {"Zoë O’Neill", "zoe@example.com", "+353 87 123 4567"} <= set(page.text)


@pytest.mark.parametrize(
    "typed", [{"client_name": "z"}, {"client_name": "", "client_phone": "087"}, {"client_name": ""}]
)
def test_less_than_that_looks_nothing_up(desk, known, typed):
    page = look_up(desk, opened(desk), **typed)
    assert (page.buttons, page.text) == ([], [])


def test_somebody_new_is_said_to_be_new(desk, known):
    page = look_up(desk, opened(desk), client_name="Jo Malone")
    assert page.text == ["Nobody known by that. You can book them as a new client."]


@page_and_htmx
def test_a_press_fills_in_the_details_and_loses_nothing_typed(desk, known, headers):
    form = opened(desk)
    answer = send(desk, form, fill=str(known.pk), client_name="zo", note="Crutches", paying="free", headers=headers)
    page = Page(answer)
    assert (answer.status_code, answer["HX-Push-Url"]) == (200, "false")
    filled = ("client_name", "client_email", "client_phone", "note", "appointment_time")
    assert [page.fields[name] for name in filled] == [
        "Zoë O’Neill",
        "zoe@example.com",
        "+353 87 123 4567",
        "Crutches",
        TEN,
    ]
    [free] = [tag for tag in re.findall("<input[^>]*>", page.html) if 'value="free"' in tag]
    assert "checked" in free


def test_without_javascript_a_button_lists_the_same_clients_on_the_page(desk, known):
    page = Page(send(desk, opened(desk), find="", client_name="neill"))
    assert ("fill", str(known.pk)) in page.buttons
    assert page.fields["client_name"] == "neill"


def test_a_provider_is_offered_only_clients_of_their_own(ada, other, known):
    theirs = make_appointment(provider=other, at=dublin(6, "10:00"), email="zoe.other@example.com", client_name="Zoe")
    form = opened(ada)
    assert look_up(ada, form, client_name="zoe").buttons == [("fill", str(known.pk))]
    assert send(ada, form, fill=str(theirs.pk)).status_code == 404


@pytest.mark.parametrize("number", ["", "x", "9" * 30, "9" * 5000, "٣", "²", "\x00"])
def test_nobody_is_filled_in_by_a_number_that_is_none(desk, known, number):
    assert send(desk, opened(desk), fill=number).status_code == 404


@pytest.mark.parametrize("clients", [1, 20])
def test_a_look_up_costs_the_same_however_many_are_known(desk, provider, clients, engine, django_assert_num_queries):
    for number in range(clients):
        make_appointment(provider=provider, at=dublin(3 + number, "10:00"), email=f"jo{number}@example.com")
    form = opened(desk)
    with django_assert_num_queries({"sqlite3": 7, "postgresql": 8}[engine]):
        assert len(look_up(desk, form, client_name="jo").buttons) == min(clients, 5)


def test_of_many_that_fit_it_is_said_that_there_are_more(desk, provider):
    for number in range(6):
        make_appointment(provider=provider, at=dublin(3 + number, "10:00"), email=f"jo{number}@example.com")
    form = opened(desk)
    assert "More clients fit. Type more letters to find the others." in look_up(desk, form, client_name="jo").text
    assert [words for words in look_up(desk, form, client_name="jo3").text if "More" in words] == []
