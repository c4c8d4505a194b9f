"""What is held about a person, as an owner sees, downloads and erases it."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from booking.models import Appointment, Change, Mail, WaitingEntry
from booking.personal_data import Person
from payments import personal_data
from payments.models import Taking
from payments.receipts import issue
from staff.models import PersonLog
from tests.factories import in_days, make_appointment, make_payment, make_provider
from tests.pages import Page, page_and_htmx, problem, words
from tests.staff import logged_in, somebody

EMAIL = "zoe@example.com"
ZOE = {"email": EMAIL, "client_name": "Zoë O’Neill", "client_phone": "+353871234567", "note": "Allergic to penicillin."}


@pytest.fixture
def provider(db):
    return make_provider()


@pytest.fixture
def olive(db):
    return logged_in(somebody("Owner", name="olive", first_name="Olive"))


@pytest.fixture
def past(provider):
    return came(provider, 1)


def came(provider, days):
    """Make one of hers that was so many days ago, and paid, and of which she was mailed."""
    one = make_appointment(provider=provider, at=in_days(-days, provider=provider), status="confirmed", **ZOE)
    payment = make_payment(one, paid_at=timezone.now(), params={"mode": "payment", "customer_email": EMAIL})
    payment.refunds.create(attempt=1, reason="staff", amount=1000, status="succeeded")
    Mail.objects.enqueue(one, Mail.Kind.CANCELLED)
    Mail.objects.filter(appointment=one).update(status="sent", sent_at=timezone.now())
    return one


def look(desk, who=EMAIL, **headers):
    return desk.post("/staff/people/", {"who": who}, **headers)


def erase(desk, who=EMAIL, **fields):
    return desk.post("/staff/people/erase/", {"who": who, **fields})


@page_and_htmx
def test_all_that_is_held_is_shown(olive, past, headers, settings):
    settings.MAILBOX = False
    page = Page(look(olive, headers=headers))
    assert page.heading("h2") == ["1 appointment", "Most likely theirs as well", "Who looked"]
    for said in ("Zoë O’Neill", EMAIL, "+353 87 123 4567", "Allergic to penicillin.", "The client paid €60.00."):
        assert said in page.text
    assert f"Mailed to {EMAIL}: the cancellation." in page.text


def test_nothing_personal_stands_in_an_address(olive, past):
    pages = [look(olive), erase(olive), olive.get("/staff/people/")]
    links = [link for page in pages for link in Page(page).links.values()]
    actions = [action for page in pages for action in Page(page).actions]
    assert [address for address in links + actions if "zoe" in address or "%40" in address or "@" in address] == []
    assert [page["Cache-Control"] for page in pages] == ["no-store"] * 3


def test_who_has_a_number_and_no_address_is_found_by_it(olive, provider):
    facts = {**ZOE, "email": ""}
    make_appointment(provider=provider, at=in_days(-1, provider=provider), status="confirmed", **facts)
    assert Page(look(olive, "087 123 4567")).heading("h2")[0] == "1 appointment"


@pytest.mark.parametrize("who", ["", "zoe", "zoe@", "12345678901234567890", "x" * 300])
def test_what_names_nobody_is_asked_again(olive, who):
    answer = look(olive, who)
    sentence = "Enter the whole email address, like name@example.com, or the phone number with all of its digits."
    assert (answer.status_code, sentence in problem(answer), PersonLog.objects.count()) == (422, True, 0)


@pytest.mark.parametrize("address", ["/staff/people/download/", "/staff/people/erase/"])
def test_a_button_of_the_page_that_says_of_nobody_asks_again(olive, past, address):
    answer = olive.post(address, {"sure": "yes"})
    assert (answer.status_code, Appointment.objects.get().erased_at) == (422, None)


def test_of_whom_nothing_is_held_it_says_so_and_writes_down_that_somebody_looked(olive, past):
    assert "Nothing is held under jo@example.com." in words(look(olive, "jo@example.com"))
    assert [(log.kind, log.by_name) for log in PersonLog.objects.about(Person.read("jo@example.com"))] == [
        ("looked", "Olive")
    ]


def test_another_tag_and_the_number_are_offered_to_be_looked_up(olive, provider, past):
    tagged = {**ZOE, "email": "zoe+spring@example.com"}
    make_appointment(provider=provider, at=in_days(-2, provider=provider), status="confirmed", **tagged)
    assert [value for name, value in Page(look(olive)).buttons if name == "who"] == [
        "+353871234567",
        "zoe+spring@example.com",
    ]


def test_the_page_says_who_has_looked_before(olive, past):
    assert "Nobody before you." in words(look(olive))
    olive.post("/staff/people/download/", {"who": EMAIL.upper(), "kind": "json"})
    said = Page(look(olive)).text
    assert [line for line in said if line.startswith("Olive")] == [
        "Olive",
        "Olive downloaded it.",
        "Olive looked at what is held.",
    ]


def test_the_log_holds_nothing_personal_and_can_only_be_read(olive, past):
    look(olive)
    assert "zoe" not in str(list(PersonLog.objects.values()))
    log, opened = (
        olive.get("/admin/staff/personlog/"),
        olive.get(f"/admin/staff/personlog/{PersonLog.objects.get().pk}/"),
    )
    assert (log.status_code, "Olive" in log.content.decode(), opened.status_code) == (200, True, 302)


def test_after_fifty_appointments_the_earlier_ones_are_in_the_downloads(olive, provider, monkeypatch):
    monkeypatch.setattr("staff.pages.people.SHOWN", 2)
    for day in range(1, 4):
        came(provider, day)
    page = Page(look(olive))
    assert (page.heading("h2")[0], "1 earlier appointment is in the downloads." in page.text) == (
        "3 appointments",
        True,
    )


def counted(desk, action):
    with CaptureQueriesContext(connection) as queries:
        assert action().status_code == 200
    return len(queries)


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("page", look),
        ("json", lambda desk: desk.post("/staff/people/download/", {"who": EMAIL, "kind": "json"})),
        ("html", lambda desk: desk.post("/staff/people/download/", {"who": EMAIL, "kind": "html"})),
        ("erase", erase),
    ],
)
def test_it_takes_as_many_queries_for_one_appointment_as_for_many(olive, provider, past, name, action):
    action(olive)
    one = counted(olive, lambda: action(olive))
    for day in range(2, 9):
        came(provider, day)
    assert counted(olive, lambda: action(olive)) == one
    assert one <= 24


# The downloads


def test_a_program_gets_all_of_it_as_json(olive, past):
    Change.objects.record(past, Change.Kind.NO_SHOW, somebody("Reception", name="grace"))
    Taking.objects.create(appointment=past, amount=500, currency="eur", method="cash", taken_at=timezone.now())
    made = issue(past)
    answer = olive.post("/staff/people/download/", {"who": EMAIL, "kind": "json"})
    said = json.loads(answer.content)
    [appointment] = said["appointments"]
    assert (said["about"], appointment["client_name"], appointment["price"]) == (EMAIL, "Zoë O’Neill", "60.00")
    assert appointment["appointment_time"] == past.appointment_time.isoformat()
    assert [(one["kind"], one["address"]) for one in appointment["mails"]] == [("cancelled", EMAIL)]
    assert [(one["kind"], one["by"]) for one in appointment["changes"]] == [("no-show", "staff")]
    assert [(one["amount"], one["method"]) for one in appointment["taken_at_the_practice"]] == [("5.00", "cash")]
    [payment] = appointment["payments"]
    assert (payment["amount"], payment["sent_to_stripe"]) == ("60.00", {"customer_email": EMAIL})
    assert [one["amount"] for one in payment["refunds"]] == ["10.00"]
    [receipt] = appointment["receipts"]
    assert (receipt["number"], receipt["client"], receipt["total"]) == (made.label, "Zoë O’Neill", "55.00")


@pytest.mark.parametrize("kind", ["json", "html"])
def test_a_file_is_named_for_its_day_and_for_nobody(olive, past, kind):
    answer = olive.post("/staff/people/download/", {"who": EMAIL, "kind": kind})
    name = f'attachment; filename="held-{timezone.localdate()}.{kind}"'
    assert (answer["Content-Disposition"], answer["Cache-Control"]) == (name, "no-store")
    assert "Allergic to penicillin." in answer.content.decode()


def test_a_file_to_read_has_everything_unfolded_and_asks_for_nothing_from_elsewhere(olive, past):
    label = issue(past).label
    html = olive.post("/staff/people/download/", {"who": EMAIL, "kind": "html"}).content.decode()
    assert (html.count("<details"), html.count("open>")) == (1, 1)
    assert html.count(f"Receipt {label} was made.") == 1
    assert [word for word in ("src=", "href=", "<script", "<link") if word in html] == []


def corrected_since(provider, **facts):
    """Make one that was hers, with a payment, a mail and a receipt, before staff wrote down the address of Sam."""
    at = in_days(-3, provider=provider)
    one = make_appointment(provider=provider, at=at, status="confirmed", email=EMAIL, **facts)
    make_payment(one, paid_at=timezone.now(), params={"mode": "payment", "customer_email": EMAIL})
    Mail.objects.enqueue(one, Mail.Kind.CANCELLED)
    Mail.objects.filter(appointment=one).update(status="sent", sent_at=timezone.now())
    issue(one)
    one.correct(somebody("Reception", name="grace"), client_email="sam@example.com")
    Mail.objects.enqueue(one, Mail.Kind.RETURNED)
    Mail.objects.filter(kind="returned").update(status="sent", sent_at=timezone.now())
    return one


@pytest.mark.parametrize("who", ["sam@example.com", "087 123 4567"])
@pytest.mark.parametrize("kind", ["json", "html"])
def test_a_file_says_nothing_of_whose_address_stood_there_before(olive, provider, who, kind):
    corrected_since(provider, client_phone="+353871234567")
    said = olive.post("/staff/people/download/", {"who": who, "kind": kind}).content.decode()
    assert (said.count(EMAIL), "sam@example.com" in said) == (0, True)


def test_a_receipt_in_the_name_of_another_stays_with_its_number_and_total(olive, provider):
    one = corrected_since(provider)
    answer = olive.post("/staff/people/download/", {"who": "sam@example.com", "kind": "json"})
    [appointment] = json.loads(answer.content)["appointments"]
    [receipt] = appointment["receipts"]
    assert (receipt["number"], receipt["client"], receipt["total"]) == (one.receipts.get().label, "", "60.00")
    assert [each["address"] for each in appointment["mails"]] == ["sam@example.com"]
    assert [each["sent_to_stripe"] for each in appointment["payments"]] == [{}]


def named_on_a_receipt(provider):
    """Make one that was hers, with a receipt and nothing else, before staff wrote down the address of Sam."""
    at = in_days(-3, provider=provider)
    one = make_appointment(provider=provider, at=at, status="confirmed", email=EMAIL)
    Taking.objects.create(appointment=one, amount=6000, currency="eur", method="cash", taken_at=timezone.now())
    made = issue(one)
    one.correct(somebody("Reception", name="grace"), client_email="sam@example.com")
    return made


def named_before_another(provider):
    """Make one that was Zoë's for Mía, with a receipt, before staff wrote down that it is Sam's."""
    at, names = in_days(-3, provider=provider), {"client_name": "Zoë O’Neill", "for_whom": "Mía Walsh"}
    one = make_appointment(provider=provider, at=at, status="confirmed", email=EMAIL, **names)
    make_payment(one, paid_at=timezone.now(), params={})
    issue(one)
    known = {"client_email": "sam@example.com", "client_name": "Sam Byrne", "for_whom": ""}
    one.correct(somebody("Reception", name="grace"), **known)
    issue(one)


def receipts_in_json(desk, who, part):
    return json.loads(desk.post("/staff/people/download/", {"who": who, "kind": "json"}).content)[part]


def test_a_receipt_names_to_each_of_two_only_themselves(olive, provider):
    named_before_another(provider)
    [appointment] = receipts_in_json(olive, "sam@example.com", "appointments")
    theirs = [(one["client"], one["for_whom"]) for one in appointment["receipts"]]
    hers = [(one["client"], one["for_whom"]) for one in receipts_in_json(olive, EMAIL, "receipts_for_others")]
    assert (theirs, hers) == ([("", ""), ("Sam Byrne", "")], [("Zoë O’Neill", "Mía Walsh")])
    html = olive.post("/staff/people/download/", {"who": "sam@example.com", "kind": "html"}).content.decode()
    assert [name for name in ("Zoë", "Mía") if name in html] == []


def test_a_receipt_names_to_a_client_also_what_was_misspelt_on_it(olive, past):
    issue(past)
    past.correct(somebody("Reception", name="grace"), client_name="Zoë O’Neil")
    [appointment] = receipts_in_json(olive, EMAIL, "appointments")
    assert [one["client"] for one in appointment["receipts"]] == ["Zoë O’Neill"]


def test_a_receipt_that_names_whom_the_appointment_names_says_so_under_another_key(olive, past, settings):
    issue(past)
    settings.SECRET_KEY = "another-key"
    olive = logged_in(somebody("Owner", name="oscar"))
    [appointment] = receipts_in_json(olive, EMAIL, "appointments")
    assert [one["client"] for one in appointment["receipts"]] == ["Zoë O’Neill"]


def empty_lists(response):
    return re.findall(r"<(ul|ol|dl)[^>]*>\s*</", response.content.decode())


def test_who_is_named_on_the_receipt_of_another_is_told_and_erased(olive, provider):
    made = named_on_a_receipt(provider)
    page = Page(look(olive))
    assert (page.heading("h2")[0], "Erase it" in words(look(olive))) == ("Besides", True)
    assert f"Receipt {made.label} {EMAIL}" in words(look(olive))
    said = json.loads(olive.post("/staff/people/download/", {"who": EMAIL, "kind": "json"}).content)
    assert [(one["number"], one["client"]) for one in said["receipts_for_others"]] == [(made.label, EMAIL)]
    assert f"{made.label} {EMAIL}" in words(olive.post("/staff/people/download/", {"who": EMAIL, "kind": "html"}))
    erasing = erase(olive)
    assert "What goes The name on each receipt Receipt" in words(erasing)
    assert "The name on it goes: print those first" in words(erasing)
    assert [empty_lists(page) for page in (look(olive), erasing)] == [[], []]
    erase(olive, sure="yes")
    assert f"Nothing is held under {EMAIL}." in words(look(olive))


# Erasing


def test_the_address_of_that_page_alone_asks_about_whom(olive, past):
    answer = olive.get("/staff/people/erase/")
    assert (answer.status_code, answer["Location"]) == (302, "/staff/people/")


def test_who_is_asked_whether_to_erase_has_looked_and_that_is_written_down(olive, past):
    past.payments.update(status="processing")
    assert [erase(olive).status_code, erase(olive, sure="yes").status_code] == [200, 409]
    looks = PersonLog.objects.about(Person.read(EMAIL))
    assert [(one.kind, one.by_name) for one in looks] == [("looked", "Olive")] * 2


def test_of_whom_nothing_is_held_there_is_nothing_to_erase(olive, past):
    answer = erase(olive, "jo@example.com")
    assert "Nothing is held under jo@example.com." in words(answer)
    assert ("Erase it for good" in words(answer), PersonLog.objects.count()) == (False, 1)


@page_and_htmx
def test_before_erasing_it_says_what_goes_and_what_stays(olive, past, headers):
    answer = olive.post("/staff/people/erase/", {"who": EMAIL}, headers=headers)
    page = Page(answer)
    assert page.heading("h2") == ["What goes", "What stays", "What Stripe keeps"]
    assert "Names, email address, phone number and note of 1 appointment" in page.text
    assert Appointment.objects.get().client_email == EMAIL


def test_before_erasing_it_says_to_print_the_receipts_that_have_to_keep_the_name(olive, past):
    sentence = "Each receipt with its number, dates and amounts. The name on it goes: print those first"
    assert sentence not in words(erase(olive))
    issue(past)
    assert sentence in words(erase(olive))


def test_what_stripe_keeps_has_a_link_to_each_payment(olive, past, settings):
    settings.STRIPE_DASHBOARD, settings.STRIPE_SANDBOX = "https://dashboard.stripe.com/", False
    page = Page(erase(olive))
    payment = past.payments.get().payment_intent_id
    assert page.links["€60.00 at Stripe"] == f"https://dashboard.stripe.com/payments/{payment}"


def test_what_was_paid_under_an_address_that_was_corrected_since_is_at_stripe_as_well(olive, provider, settings):
    settings.STRIPE_DASHBOARD, settings.STRIPE_SANDBOX = "https://dashboard.stripe.com/", False
    payment = corrected_since(provider).payments.get().payment_intent_id
    assert Page(erase(olive)).links["€60.00 at Stripe"] == f"https://dashboard.stripe.com/payments/{payment}"
    file = olive.post("/staff/people/download/", {"who": EMAIL, "kind": "html"})
    assert "Payments are made at Stripe" in words(file)


def test_of_who_paid_only_in_cash_it_is_not_said_that_nothing_was_paid(olive, provider, settings):
    settings.STRIPE_SANDBOX = False
    named_on_a_receipt(provider)
    assert "Nothing was paid at Stripe. Whoever opened a payment page has left the email address there." in words(
        erase(olive)
    )


def test_the_second_press_erases_and_says_so(olive, past):
    answer = olive.post("/staff/people/erase/", {"who": EMAIL, "sure": "yes"}, follow=True)
    assert answer.redirect_chain == [("/staff/people/", 303)]
    assert "Erased: 1 appointment says no more who the client was." in words(answer)
    assert Appointment.objects.values_list("client_email", "client_name", "note").get() == ("", "", "")
    assert list(PersonLog.objects.values_list("kind", flat=True)) == ["erased"]


def test_what_is_erased_says_so_at_the_desk_and_cannot_be_corrected(olive, past, settings):
    settings.MAILBOX = False
    erase(olive, sure="yes")
    address = f"/staff/appointments/{past.pk}/"
    page = Page(olive.get(address))
    assert ("Name erased" in page.text, "Mailed to the client: the cancellation." in page.text) == (True, True)
    assert ("It was erased who the client was." in page.text, f"{address}correct/" in page.links.values()) == (
        True,
        False,
    )
    late = olive.post(f"{address}correct/", {"client_name": "Zoe", "client_email": EMAIL, "seen": "confirmed"})
    assert (olive.get(f"{address}correct/").status_code, late.status_code) == (303, 409)
    assert Appointment.objects.get().client_name == ""


def test_a_wish_alone_is_erased_as_well(olive, provider):
    facts = {"provider": provider, "service": provider.services.get(), "time_zone": "Europe/Dublin"}
    now = timezone.now()
    WaitingEntry.objects.ask(email=EMAIL, now=now, since=now, until=now + timedelta(days=3), **facts)
    assert "Waiting list" in Page(look(olive)).heading("h2")
    answer = olive.post("/staff/people/erase/", {"who": EMAIL, "sure": "yes"}, follow=True)
    assert ("Erased: nothing is held any more." in words(answer), WaitingEntry.objects.count()) == (True, 0)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"status": "processing"}, "is on its way, or its page is open. Wait until it has come or failed."),
        ({"dispute": "needs_response"}, "Wait until that is decided: you need what is held to answer it."),
        ({"refund_due": 6000}, "is still due back, as a refund failed. Return it first."),
        ({"problem": "mismatch"}, "is not what was asked for. Return it first."),
    ],
)
def test_what_is_in_the_way_is_said_with_what_to_do_first(olive, past, facts, sentence):
    past.payments.update(**facts)
    answer = erase(olive)
    assert sentence in problem(answer)
    assert Page(answer).links[Page(answer).problem[1]] == f"/staff/appointments/{past.pk}/"
    assert ("sure" in Page(answer).fields, erase(olive, sure="yes").status_code) == (False, 409)
    assert Appointment.objects.get().client_email == EMAIL


def test_while_money_is_on_its_way_back_it_says_to_wait(olive, past):
    past.payments.get().refunds.update(status="pending")
    assert "is on its way back. Wait until it has arrived" in problem(erase(olive))
    assert (erase(olive, sure="yes").status_code, Appointment.objects.get().client_email) == (409, EMAIL)


def test_an_erasing_that_stops_halfway_is_written_down_and_can_be_gone_on_with(olive, provider, monkeypatch):
    _first, second = came(provider, 1), came(provider, 2)
    erase_with_payments = personal_data.erase_with_payments

    def as_another_payment_comes(rows, now):
        erase_with_payments(rows, now)
        second.payments.update(status="processing")

    monkeypatch.setattr(personal_data, "IN_ONE_TRANSACTION", 1)
    monkeypatch.setattr(personal_data, "erase_with_payments", as_another_payment_comes)
    stopped = erase(olive, sure="yes")
    assert (stopped.status_code, list(Appointment.objects.filter(erased_at=None))) == (409, [second])
    assert list(PersonLog.objects.values_list("kind", flat=True)) == ["looked", "erased"]
    second.payments.update(status="paid")
    monkeypatch.undo()
    assert (erase(olive, sure="yes").status_code, Appointment.objects.filter(erased_at=None).count()) == (303, 0)


def test_of_an_erasing_that_is_refused_it_is_written_down_that_somebody_looked(olive, past):
    past.payments.update(status="processing")
    assert erase(olive, sure="yes").status_code == 409
    assert list(PersonLog.objects.values_list("kind", flat=True)) == ["looked"]


def test_somebody_with_an_appointment_tomorrow_is_not_erased(olive, provider, past):
    make_appointment(provider=provider, at=in_days(1, provider=provider), status="confirmed", **ZOE)
    answer = erase(olive, sure="yes")
    assert (answer.status_code, "is still ahead. Cancel it first" in problem(answer)) == (409, True)
    assert Appointment.objects.filter(client_email=EMAIL).count() == 2


@pytest.mark.parametrize("role", ["Reception", "Provider"])
def test_nobody_but_an_owner_is_led_there(provider, role):
    owner, other = somebody("Owner", name="olive"), somebody(role, provider=provider if role == "Provider" else None)
    links = [Page(logged_in(user).get("/staff/find/")).links.values() for user in (owner, other)]
    assert ["/staff/people/" in each for each in links] == [True, False]
