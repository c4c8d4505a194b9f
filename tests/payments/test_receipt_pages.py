"""The pages of receipts: a press makes one, looking makes none, and nobody sees one of another appointment."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from booking.models import Appointment, Change
from payments.models import Payment, Receipt
from payments.receipts import can_be_asked_for, issue
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
    assert ("This receipt no longer says all. Something has changed" in words(page), Page(page).actions) == (
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
    assert "Paid, less what was returned Nothing" in words(Client().get(of(booked, f"{second.label}/")))


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
        ({"due_at_practice": 60}, True),
        ({"due_at_practice": 60, "taken_at_practice": 10}, True),
    ],
)
def test_the_page_of_an_appointment_leads_to_it_once_something_was_paid(booked, facts, is_linked):
    booked.row.update(**{"cancelled_at": timezone.now(), **facts} if facts.get("status") == "cancelled" else facts)
    assert linked(booked) == is_linked


@pytest.mark.parametrize("facts", [{}, {"status": "open", "amount_captured": 0}, {"problem": "paid twice"}])
def test_it_does_not_while_all_is_still_to_be_paid_at_the_practice(provider, grace, facts):
    row = to_pay_at_practice(provider=provider, due="60.00")
    if facts:
        make_payment(row, **facts)
    assert (linked(row), desk(row, "receipt/") in Page(grace.get(desk(row))).links.values()) == (False, False)


def test_where_a_rest_that_was_all_of_the_price_has_gone_back_both_pages_lead_to_it(provider, grace):
    row = to_pay_at_practice(provider=provider, due="60.00")
    rest = make_payment(row, is_rest=True, paid_at=timezone.now())
    rest.refunds.create(attempt=1, amount=6000, reason="staff", status="succeeded")
    assert (linked(row), desk(row, "receipt/") in Page(grace.get(desk(row))).links.values()) == (True, True)


@pytest.mark.parametrize("many", [1, 12])
def test_whether_to_lead_to_it_costs_one_query_however_much_there_is(provider, many, django_assert_num_queries):
    row = to_pay_at_practice(provider=provider, due="60.00")
    for _ in range(many):
        make_payment(row, is_rest=True, paid_at=timezone.now())
    with django_assert_num_queries(1):
        assert can_be_asked_for(row) is True


def test_where_all_that_was_taken_is_undone_its_receipt_is_still_led_to(provider):
    row = to_pay_at_practice(provider=provider, due="60.00")
    entry = make_taking(row, 6000)
    issue(row)
    make_taking(row, -6000, undoes=entry)
    assert linked(row) is True


# What it says beside its lines


@pytest.mark.parametrize(("taken", "left"), [(0, "€40.00"), (15, "€25.00"), (40, None)])
def test_of_a_part_payment_it_says_what_is_left_to_pay(provider, taken, left):
    row = to_pay_at_practice(provider=provider, due="40.00", taken_at_practice=taken)
    make_payment(row, amount=2000, amount_captured=2000, paid_at=timezone.now())
    if taken:
        make_taking(row, taken * 100)
    made = issue(row)
    assert made.left_to_pay == row.left_at_practice
    total = "€20.00" if not taken else f"€{20 + taken}.00"
    said = words(Client().get(of(row)))
    assert (f"Paid in all {total} Left to pay {left}" in said) == bool(left)
    assert ("Left to pay" in said) == bool(left)


@pytest.mark.parametrize("kind", ["refund", "by hand", "bank"])
def test_once_something_that_was_paid_online_went_back_it_says_nothing_of_what_is_left(provider, kind):
    """A rest that went back is due again, and what was given back out of goodwill is not."""
    row = to_pay_at_practice(provider=provider, due="40.00", taken_at_practice=15)
    make_payment(row, amount=2000, amount_captured=2000, paid_at=timezone.now())
    rest = make_payment(row, amount=2500, amount_captured=2500, is_rest=True, paid_at=timezone.now())
    entry = make_taking(row, 1500)
    assert issue(row).left_to_pay == 0
    if kind == "bank":
        Payment.objects.filter(pk=rest.pk).update(dispute="lost", charged_back=2500, taken_back=2500)
    else:
        rest.refunds.create(attempt=1, amount=2500, reason=kind.replace("refund", "staff"), status="succeeded")
    make_taking(row, -1500, undoes=entry)
    assert (issue(row).left_to_pay, "Left to pay" in words(Client().get(of(row)))) == (None, False)


def test_what_was_taken_off_again_at_the_practice_is_left_to_pay(provider):
    row = to_pay_at_practice(provider=provider, due="40.00", taken_at_practice=40)
    make_payment(row, amount=2000, amount_captured=2000, paid_at=timezone.now())
    entry = make_taking(row, 4000)
    assert issue(row).left_to_pay == 0
    make_taking(row, -4000, undoes=entry)
    assert issue(row).left_to_pay == 40


def test_nothing_is_left_to_pay_of_what_is_cancelled(booked):
    booked.row.update(status="cancelled", cancelled_at=timezone.now(), due_at_practice=40)
    Payment.objects.update(amount_captured=2000)
    assert issue(booked).left_to_pay == 0


@pytest.mark.parametrize(
    ("is_sandbox", "session", "said"),
    [
        (True, "cs_test_1", [True, False]),
        (False, "cs_test_1", [False, True]),
        (False, "cs_live_1", [False, False]),
    ],
    ids=["the sandbox", "test mode", "live mode"],
)
def test_pretended_money_is_said_to_be_that_also_once_the_site_takes_real_money(
    booked, settings, is_sandbox, session, said
):
    settings.STRIPE_SANDBOX, settings.STRIPE_LIVEMODE = is_sandbox, not is_sandbox
    Payment.objects.update(checkout_session_id=session)
    first = issue(booked)
    all_goes_back()
    issue(booked)
    sentences = ["Demonstration: no money moved.", "This is a test: no money was paid online."]
    for address in (of(booked), of(booked, f"{first.label}/")):
        document = Client().get(address).content.decode().partition('<article class="receipt"')[2]
        assert [sentence in document for sentence in sentences] == said


def test_what_was_taken_at_the_practice_is_no_test(provider, settings):
    settings.STRIPE_SANDBOX = False
    booked = to_pay_at_practice(provider=provider)
    make_payment(booked, status="expired", amount_captured=0)
    make_taking(booked, 4000)
    issue(booked)
    assert "This is a test" not in words(Client().get(of(booked)))


def test_what_is_around_it_speaks_its_language_too(booked):
    Appointment.objects.update(language="es")
    issue(booked)
    all_goes_back()
    html = Client().get(of(booked), headers={"Accept-Language": "de"}).content.decode()
    sheet = html.partition('<div class="sheet receipt-page" lang="es')[2]
    assert ("Imprimir" in sheet, "Drucken" in sheet, "Recibo" in html.partition("</title>")[0]) == (True, False, True)


# At the desk


@pytest.fixture
def grace():
    return logged_in(somebody("Reception", name="grace"))


def desk(appointment, part=""):
    return f"/staff/appointments/{appointment.pk}/{part}"


@pytest.mark.parametrize(("role", "is_linked"), [("Owner", True), ("Reception", True), ("Provider", False)])
def test_at_the_desk_those_who_see_money_are_led_to_it(booked, role, is_linked):
    browser = logged_in(somebody(role, provider=booked.provider))
    leads_there = desk(booked, "receipt/") in Page(browser.get(desk(booked))).links.values()
    may_see_it = browser.get(desk(booked, "receipt/")).status_code == 200
    assert (leads_there, may_see_it) == (is_linked, is_linked)


def test_the_link_at_the_desk_says_its_number_and_whether_it_is_outdated(booked, grace):
    def link():
        [words] = [words for words, path in Page(grace.get(desk(booked))).links.items() if path.endswith("/receipt/")]
        return words

    assert link() == "Make a receipt"
    label = issue(booked).label
    assert link() == f"Receipt {label}"
    all_goes_back()
    assert link() == f"Receipt {label}, outdated: make a new one"


@page_and_htmx
def test_the_desk_makes_it_within_its_own_frame_and_its_story_tells_of_it(booked, grace, headers):
    page = grace.get(desk(booked, "receipt/"), headers=headers)
    assert (page.status_code, desk(booked, "receipt/") in Page(page).actions) == (200, True)
    made = [grace.post(desk(booked, "receipt/"), headers=headers) for _ in range(2)]
    assert [(one.status_code, one["Location"]) for one in made] == [(303, desk(booked, "receipt/"))] * 2
    label = Receipt.objects.get().label
    page = grace.get(desk(booked, "receipt/"), headers=headers)
    assert f"Receipt {label}" in words(page)
    assert desk(booked) in Page(page).links.values()
    assert words(grace.get(desk(booked))).count(f"Receipt {label} was made.") == 1


def test_the_story_tells_of_one_that_the_client_made_to_whoever_sees_money(booked, grace):
    Client().post(of(booked))
    said = f"Receipt {Receipt.objects.get().label} was made."
    bea = logged_in(somebody("Provider", name="bea", provider=booked.provider))
    assert [said in words(browser.get(desk(booked))) for browser in (grace, bea)] == [True, False]


def test_a_receipt_writes_no_change_that_the_desk_of_an_earlier_release_has_no_words_for(booked):
    issue(booked)
    assert Change.objects.count() == 0


def test_that_a_receipt_was_made_keeps_nobody_from_what_they_were_about_to_do(booked, grace):
    seen = Page(grace.get(desk(booked, "cancel/"))).fields["seen"]
    Client().post(of(booked))
    assert Page(grace.get(desk(booked, "cancel/"))).fields["seen"] == seen


def test_the_desk_reads_its_own_language_around_the_clients_paper(booked, grace):
    Appointment.objects.update(language="es")
    first = issue(booked)
    all_goes_back()
    issue(booked)
    said = words(grace.get(desk(booked, f"receipt/{first.label}/"), headers={"Accept-Language": "en"}))
    assert ("Recibo" in said, "Print, or save as PDF" in said) == (True, True)
    assert "The receipt is in the client’s language: español." in said


@pytest.mark.parametrize("method", ["get", "post"])
def test_at_the_desk_too_there_is_none_before_anything_was_paid(provider, grace, method):
    row = to_pay_at_practice(provider=provider, due="60.00")
    answer = getattr(grace, method)(desk(row, "receipt/"))
    assert (answer.status_code, NOT_PAID in words(answer), Receipt.objects.count()) == (409, True, 0)


def test_a_receipt_of_another_diary_is_not_there(booked, grace):
    label = issue(booked).label
    other = make_provider(name="Bea Roth", services=[booked.service])
    user = somebody("Provider", provider=other)
    user.user_permissions.add(Permission.objects.get(codename="view_payment"))
    browser = logged_in(user)
    paths = [desk(booked, "receipt/"), desk(booked, f"receipt/{label}/")]
    assert [browser.get(path).status_code for path in paths] == [404, 404]
    assert grace.get(desk(booked, "receipt/2026-9999/")).status_code == 404


@pytest.mark.parametrize("many", [1, 12])
def test_the_appointment_at_the_desk_costs_as_many_queries_for_one_receipt_as_for_many(booked, grace, many):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            grace.get(desk(booked))
        return len(captured)

    issue(booked)
    of_one = queries()
    for number in range(many):
        Payment.objects.get().refunds.create(attempt=number + 1, amount=100, reason="staff", status="succeeded")
        issue(booked)
    assert queries() == of_one
