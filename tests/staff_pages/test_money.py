"""The month at the desk: figures, tables and plot of the practice's money, and a file of it for a spreadsheet."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from booking.models import Appointment, Provider, Service
from payments.receipts import issue
from staff.movements import COLUMNS
from tests.factories import make_appointment, make_payment, make_provider, make_service, make_taking
from tests.pages import Page, page_and_htmx, problem, words
from tests.spreadsheet import read
from tests.staff import logged_in, somebody

pytestmark = pytest.mark.django_db

MIDDLE = datetime(2026, 5, 15, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def june(noon_in_dublin, settings):
    """It is 1 June 2026 in Dublin."""
    settings.TIME_ZONE = "Europe/Dublin"


@pytest.fixture
def owner():
    return logged_in(somebody("Owner"))


@pytest.fixture
def appointment(provider):
    return make_appointment(provider=provider, at=MIDDLE, status="confirmed")


def open_month(browser, month="2026-05"):
    return browser.get("/staff/money/", {"month": month})


def download(browser, month="2026-05"):
    return browser.get("/staff/money/movements.csv", {"month": month})


def figures(answer):
    """Return each figure by its name, with the words below it."""
    found = re.findall(r"<dt>(.*?)</dt>\s*<dd>\s*<strong>(.*?)</strong>(.*?)</dd>", answer.text, re.DOTALL)
    return {name: [amount, *re.findall(r"<span>(.*?)</span>", notes)] for name, amount, notes in found}


def tables(answer):
    """Return the rows of each table by its name: what its cells say."""
    named = re.findall(r'<table class="sums".*?aria-label="(.*?)".*?>(.*?)</table>', answer.text, re.DOTALL)
    rows = {name: re.findall(r"<tr.*?>(.*?)</tr>", table, re.DOTALL) for name, table in named}
    return {name: [re.findall(r"> ?([^<>]+)</t[hd]>", row) for row in some] for name, some in rows.items()}


def test_the_month_says_what_was_taken_returned_and_is_still_to_be_paid(owner, provider, appointment):
    payment = make_payment(appointment, paid_at=MIDDLE, fee=115, fee_currency="eur")
    payment.refunds.create(attempt=1, reason="staff", amount=2500, status="succeeded", sent_at=MIDDLE)
    make_payment(appointment, paid_at=MIDDLE - timedelta(days=30), amount_captured=7000)
    make_payment(appointment, paid_at=MIDDLE, dispute="lost", amount_captured=1000)
    due = {"due_at_practice": Decimal("40.00"), "taken_at_practice": Decimal("15.00"), "no_show_at": MIDDLE}
    unpaid = make_appointment(provider=provider, at=MIDDLE + timedelta(hours=1), status="confirmed", **due)
    make_taking(unpaid, 1500, taken_at=MIDDLE)
    assert figures(open_month(owner)) == {
        "Taken online": ["€70.00", "2 payments", "As much as in April 2026"],
        "Taken at the practice": ["€15.00", "Cash: €15.00", "€15.00 more than in April 2026"],
        "Returned": ["€25.00", "1 refund", "€25.00 more than in April 2026"],
        "Taken, minus what was returned": ["€60.00", "€10.00 less than in April 2026"],
        "Stripe’s fees": ["€1.15", "Stripe has not said the fee of 1 payment yet"],
        "Disputed": ["€10.00", "1 payment, which a bank holds or has taken back"],
        "Still to be paid": ["€25.00", "1 appointment"],
        "Did not come": ["€60.00", "1 appointment"],
    }


def test_a_fee_in_the_currency_of_another_account_is_shown_in_it(owner, appointment):
    make_payment(appointment, paid_at=MIDDLE, fee=900, fee_currency="hkd")
    said = words(open_month(owner))
    assert ("HK$9.00" in said, "has not said the fee" in said) == (True, False)


def test_tables_add_up_by_provider_by_service_and_by_day(owner, provider, appointment):
    make_payment(appointment, paid_at=MIDDLE)
    other = make_provider(name="Bea Roth", services=[make_service(name="Massage")])
    make_taking(make_appointment(provider=other, at=MIDDLE, status="confirmed"), 1500, taken_at=MIDDLE)
    shown = tables(open_month(owner))
    heads = ["Taken online", "Taken at the practice", "Returned", "Still to be paid", "Did not come"]
    nothing = ["€0.00"] * 3
    assert shown["By provider, in EUR"] == [
        ["Provider", *heads],
        ["Bea Roth", "€0.00", "€15.00", *nothing],
        ["Dr Ada Byrne", "€60.00", "€0.00", *nothing],
        ["All", "€60.00", "€15.00", *nothing],
    ]
    assert [row[0] for row in shown["By service, in EUR"]] == ["Service", "Consultation", "Massage", "All"]
    assert shown["Day by day, in EUR"] == [
        ["Day", "Taken online", "Cash", "Taken at the practice", "Returned"],
        ["Friday 15 May 2026", "€60.00", "€15.00", "€15.00", "€0.00"],
        ["All", "€60.00", "€15.00", "€15.00", "€0.00"],
    ]


def test_amounts_of_nothing_are_marked_as_a_phone_leaves_them_out(owner, appointment):
    make_payment(appointment, paid_at=MIDDLE)
    cells = re.findall(r'<td role="cell"( class="nothing")?><span>.*?</span> (.*?)</td>', open_month(owner).text)
    assert {(amount, bool(mark)) for mark, amount in cells} == {("€60.00", False), ("€0.00", True)}


def test_what_was_taken_at_the_practice_is_told_apart_by_its_means_so_that_the_drawer_can_be_counted(
    owner, appointment
):
    for amount, method in ((3000, "cash"), (2000, "terminal"), (1000, "transfer"), (500, "cash")):
        make_taking(appointment, amount, taken_at=MIDDLE, method=method)
    make_taking(appointment, 700, taken_at=MIDDLE + timedelta(days=1))
    answer = open_month(owner)
    assert figures(answer)["Taken at the practice"] == [
        "€72.00",
        "Cash: €42.00",
        "Card terminal: €20.00",
        "Bank transfer: €10.00",
    ]
    assert tables(answer)["Day by day, in EUR"] == [
        ["Day", "Taken online", "Cash", "Card terminal", "Bank transfer", "Taken at the practice", "Returned"],
        ["Friday 15 May 2026", "€0.00", "€35.00", "€20.00", "€10.00", "€65.00", "€0.00"],
        ["Saturday 16 May 2026", "€0.00", "€7.00", "€0.00", "€0.00", "€7.00", "€0.00"],
        ["All", "€0.00", "€42.00", "€20.00", "€10.00", "€72.00", "€0.00"],
    ]


def undone(appointment, amount, method, back_by):
    entry = make_taking(appointment, amount, taken_at=MIDDLE, method=method)
    make_taking(appointment, -amount, taken_at=MIDDLE, undoes=entry, method=back_by)


def test_what_was_undone_is_said_so_that_page_and_file_can_be_compared_by_eye(owner, appointment):
    make_taking(appointment, 4000, taken_at=MIDDLE)
    undone(appointment, 4000, "cash", "cash")
    assert figures(open_month(owner))["Taken at the practice"] == [
        "€40.00",
        "Cash: €40.00, which is €80.00 less €40.00 undone",
    ]
    rows = read(download(owner).text)
    assert [sum(Decimal(row[way] or 0) for row in rows) for way in ("in", "out")] == [80, 40]


def test_what_went_back_by_another_means_lowers_that_one(owner, appointment):
    make_taking(appointment, 4000, taken_at=MIDDLE)
    undone(appointment, 1500, "cash", "transfer")
    assert figures(open_month(owner))["Taken at the practice"] == [
        "€40.00",
        "€55.00, less €15.00 undone",
        "Cash: €55.00",
        "Bank transfer: -€15.00, which is €0.00 less €15.00 undone",
    ]


def test_a_day_on_which_all_that_was_taken_is_undone_has_its_row(owner, appointment):
    undone(appointment, 4000, "cash", "cash")
    make_taking(appointment, 700, taken_at=MIDDLE + timedelta(days=1))
    assert [row[:4] for row in tables(open_month(owner))["Day by day, in EUR"]] == [
        ["Day", "Taken online", "Cash", "Taken at the practice"],
        ["Friday 15 May 2026", "€0.00", "€0.00", "€0.00"],
        ["Saturday 16 May 2026", "€0.00", "€7.00", "€7.00"],
        ["All", "€0.00", "€7.00", "€7.00"],
    ]


def test_a_first_month_is_not_compared_with_nothing(owner, appointment):
    make_payment(appointment, paid_at=MIDDLE)
    assert [note for notes in figures(open_month(owner)).values() for note in notes if "April" in note] == []


def test_the_plot_has_a_bar_for_each_thing_on_its_day(owner, appointment):
    payment = make_payment(appointment, paid_at=MIDDLE)
    payment.refunds.create(attempt=1, reason="staff", amount=2000, status="succeeded", sent_at=MIDDLE)
    make_taking(appointment, 3000, taken_at=MIDDLE)
    answer = open_month(owner)
    bars = re.findall(r'<rect class="(online|practice|returned)"\s+x="(\d+)"\s+y="(\d+)"', answer.text)
    # A hundred and sixty for 110 euros, and 20 for each of the fourteen days before.
    assert bars == [("online", "282", "44"), ("practice", "282", "0"), ("returned", "282", "133")]
    assert ('role="img"' in answer.text, "The highest bar is €90.00." in words(answer)) == (True, True)
    assert "style=" not in answer.text


def test_of_two_currencies_each_is_shown_by_itself(owner, appointment):
    make_payment(appointment, paid_at=MIDDLE)
    make_payment(appointment, paid_at=MIDDLE, currency="chf", amount_captured=5000)
    answer = open_month(owner)
    assert Page(answer).heading("h2")[:1] == ["In EUR"]
    assert re.findall(r"<dt>Taken online</dt>\s*<dd>\s*<strong>(.*?)</strong>", answer.text) == [
        "€60.00",
        "CHF\N{NO-BREAK SPACE}50.00",
    ]


@page_and_htmx
def test_an_empty_month_says_so(owner, headers):
    answer = owner.get("/staff/money/", {"month": "2026-02"}, headers=headers)
    assert Page(answer).heading("h1") == ["February 2026"]
    assert "Nothing was paid or returned in February 2026, and nothing is still to be paid." in words(answer)
    assert "Download" not in words(answer)


def test_without_a_choice_it_is_the_present_month_and_not_over(owner, appointment):
    make_payment(appointment, paid_at=datetime(2026, 6, 1, 9, tzinfo=UTC))
    answer = owner.get("/staff/money/")
    assert Page(answer).heading("h1") == ["June 2026"]
    assert "The month is not over" in words(answer)
    assert [Page(answer).links[sign] for sign in "‹›"] == ["/staff/money/?month=2026-05", "/staff/money/?month=2026-07"]


@pytest.mark.parametrize(
    "month", ["1900-01", "1999-12", "2100-01", "2026-13", "2026-00", "soon", "2026-5", "٢٠٢٦-٠٥", "2026-05\n"]
)
@pytest.mark.parametrize("ask", [open_month, download])
def test_what_is_no_month_is_said_and_the_present_one_is_shown(owner, ask, month):
    answer = ask(owner, month)
    assert (answer.status_code, Page(answer).heading("h1")) == (422, ["June 2026"])
    assert problem(answer) == (
        "There is no such month in the books, so this is the present one. Type a month from 2000 to 2099, like 2026-12."
    )


@pytest.mark.parametrize(("month", "sign"), [("2000-01", "‹"), ("2099-12", "›")])
def test_the_first_month_and_the_last_lead_no_further(owner, month, sign):
    answer = open_month(owner, month)
    assert (answer.status_code, sign in Page(answer).links) == (200, False)


def test_the_file_says_what_of_a_payment_a_bank_holds(owner, appointment):
    make_payment(appointment, paid_at=MIDDLE, dispute="under_review", charged_back=1500)
    [row] = read(download(owner).text)
    assert (row["in"], row["dispute"], row["charged_back"]) == ("60.00", "under_review", "15.00")


def test_the_file_has_a_line_for_each_movement(owner, appointment):
    payment = make_payment(appointment, paid_at=MIDDLE, fee=115, fee_currency="eur", dispute="won")
    payment.refunds.create(attempt=1, reason="by hand", amount=500, status="succeeded")
    payment.refunds.update(created_at=MIDDLE + timedelta(hours=1))
    taking = make_taking(appointment, 1500, taken_at=MIDDLE + timedelta(hours=2))
    make_taking(appointment, -1500, taken_at=MIDDLE + timedelta(hours=3), undoes=taking, method="transfer")
    answer = download(owner)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="money-2026-05.csv"'
    same = {
        "date": "2026-05-15",
        "appointment": appointment.reference[:6].replace("-", "'-", 1 if appointment.reference[0] == "-" else 0),
        "provider": "Dr Ada Byrne",
        "service": "Consultation",
        "currency": "EUR",
        **dict.fromkeys(("in", "out", "fee", "fee_currency", "dispute", "charged_back", "receipt"), ""),
    }
    assert read(answer.text) == [
        same | {"moment": "2026-05-15T13:00:00+01:00", "kind": "paid online", "method": "stripe"}
        | {"in": "60.00", "fee": "1.15", "fee_currency": "EUR", "dispute": "won"},
        same | {"moment": "2026-05-15T14:00:00+01:00", "kind": "returned", "method": "by hand", "out": "5.00"},
        same | {"moment": "2026-05-15T15:00:00+01:00", "kind": "taken at the practice", "method": "cash"}
        | {"in": "15.00"},
        same | {"moment": "2026-05-15T16:00:00+01:00", "kind": "taking undone", "method": "transfer", "out": "15.00"},
    ]  # fmt: skip


def test_each_line_of_the_file_has_the_number_of_the_newest_receipt_that_has_it(owner, appointment):
    payment = make_payment(appointment, paid_at=MIDDLE)
    payment.refunds.create(attempt=1, reason="staff", amount=500, status="succeeded", sent_at=MIDDLE)
    slip = make_taking(appointment, 300, taken_at=MIDDLE)
    make_taking(appointment, -300, taken_at=MIDDLE, undoes=slip)
    first = issue(appointment)
    kept = make_taking(appointment, 1500, taken_at=MIDDLE)
    second = issue(appointment)
    make_taking(appointment, -1500, taken_at=MIDDLE, undoes=kept)
    assert first.label != second.label
    assert sorted((row["kind"], row["in"] or row["out"], row["receipt"]) for row in read(download(owner).text)) == [
        ("paid online", "60.00", second.label),
        ("returned", "5.00", second.label),
        ("taken at the practice", "15.00", second.label),
        ("taken at the practice", "3.00", ""),
        ("taking undone", "15.00", ""),
        ("taking undone", "3.00", ""),
    ]


def test_a_movement_without_receipt_has_none_although_others_have_theirs(owner, appointment):
    make_payment(appointment, paid_at=MIDDLE)
    other = make_appointment(
        provider=make_provider(name="Bea Roth", services=[make_service(name="Massage")]), at=MIDDLE, status="confirmed"
    )
    make_payment(other, paid_at=MIDDLE)
    label = issue(other).label
    assert {row["provider"]: row["receipt"] for row in read(download(owner).text)} == {
        "Dr Ada Byrne": "",
        "Bea Roth": label,
    }


def test_the_file_is_the_same_in_every_language(owner, appointment, settings):
    make_payment(appointment, paid_at=MIDDLE)
    in_english = download(owner).text
    settings.LANGUAGES, settings.LANGUAGE_CODE = [("es-ie", "Español")], "es-ie"
    with translation.override("es-ie"):
        in_spanish = download(owner).text
    assert in_spanish == in_english
    assert tuple(in_english.removeprefix("\ufeff").splitlines()[0].split(",")) == COLUMNS


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ('=HYPERLINK("http://x.example")', '\'=HYPERLINK("http://x.example")'),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1+1", "'=1+1"),
        ("\r=1+1", "'=1+1"),
        ("＝1", "'＝1"),
        ("Two\nlines", "Two lines"),
        ('Müller, "Ada"', 'Müller, "Ada"'),
    ],
)
def test_no_cell_begins_a_formula_and_none_has_two_lines(owner, appointment, name, written):
    make_payment(appointment, paid_at=MIDDLE)
    Provider.objects.update(name=name)
    Service.objects.update(name=name)
    Appointment.objects.update(reference="-_=+@xx")
    answer = download(owner)
    [row] = read(answer.text)
    assert (row["provider"], row["service"], row["appointment"]) == (written, written, "'-_=+@x")
    assert len(answer.text.splitlines()) == 2
    assert [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_no_client_is_in_the_file(owner, provider):
    named = {"client_name": "Jo O’Neill", "email": "jo@example.com", "client_phone": "+353871234567"}
    make_payment(make_appointment(provider=provider, at=MIDDLE, status="confirmed", **named), paid_at=MIDDLE)
    assert [word for word in ("Neill", "jo@", "35387") if word in download(owner).text] == []


def test_who_decides_on_money_and_sees_one_diary_sees_the_money_of_that_one(provider, appointment):
    other = make_provider(name="Bea Roth", services=[make_service(name="Massage")])
    make_payment(make_appointment(provider=other, at=MIDDLE, status="confirmed"), paid_at=MIDDLE, amount_captured=1000)
    make_payment(appointment, paid_at=MIDDLE)
    user = somebody("Provider", provider=other)
    user.user_permissions.add(Permission.objects.get(codename="add_refund"))
    browser = logged_in(user)
    assert figures(open_month(browser))["Taken online"][0] == "€10.00"
    assert [row["provider"] for row in read(download(browser).text)] == ["Bea Roth"]


def test_the_list_of_pages_leads_there_for_the_owner_alone(owner, provider):
    assert Page(owner.get("/staff/")).links["Money"] == "/staff/money/"
    assert "Money" not in Page(logged_in(somebody("Reception", name="reception")).get("/staff/")).links


def test_a_month_of_many_takes_as_many_queries_as_one_of_one(owner, provider, appointment):
    def queries(ask):
        with CaptureQueriesContext(connection) as captured:
            ask(owner)
        return len(captured)

    make_payment(appointment, paid_at=MIDDLE)
    of_one = [queries(open_month), queries(download)]
    for number in range(5):
        one = make_appointment(
            provider=make_provider(name=f"Provider {number}", services=[make_service(name=f"Service {number}")]),
            at=MIDDLE,
            status="confirmed",
        )
        make_payment(one, paid_at=MIDDLE)
        make_taking(one, 100, taken_at=MIDDLE)
    assert [queries(open_month), queries(download)] == of_one
