"""The page of one appointment says who, when, what and what happened, and has the buttons that its reader may press."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db.models import F
from django.test import Client
from django.utils import timezone

from booking.models import Appointment, ByStaff, Change, Mail, WaitingEntry
from payments import refunds
from payments.models import Payment
from tests.booking.clock import NOW, TEN, dublin
from tests.factories import book, in_days, make_appointment, make_payment, make_provider, make_taking
from tests.pages import Page, page_and_htmx
from tests.staff_pages.appointment.people import (
    AT_WORK,
    OWNER,
    address,
    provider_at_the_desk,
    read,
    somebody,
    story,
    words,
)

pytestmark = pytest.mark.django_db

PHONE = "+353871234567"


def buttons(browser, appointment):
    """Return the words of the links and buttons with which something is changed, in order."""
    page = browser.get(address(appointment)).content.decode().partition('id="main"')[2]
    return re.findall(r'<(?:a|button) class="secondary"[^>]*>([^<]+)<', page)


@page_and_htmx
def test_it_says_who_when_and_what_and_how_to_reach_the_client(grace, provider, headers):
    booked = make_appointment(
        provider=provider, at=TEN, status="confirmed", client_name="Jo O’Neill", client_phone=PHONE, note="Left knee"
    )
    page = grace.get(address(booked), headers=headers)
    said = words(page)
    for fact in ("Jo O’Neill", "Tuesday 2 June 2026, 10:00–10:30", "Dr Ada Byrne", "30 minutes", "Left knee"):
        assert fact in said
    links = Page(page).links
    assert links["+353 87 123 4567"] == f"tel:{PHONE}"
    assert links["jo@example.com"] == "mailto:jo@example.com"
    assert links["‹ Tuesday 2 June 2026"] == "/staff/?day=2026-06-02"


def test_who_may_change_nothing_is_shown_no_list_of_nothing(provider):
    looks = somebody("Lee Quinn", ["view_appointment", "see_every_diary", "view_payment"])
    paid = make_appointment(provider=provider, at=TEN, status="confirmed")
    make_payment(paid, paid_at=NOW)
    page = looks.get(address(paid)).content.decode()
    assert re.findall(r"<(ul|ol|dl)[^>]*>\s*</", page) == []


def test_what_was_paid_in_cash_alone_is_not_said_to_be_unpaid(grace, provider):
    due = {"due_at_practice": Decimal("60.00"), "taken_at_practice": Decimal("60.00")}
    paid = make_appointment(provider=provider, at=TEN, status="confirmed", **due)
    make_taking(paid, 6000)
    said = read(grace, paid)
    assert ("Nothing was paid online." in said, "Nothing was paid." in said) == (True, False)


def test_times_are_on_the_providers_clock(grace):
    far = make_provider(name="Dr Lima", zone="America/Sao_Paulo", hours=[("00:00", "00:00")])
    booked = make_appointment(provider=far, at=TEN, status="confirmed", client_time_zone="Asia/Tokyo")
    said = read(grace, booked)
    assert ("Tuesday 2 June 2026, 06:00–06:30" in said, "Mon 1 Jun, 08:00" in said) == (True, True)


@pytest.mark.parametrize(
    ("facts", "standing"),
    [
        ({}, "Held until 12:15"),
        ({"hold_expires_at": None}, "Payment on its way"),
        ({"status": "confirmed"}, "Paid"),
        ({"status": "confirmed", "price": 0}, "No fee"),
        ({"status": "confirmed", "due_at_practice": 40}, "To pay €40.00"),
        ({"status": "confirmed", "due_at_practice": 60}, "To pay €60.00"),
        ({"status": "confirmed", "due_at_practice": 60, "no_show_at": NOW}, "Did not come, €60.00 to pay"),
        ({"status": "confirmed", "no_show_at": NOW}, "Did not come"),
        ({"status": "cancelled", "confirmed_at": NOW}, "Cancelled"),
        ({"status": "cancelled"}, "Given back before it was paid"),
        ({"status": "expired"}, "Given back, as it was not paid"),
        ({"hold_minutes": -1}, "Given back, as it was not paid"),
    ],
)
def test_it_says_how_it_stands(grace, provider, facts, standing):
    assert standing in read(grace, make_appointment(provider=provider, at=TEN, **facts))


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (40, "Price €60.00 Paid online €20.00 Left to pay €40.00 at the practice"),
        (60, "Price €60.00 Left to pay €60.00 at the practice"),
        (0, "Price €60.00 Paid online €60.00"),
    ],
)
def test_it_says_what_is_paid_where(grace, provider, there, said):
    assert said in read(grace, make_appointment(provider=provider, at=TEN, status="confirmed", due_at_practice=there))


def test_it_reads_as_a_sum_once_money_was_taken_and_returned(grace, provider):
    money = {"due_at_practice": 40, "taken_at_practice": 40, "returned": 10}
    said = read(grace, make_appointment(provider=provider, at=TEN, status="confirmed", **money))
    assert "Price €60.00 Paid online €20.00 Paid at the practice €40.00 Refund €10.00 Left to pay €0.00" in said


def test_who_may_see_nothing_of_money_reads_the_price_and_what_of_it_is_paid_where(provider):
    money = {"due_at_practice": 40, "taken_at_practice": 15, "returned": 10}
    booked = make_appointment(provider=provider, at=TEN, status="confirmed", **money)
    said = read(provider_at_the_desk(provider), booked)
    assert "Price €60.00 Paid €20.00 At the practice €40.00" in said
    assert ("€15.00" in said, "€10.00" in said) == (False, False)


def test_the_address_to_pay_at_is_there_until_it_is_paid(grace, held):
    assert f"{held.payment_url} Copy The client pays at this address." in read(grace, held)


def test_while_a_payment_is_on_its_way_there_is_no_address_to_pay_at(grace, on_its_way):
    said = read(grace, on_its_way)
    assert ("To pay" in said, on_its_way.payment_url in said) == (False, False)


# Who may press what


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({}, ["Move", "Cancel", "Correct the details", "Another deadline", "Send the link to pay again"]),
        ({"hold_expires_at": None}, ["Move", "Cancel", "Correct the details"]),
        ({"email": "", "client_phone": PHONE}, ["Move", "Cancel", "Correct the details", "Another deadline"]),
        ({"status": "confirmed"}, ["Move", "Cancel", "Correct the details", "Mail the client their page again"]),
        ({"status": "confirmed", "days": -1}, ["Move", "Cancel", "Correct the details", "Did not come"]),
        (
            {"status": "confirmed", "days": -1, "no_show_at": NOW},
            ["Move", "Cancel", "Correct the details", "Came after all"],
        ),
        ({"status": "cancelled"}, ["Correct the details"]),
        ({"status": "expired"}, ["Correct the details"]),
        ({"hold_minutes": -1}, ["Correct the details"]),
    ],
)
def test_only_buttons_that_can_work_are_there(grace, provider, facts, shown):
    at = in_days(facts.pop("days", 1), provider=provider)
    assert buttons(grace, make_appointment(provider=provider, at=at, **facts)) == shown


def test_each_sees_the_buttons_that_they_may_press(grace, olive, paid):
    looks = somebody("Lee Quinn", ["view_appointment", "see_every_diary"])
    assert buttons(looks, paid) == []
    assert buttons(grace, paid) == ["Move", "Cancel", "Correct the details", "Mail the client their page again"]
    assert buttons(olive, paid) == [
        "Move",
        "Cancel",
        "Correct the details",
        "Mail the client their page again",
        "Return money",
    ]


@pytest.mark.parametrize("part", ["move/", "cancel/", "correct/", "keep/", "no-show/", "link/"])
def test_who_may_only_look_changes_nothing_by_address_either(part, paid):
    looks = somebody("Lee Quinn", ["view_appointment", "see_every_diary"])
    assert looks.post(address(paid, part)).status_code == 403
    assert Change.objects.count() == 0


def test_only_who_may_return_money_has_that_page(grace, paid):
    part = f"refund/{Payment.objects.get().pk}/"
    assert (grace.get(address(paid, part)).status_code, grace.post(address(paid, part)).status_code) == (403, 403)


@pytest.mark.parametrize("part", ["", "move/", "cancel/", "correct/", "keep/", "no-show/", "link/", "refund/1/"])
def test_an_appointment_of_another_diary_is_not_there(part, paid):
    other = make_provider(name="Dr Ben Nolan", services=[paid.service])
    ben = provider_at_the_desk(other, [*AT_WORK, "add_refund"])
    answer = ben.post(address(paid, part)) if part in {"no-show/", "link/"} else ben.get(address(paid, part))
    assert answer.status_code == 404


def test_a_provider_sees_their_own_without_the_money(provider, paid):
    said = read(provider_at_the_desk(provider), paid)
    assert ("Jo O’Neill" in said, "Paid" in said, "Money" in said, "The client paid" in said) == (
        True,
        True,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("kind", "facts", "sentence"),
    [
        (Change.Kind.CANCELLED, {"refund": "30.00"}, "Nora Walsh cancelled it."),
        (Change.Kind.RETURNED, {"amount": "12.34"}, "Nora Walsh decided that money goes back."),
        (Change.Kind.BOOKED, {"waived": "60.00"}, "Nora Walsh booked it, free of charge this time."),
    ],
)
def test_who_sees_no_money_reads_no_amount_in_what_happened_nor_when_too_late(provider, paid, kind, facts, sentence):
    ada = provider_at_the_desk(provider)
    paid.changes.create(kind=kind, by_name="Nora Walsh", facts=facts, at=NOW + timedelta(seconds=3))
    refunds.return_money(paid.payments.get(), 1234, by=None)
    late = ada.post(address(paid, "no-show/"), {"seen": "what was true before"})
    assert (late.status_code, f"Last, at 12:00: {sentence}" in words(late)) == (409, True)
    told = story(ada, paid)
    assert (sentence in told, [one for one in told if "€" in one or "paid" in one]) == (True, [])


def test_who_sees_no_money_reads_who_let_it_be_paid_at_the_practice(provider):
    nora = User.objects.create(username="nora", first_name="Nora", last_name="Walsh")
    booked = book(provider, dublin(4, "10:00"), staff=ByStaff(nora, at_practice=True))
    told = story(provider_at_the_desk(provider), booked)
    assert told[0] == "Nora Walsh booked it, to be paid at the practice instead of online."
    assert [one for one in told if "€" in one] == []


def test_nobody_sees_it_without_signing_in(paid):
    answer = Client().get(address(paid))
    assert (answer.status_code, answer["Location"]) == (302, f"/staff/login/?next=/staff/appointments/{paid.pk}/")


@pytest.mark.parametrize("number", ["999999", "9" * 30])
def test_a_number_that_nobody_has_is_not_there(grace, number):
    answer = grace.get(f"/staff/appointments/{number}/")
    assert (answer.status_code, Page(answer).links["Go to the day"]) == (404, "/staff/")


# Money


def test_each_payment_and_refund_is_told_and_leads_to_the_dashboard(olive, paid, settings):
    settings.STRIPE_DASHBOARD = "https://dashboard.stripe.com/test/"
    payment = Payment.objects.get()
    payment.refunds.create(attempt=1, amount=1500, reason="staff", status="succeeded")
    payment.refunds.create(attempt=2, amount=1000, reason="cancelled", status="failed", failure_reason="lost card")
    page = olive.get(address(paid))
    said = words(page)
    assert "€60.00 paid on Mon 1 Jun, 12:00" in said
    assert "€15.00 went back to the card. Staff decided." in said
    assert "€10.00 did not go back: lost card. The appointment was cancelled." in said
    dashboard = f"https://dashboard.stripe.com/test/payments/{payment.payment_intent_id}"
    assert Page(page).links["Look at it at Stripe"] == dashboard


def test_why_a_refund_failed_is_said_in_words_and_not_by_stripes_code(olive, paid):
    facts = {"reason": "staff", "status": "failed", "failure_reason": "lost_or_stolen_card"}
    Payment.objects.get().refunds.create(attempt=1, amount=1000, **facts)
    page = olive.get(address(paid))
    assert "€10.00 did not go back: the card was reported as lost or stolen. Staff decided." in words(page)
    assert "€10.00 did not go back to the card: the card was reported as lost or stolen." in words(page)


@pytest.mark.parametrize(
    ("dispute", "status", "sentences"),
    [
        ("needs_response", "owed", ("€60.00 goes back to the card if the dispute is won. Until then it waits.",) * 2),
        ("needs_response", "succeeded", ("€60.00 went back to the card.",) * 2),
        ("warning_needs_response", "owed", ("€60.00 on its way back to the card.", "€60.00 goes back to the card.")),
        ("won", "owed", ("€60.00 on its way back to the card.", "€60.00 goes back to the card.")),
    ],
    ids=["disputed", "disputed once it was there", "asked about", "won"],
)
def test_what_a_bank_holds_is_not_said_to_be_on_its_way(olive, paid, dispute, status, sentences):
    Payment.objects.update(dispute=dispute)
    Payment.objects.get().refunds.create(attempt=1, amount=6000, reason="cancelled", status=status)
    in_list, in_story = sentences
    assert f"{in_list} The appointment was cancelled." in read(olive, paid)
    assert in_story in story(olive, paid)


def test_without_a_dashboard_nothing_leads_there(olive, paid):
    assert "dashboard.stripe.com" not in olive.get(address(paid)).content.decode()


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"problem": "mismatch"}, "Amount, currency, mode or reference is not what was asked for."),
        ({"dispute": "needs_response"}, "The client’s bank disputes this payment and has taken the money."),
        ({"dispute": "warning_needs_response"}, "The client’s bank asks about this payment."),
        ({"dispute": "needs_response", "charged_back": 2000}, "Of this payment the client’s bank disputes €20.00,"),
        (
            {"dispute": "needs_response", "charged_back": 3000, "taken_back": 1000},
            "Of this payment the client’s bank disputes €20.00,",
        ),
        ({"dispute": "lost", "charged_back": 6000, "taken_back": 6000}, "has returned the money."),
        ({"dispute": "lost", "charged_back": 2000, "taken_back": 2000}, "has returned €20.00 of the money."),
        ({"refund_due": 6000}, "€60.00 is still due back to the client, as a refund failed."),
    ],
)
def test_what_is_wrong_with_a_payment_is_said(grace, paid, facts, sentence):
    Payment.objects.update(**facts)
    assert sentence in read(grace, paid)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("open", "€60.00 not paid yet: the client has opened Stripe’s page"),
        ("processing", "€60.00 on its way, which takes days"),
        ("expired", "€60.00 not paid: Stripe’s page was closed"),
        ("failed", "€60.00 not paid: it failed"),
    ],
)
def test_it_says_how_far_a_payment_is(grace, held, status, sentence):
    make_payment(held, status=status, amount_captured=0)
    assert sentence in read(grace, held)


def test_who_has_no_email_can_be_told_the_address_of_their_page(grace, confirmed):
    assert confirmed.absolute_url not in read(grace, confirmed)
    Appointment.objects.update(client_email="", client_phone=PHONE)
    assert confirmed.absolute_url in read(grace, confirmed)


def test_the_address_to_pay_at_can_be_read_out(grace, held):
    assert f"/payments/{held.reference}/" in read(grace, held)


# The story


def test_the_story_is_told_in_order_with_who_did_what(grace, provider, time_machine):
    nora = User.objects.create(username="nora", first_name="Nora", last_name="Walsh")
    booked = book(provider, dublin(4, "10:00"), staff=ByStaff(nora, kept_until=dublin(2, "18:00")))
    time_machine.shift(timedelta(minutes=1))
    booked.keep_until(dublin(3, "18:00"), nora)
    time_machine.shift(timedelta(minutes=1))
    Mail.objects.get().record_sent(timezone.now())
    time_machine.shift(timedelta(minutes=1))
    make_payment(booked, paid_at=timezone.now())
    booked.confirm()
    time_machine.shift(timedelta(minutes=1))
    booked.reschedule(dublin(4, "11:00"), by=nora)
    time_machine.shift(timedelta(minutes=1))
    booked.correct(nora, client_name="Jo O’Neill", client_phone=PHONE, note="Left knee")
    time_machine.shift(timedelta(minutes=1))
    booked.cancel(by=nora)
    assert [sentence for sentence in story(grace, booked) if "On its way" not in sentence] == [
        "Nora Walsh booked it.",
        "Nora Walsh gave until Wed 3 Jun, 18:00 to pay.",
        "Mailed to jo@example.com: the link to pay.",
        "The client paid €60.00.",
        "It was confirmed.",
        "Nora Walsh moved it from Thu 4 Jun, 10:00 to Thu 4 Jun, 11:00.",
        "Nora Walsh corrected the name, the phone number and the note.",
        "Nora Walsh cancelled it, and €60.00 goes back.",
        "€60.00 goes back to the card.",
    ]


def test_what_a_client_did_is_told_as_the_clients(grace, provider):
    booked = book(provider, dublin(4, "10:00"))
    booked.reschedule(dublin(4, "11:00"))
    booked.cancel()
    assert story(grace, booked) == [
        "The client booked it.",
        "The client moved it from Thu 4 Jun, 10:00 to Thu 4 Jun, 11:00.",
        "The client gave the time back before it was paid.",
    ]


def test_a_hold_that_has_just_run_out_says_so_before_it_is_written_down(grace, provider):
    lapsed = make_appointment(provider=provider, at=TEN, hold_minutes=-1)
    assert story(grace, lapsed)[0] == "Its time was given back, as it was not paid in time."


def test_a_time_that_was_given_back_before_there_was_a_desk_was_not_cancelled_either(grace, provider):
    gone = make_appointment(provider=provider, at=TEN, status="cancelled")
    assert story(grace, gone) == ["The client booked it.", "The time was given back before it was paid."]


@pytest.mark.parametrize(
    ("kind", "facts", "sentence"),
    [
        ("booked", {"waived": "60.00"}, "Nora Walsh booked it, free of charge this time instead of €60.00."),
        ("booked", {"at_practice": "20.00"}, "Nora Walsh booked it, to be paid at the practice instead of online."),
        ("no-show", {}, "Nora Walsh wrote down that the client did not come."),
        ("came", {}, "Nora Walsh wrote down that the client came after all."),
        ("link", {}, "Nora Walsh mailed the client the link again."),
        ("returned", {"amount": "20.00", "reason": "staff"}, "Nora Walsh decided that €20.00 goes back."),
        (
            "taken",
            {"amount": "20.00", "method": "transfer"},
            "Nora Walsh recorded €20.00 taken at the practice: by bank transfer.",
        ),
        (
            "new rules",
            {"was": TEN.isoformat(), "became": dublin(2, "11:00").isoformat()},
            "New rules for clocks moved it from Tue 2 Jun, 10:00 to Tue 2 Jun, 11:00.",
        ),
    ],
)
def test_each_kind_of_change_has_its_sentence(grace, confirmed, kind, facts, sentence):
    Change.objects.record(
        confirmed, kind, User.objects.create(username="nora", first_name="Nora", last_name="Walsh"), **facts
    )
    assert sentence in story(grace, confirmed)


def test_every_kind_of_change_and_of_mail_can_be_told(grace, confirmed):
    stamp = NOW.isoformat()
    every = {"was": stamp, "became": stamp, "until": stamp, "amount": "1", "refund": "0", "fields": "note"}
    every |= {"method": "cash"}
    for kind in Change.Kind:
        Change.objects.record(
            confirmed, kind, **{name: every[name] for name in Change.FACTS.get(kind, ()) if name in every}
        )
    kinds = set(Mail.Kind) - {Mail.Kind.CONFIRM_WAITING, Mail.Kind.TIME_FREED}  # These are about no appointment.
    for kind in kinds:
        Mail.about(confirmed, kind, f"about {kind}").save()
    assert len(story(grace, confirmed)) == len(Change.Kind) + len(kinds)


def test_a_kind_of_change_that_only_the_next_release_knows_is_left_out(grace, confirmed):
    """Two releases run beside each other for a while, and the next one may be taken back."""
    Change.objects.record(confirmed, "of tomorrow", number="1", amount="20.00")
    assert story(grace, confirmed) == ["The client booked it."]


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (
            {"address": "jo@example.com"},
            "Kept under “Mails” for the client, as no mail leaves this site: the confirmation.",
        ),
        ({"address": ""}, "Kept under “Mails” for the client, as no mail leaves this site: the confirmation."),
        (
            {"reader": "practice", "address": "desk@practice.example"},
            "Kept under “Mails” for the practice, as no mail leaves this site: the confirmation.",
        ),
    ],
)
def test_of_a_mail_that_the_mailbox_of_the_demonstration_keeps_nobody_is_told_that_it_was_mailed(
    grace, confirmed, settings, facts, sentence
):
    settings.MAILBOX = True
    mail = Mail.about(confirmed, Mail.Kind.CONFIRMED, "1")
    for name, value in {**facts, "status": "sent", "sent_at": NOW}.items():
        setattr(mail, name, value)
    mail.save()
    assert sentence in story(grace, confirmed)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"status": "sent", "sent_at": NOW}, "Mailed to jo@example.com: the confirmation."),
        ({"status": "refused"}, "Could not be mailed, as there is no jo@example.com: the confirmation."),
        (
            {"last_error": "SMTPServerDisconnected"},
            "Could not be mailed to jo@example.com yet, and is tried again: the confirmation.",
        ),
        ({}, "On its way to jo@example.com: the confirmation."),
        ({"first_due_at": TEN}, None),
        ({"status": "dropped"}, None),
        (
            {"status": "dropped", "last_error": "x"},
            "Tried in vain, and not mailed to jo@example.com any more: the confirmation.",
        ),
        ({"reader": "practice", "address": "desk@practice.example"}, "On its way to the practice: the confirmation."),
    ],
)
def test_it_is_told_what_became_of_each_mail(grace, confirmed, facts, sentence):
    mail = Mail.about(confirmed, Mail.Kind.CONFIRMED, "1")
    for name, value in facts.items():
        setattr(mail, name, value)
    mail.save()
    assert story(grace, confirmed) == ["The client booked it.", *([sentence] if sentence else [])]


def test_money_that_came_too_late_is_told(grace, provider):
    late = make_appointment(provider=provider, at=TEN, status="expired")
    payment = make_payment(late, paid_at=NOW, problem="time gone")
    payment.refunds.create(attempt=1, amount=6000, reason="time gone", status="pending")
    assert story(grace, late) == [
        "The client booked it.",
        "Its time was given back, as it was not paid in time.",
        "The client paid €60.00, after the time had been given back.",
        "€60.00 goes back to the card.",
    ]


def test_a_change_is_told_before_the_mail_that_it_owes(grace, paid):
    """The mail is written some thousandths of a second sooner."""
    paid.cancel(by=User.objects.get(username="grace"))
    Change.objects.update(at=F("at") + timedelta(milliseconds=3))
    told = story(grace, paid)
    assert told.index("Grace Kelly cancelled it, and €30.00 goes back.") < told.index(
        "On its way to jo@example.com: the cancellation."
    )


def test_it_says_that_its_client_waits_for_an_earlier_time(grace, confirmed):
    assert "For an earlier time." not in read(grace, confirmed)
    entry = WaitingEntry.objects.ask_for_earlier(confirmed, confirmed.appointment_time, NOW)
    assert "Waiting list For an earlier time. A mail tells the client when one becomes free." in read(grace, confirmed)
    entry.end(entry.Ending.BY_OWNER, NOW)
    assert "For an earlier time." not in read(grace, confirmed)


@pytest.mark.parametrize("many", [1, 20])
def test_it_costs_the_same_however_long_its_story(paid, many, django_assert_num_queries):
    olive = somebody("Olive Moss", OWNER)
    payment = Payment.objects.get()
    for number in range(many):
        Change.objects.record(paid, Change.Kind.LINK, User.objects.get())
        Mail.about(paid, Mail.Kind.CONFIRMED, str(number)).save()
        payment.refunds.create(attempt=number + 1, amount=1, reason="staff")
        make_payment(paid, problem="paid twice")
    with django_assert_num_queries(12):
        olive.get(address(paid))


@pytest.mark.parametrize("many", [1, 20])
def test_what_was_taken_and_whether_the_rest_is_asked_for_cost_as_many_questions_for_one_as_for_many(
    paid, many, django_assert_num_queries
):
    olive = somebody("Olive Moss", OWNER)
    Appointment.objects.update(due_at_practice=40)
    for _ in range(many):
        make_taking(paid, -1000, undoes=make_taking(paid))
    with django_assert_num_queries(15):
        olive.get(address(paid))
