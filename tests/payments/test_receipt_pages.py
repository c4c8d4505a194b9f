"""The pages of receipts: a press makes one, looking makes none, and nobody sees one of another appointment."""

import pytest
from django.test import Client
from django.utils import timezone

from booking.models import Appointment
from payments.models import Payment, Receipt
from payments.receipts import issue
from tests.factories import in_days, make_appointment, make_payment, make_provider, make_taking, to_pay_at_practice
from tests.pages import Page, page_and_htmx, words
from tests.payments.pages import url
from tests.staff import logged_in, somebody

pytestmark = pytest.mark.django_db

NOT_PAID = "Nothing was paid for this appointment so far, so there is no receipt yet."


@pytest.fixture
def provider():
    return make_provider()


@pytest.fixture
def booked(provider):
    row = make_appointment(provider=provider, at=in_days(3, provider=provider), status="confirmed", for_whom="Mia")
    make_payment(row, paid_at=timezone.now())
    return row


@pytest.fixture
def other(provider):
    row = make_appointment(provider=provider, at=in_days(4, provider=provider), status="confirmed")
    make_payment(row, paid_at=timezone.now())
    return row


def of(appointment, label=""):
    return url(appointment, f"receipt/{label}")


def all_goes_back():
    payment = Payment.objects.first()
    payment.refunds.create(attempt=1, amount=6000, reason="staff", status="succeeded")


@page_and_htmx
def test_looking_makes_none_and_the_button_makes_one(booked, headers):
    page = Client().get(of(booked), headers=headers)
    assert (page.status_code, Page(page).actions, Receipt.objects.count()) == (200, [of(booked)], 0)
    made = Client().post(of(booked), headers=headers)
    assert (made.status_code, made["Location"]) == (303, of(booked))
    said = words(Client().get(of(booked), headers=headers))
    assert f"Receipt {Receipt.objects.get().label}" in said


def test_pressed_twice_it_is_one_receipt(booked):
    answers = [Client().post(of(booked)).status_code for _ in range(2)]
    assert (answers, Receipt.objects.count()) == ([303, 303], 1)


@pytest.mark.parametrize("method", ["get", "post"])
@page_and_htmx
def test_before_anything_was_paid_a_sentence_says_so(provider, method, headers):
    row = to_pay_at_practice(provider=provider, due="60.00")
    answer = getattr(Client(), method)(of(row), headers=headers)
    assert (answer.status_code, NOT_PAID in words(answer), Receipt.objects.count()) == (409, True, 0)


def test_once_something_has_changed_a_press_makes_another_that_corrects_it(booked):
    Client().post(of(booked))
    page = Client().get(of(booked))
    assert ("Something has changed" in words(page), Page(page).actions) == (False, [])
    all_goes_back()
    page = Client().get(of(booked))
    assert ("Something has changed since this receipt was made:" in words(page), Page(page).actions) == (
        True,
        [of(booked)],
    )
    Client().post(of(booked))
    first, second = Receipt.objects.all()
    said = words(Client().get(of(booked)))
    assert (f"Receipt {second.label}" in said, f"It corrects receipt {first.label} of" in said) == (True, True)
    assert Page(Client().get(of(booked))).links[f"Receipt {first.label}"] == of(booked, f"{first.label}/")


def test_the_earlier_one_stays_as_it_was_and_says_what_has_taken_its_place(booked):
    first = issue(booked)
    all_goes_back()
    second = issue(booked)
    page = Client().get(of(booked, f"{first.label}/"))
    said = words(page)
    assert ("Paid in all €60.00" in said, "Returned" in said) == (True, False)
    assert "This receipt is no longer true. Receipt" in said
    assert Page(page).links[f"Receipt {second.label}"] == of(booked)
    assert "Paid in all Nothing" in words(Client().get(of(booked, f"{second.label}/")))


@pytest.mark.parametrize("label", ["2026-0009", "x", "2026", "1-1"])
def test_a_number_that_is_no_receipt_of_it_is_not_there(booked, label):
    issue(booked)
    assert Client().get(of(booked, f"{label}/")).status_code == 404


def test_a_receipt_of_another_appointment_is_not_there(booked, other):
    label = issue(other).label
    assert (Client().get(of(other, f"{label}/")).status_code, Client().get(of(booked, f"{label}/")).status_code) == (
        200,
        404,
    )


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_the_reference_there_is_nothing(booked, method):
    answer = getattr(Client(), method)("/payments/no-such-reference/receipt/")
    assert (answer.status_code, Receipt.objects.count()) == (404, 0)


def test_an_earlier_one_cannot_be_posted_to(booked):
    label = issue(booked).label
    assert Client().post(of(booked, f"{label}/")).status_code == 405


def test_no_cache_and_no_search_engine_keeps_it(booked):
    label = issue(booked).label
    for path in (of(booked), of(booked, f"{label}/")):
        answer = Client().get(path)
        assert (answer["X-Robots-Tag"], "no-store" in answer["Cache-Control"]) == ("noindex", True)


def test_it_stays_in_its_language_on_a_page_in_another(booked):
    Appointment.objects.update(language="es")
    issue(booked)
    html = Client().get(of(booked), headers={"Accept-Language": "de"}).content.decode()
    assert ('<html lang="de' in html, '<article class="receipt" lang="es' in html) == (True, True)


def test_a_name_with_markup_is_only_a_name(booked):
    Appointment.objects.update(client_name="<b>Jo</b>")
    issue(booked)
    assert "<bdi>&lt;b&gt;Jo&lt;/b&gt;</bdi>" in Client().get(of(booked)).content.decode()


@pytest.mark.parametrize("many", [1, 12])
def test_it_costs_as_many_queries_for_one_receipt_and_line_as_for_many(booked, many, django_assert_num_queries):
    payment = Payment.objects.get()
    for number in range(many):
        issue(booked)
        payment.refunds.create(attempt=number + 1, amount=100, reason="staff", status="succeeded")
        make_taking(booked, 100)
    with django_assert_num_queries(5):
        Client().get(of(booked))


# Where it is linked


def linked(appointment, browser=None, path=""):
    page = Page((browser or Client()).get(path or f"/appointments/{appointment.reference}/"))
    return page.links.get("Receipt") == of(appointment)


@pytest.mark.parametrize(
    ("facts", "is_linked"),
    [
        ({}, True),
        ({"status": "cancelled"}, True),
        ({"status": "cancelled", "confirmed_at": None}, False),
        ({"status": "expired", "confirmed_at": None}, False),
        ({"price": 0}, False),
        ({"due_at_practice": 20}, True),
        ({"due_at_practice": 60}, False),
        ({"due_at_practice": 60, "taken_at_practice": 10}, True),
    ],
)
def test_the_page_of_an_appointment_leads_to_it_once_something_was_paid(booked, facts, is_linked):
    booked.row.update(**{"cancelled_at": timezone.now(), **facts} if facts.get("status") == "cancelled" else facts)
    assert linked(booked) == is_linked


def test_where_all_that_was_taken_is_undone_its_receipt_is_still_led_to(provider):
    row = to_pay_at_practice(provider=provider, due="60.00")
    entry = make_taking(row, 6000)
    issue(row)
    make_taking(row, -6000, undoes=entry)
    assert linked(row) is True


@pytest.mark.parametrize(("role", "is_linked"), [("Owner", True), ("Reception", True), ("Provider", False)])
def test_at_the_desk_those_who_see_money_are_led_to_it(booked, role, is_linked):
    browser = logged_in(somebody(role, provider=booked.provider))
    assert linked(booked, browser, f"/staff/appointments/{booked.pk}/") == is_linked
