"""What is still to be paid at the practice can be asked for by link: paid online, it is due at the practice no more."""

from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from booking.mail.letters import what_it_costs
from booking.models import Appointment, ChangedMeanwhile, NotCancellable
from payments import gateway, refunds, takings
from payments.audit import audit
from payments.checkout import NotHeld, open_session
from payments.models import Payment, Refund, Taking
from payments.sandbox import disputes
from payments.sandbox.models import StripeObject
from payments.sandbox.wire import ApiRequest
from payments.settlement import settle
from tests.factories import book, in_days, make_payment, make_provider, make_service
from tests.meeting import answer_of
from tests.pages import Page, words
from tests.payments.returning import ten_seconds_go_by_at_stripe
from tests.payments.sandbox.pay_page import PayPage
from tests.payments.standing import refunds_at_stripe, refunds_of, session_at_stripe, sessions_at_stripe
from tests.payments.ticking import later_tick

PAID_TWICE, TIME_GONE = Payment.Problem.PAID_TWICE, Payment.Problem.TIME_GONE


@pytest.fixture
def grace():
    return User.objects.create(username="grace", first_name="Grace", last_name="Kelly")


@pytest.fixture
def held(live_server, settings):
    """Of its price of €60.00 a deposit of €20.00 is due online."""
    settings.CANCELLATION_POLICY = "48h 100%, 0h 50%"
    provider = make_provider(services=[make_service(payment="deposit", deposit="20.00")])
    return book(provider, in_days(3, provider=provider))


@pytest.fixture
def pay(monkeypatch):
    """Open the session of what is due now and pay it as the client would. We get no webhook of it."""
    monkeypatch.setattr("payments.sandbox.webhooks.post", lambda event: "dropped")

    def pay(appointment):
        payment = open_session(now(appointment))
        assert PayPage(payment.url).pay().status_code == 303
        return payment

    return pay


@pytest.fixture
def asked(paid, held, grace):
    """Its deposit is paid, and its client is asked for the rest."""
    now(held).ask_for_rest(grace)
    return held


@pytest.fixture
def rest_paid(asked, pay):
    """The rest is paid at Stripe, and we have not heard of it yet."""
    return pay(asked)


def now(appointment):
    return Appointment.objects.get(pk=appointment.pk)


def take(appointment, amount, by):
    return takings.take(now(appointment), Decimal(amount), method="cash", taken_at=timezone.now(), by=by)


def owed(appointment):
    """Return what is due online, what at the practice, and what is left to pay there."""
    row = now(appointment)
    return str(row.due_online), str(row.due_at_practice), str(row.left_at_practice)


def pay_page(appointment):
    return Client().get(f"/payments/{appointment.reference}/")


def wrong():
    return list(audit(timezone.now()))


# Asking


def test_before_anybody_asks_there_is_nothing_to_pay_online(paid, held):
    assert pay_page(held)["Location"] == f"/appointments/{held.reference}/"
    with pytest.raises(NotHeld):
        open_session(now(held))


def test_the_client_gets_a_mail_with_the_link_to_a_page_that_names_the_amount(asked):
    call_command("tick")
    [letter] = [one for one in mail.outbox if "Still to pay" in one.subject]
    assert ("€40.00 of the price of your appointment is still to pay." in letter.body, letter.to) == (
        True,
        ["jo@example.com"],
    )
    assert asked.payment_url in letter.body
    page = pay_page(asked)
    assert (page.status_code, Page(page).heading("h1")) == (200, ["Pay for your appointment"])
    assert "This is still to pay, here or at the practice: €40.00" in words(page)
    assert wrong() == []


def test_the_page_of_the_appointment_leads_there_as_long_as_something_is_left(asked, grace):
    address = f"/appointments/{asked.reference}/"
    assert Page(Client().get(address)).links["Pay for your appointment"] == f"/payments/{asked.reference}/"
    take(asked, "40.00", grace)
    assert "Pay for your appointment" not in Page(Client().get(address)).links


def test_the_client_reads_what_was_paid_at_the_practice(paid, held, grace):
    take(held, "15.00", grace)
    said = words(Client().get(f"/appointments/{held.reference}/"))
    assert "Price €60.00 Paid online €20.00 Paid at the practice €15.00 Left to pay €25.00 at the practice" in said


def test_the_page_says_what_comes_back_of_all_that_is_then_paid_online(asked):
    assert "If you cancel: €60.00 comes back" in words(pay_page(asked))


def test_nothing_is_mailed_to_a_client_without_an_address(paid, held, grace):
    Appointment.objects.update(client_email="", client_phone="+353871234567")
    now(held).ask_for_rest(grace)
    assert (now(held).mails.filter(kind="rest link").count(), pay_page(held).status_code) == (0, 200)


def test_a_mail_that_waits_is_not_sent_once_all_is_paid(asked, grace):
    take(asked, "40.00", grace)
    call_command("tick")
    assert [one for one in mail.outbox if "Still to pay" in one.subject] == []


@pytest.mark.parametrize(
    "facts", [{"status": "cancelled"}, {"due_at_practice": 0}, {"taken_at_practice": Decimal("39.51")}]
)
def test_nothing_is_asked_for_of_which_nothing_is_left_or_less_than_a_card_takes(paid, held, grace, facts):
    Appointment.objects.update(**facts)
    with pytest.raises(ChangedMeanwhile):
        now(held).ask_for_rest(grace)


def test_nobody_asks_for_another_amount_than_is_left(paid, held, grace):
    read = now(held)
    take(held, "10.00", grace)
    with pytest.raises(ChangedMeanwhile):
        read.ask_for_rest(grace)


# Paying


def test_stripe_is_asked_for_the_rest_and_told_that_it_is_one(asked):
    payment = open_session(now(asked))
    line = payment.params["line_items"][0]["price_data"]
    assert (payment.is_rest, payment.amount, line["unit_amount"]) == (True, 4000, 4000)
    assert line["product_data"]["name"] == "Rest for an appointment, Linden House Practice"
    assert session_at_stripe(payment).amount_total == 4000


def test_what_was_to_be_paid_at_the_practice_alone_is_not_called_a_rest(live_server, grace):
    provider = make_provider(services=[make_service(payment="at practice")])
    booked = book(provider, in_days(3, provider=provider))
    booked.ask_for_rest(grace)
    line = open_session(booked).params["line_items"][0]["price_data"]
    assert (line["unit_amount"], line["product_data"]["name"]) == (6000, "Appointment, Linden House Practice")


def test_the_rest_that_is_paid_is_due_at_the_practice_no_more(asked, rest_paid):
    settle(rest_paid)
    row = now(asked)
    assert (owed(asked), row.status, row.standing) == (("60.00", "0.00", "0.00"), "confirmed", "paid")
    rest_paid.refresh_from_db()
    assert (rest_paid.status, rest_paid.problem, wrong()) == ("paid", "", [])
    assert pay_page(asked).status_code == 303
    address = f"/payments/{asked.reference}/success/?session_id={rest_paid.checkout_session_id}"
    assert Page(Client().get(address)).heading("h1") == ["Your payment has arrived"]


def test_settled_by_many_at_once_it_is_taken_off_once(asked, rest_paid, together):
    together(*[lambda: settle(rest_paid)] * 3)
    assert (owed(asked), wrong()) == (("60.00", "0.00", "0.00"), [])


def test_a_part_taken_at_the_practice_leaves_the_other_part_to_pay_by_link(asked, grace, pay):
    take(asked, "15.00", grace)
    payment = pay(asked)
    settle(payment)
    assert (payment.amount, owed(asked), wrong()) == (2500, ("45.00", "15.00", "0.00"), [])


def test_pressed_in_two_tabs_one_session_is_opened(asked, together):
    before = sessions_at_stripe()
    first, second = together(*[lambda: open_session(now(asked))] * 2)
    assert (first, sessions_at_stripe() - before) == (second, 1)


def test_a_button_that_named_another_amount_opens_nothing(asked, grace):
    shown = {"seen": now(asked).shown_state, "rest": "40.00"}
    take(asked, "15.00", grace)
    before = sessions_at_stripe()
    answer = Client().post(f"/payments/{asked.reference}/checkout/", shown)
    assert (answer.status_code, sessions_at_stripe() - before) == (409, 0)
    assert ("Your appointment has changed" in words(answer), Page(answer).fields["rest"]) == (True, "25.00")


def test_a_page_that_is_open_ends_when_money_is_taken_at_the_practice(asked, grace):
    payment = open_session(now(asked))
    take(asked, "15.00", grace)
    payment.refresh_from_db()
    assert (payment.status, session_at_stripe(payment).status) == ("expired", "expired")
    assert open_session(now(asked)).amount == 2500


def test_a_page_for_more_than_is_left_is_closed_before_another_is_opened(asked):
    payment = open_session(now(asked))
    Appointment.objects.update(taken_at_practice=15)
    assert (open_session(now(asked)).amount, session_at_stripe(payment).status) == (2500, "expired")


def test_a_page_that_could_not_be_closed_is_closed_by_tick(asked, grace, stripe_down, stripe_up):
    payment = open_session(now(asked))
    stripe_down()
    take(asked, "40.00", grace)
    assert session_at_stripe_later(payment, stripe_up) == "open"
    later_tick()
    assert (session_at_stripe(payment).status, wrong()) == ("expired", [])


def session_at_stripe_later(payment, stripe_up):
    stripe_up()
    return session_at_stripe(payment).status


# Too late


def test_the_rest_that_was_taken_at_the_practice_meanwhile_goes_back(asked, rest_paid, grace):
    take(asked, "40.00", grace)
    settle(rest_paid)
    rest_paid.refresh_from_db()
    assert (rest_paid.problem, refunds_at_stripe(rest_paid)) == (PAID_TWICE, [(4000, "succeeded")])
    assert (owed(asked), now(asked).status, wrong()) == (("20.00", "40.00", "0.00"), "confirmed", [])


def test_the_rest_of_an_appointment_that_was_cancelled_meanwhile_goes_back(asked, rest_paid, paid):
    assert now(asked).cancel() is True
    settle(rest_paid)
    rest_paid.refresh_from_db()
    assert (rest_paid.problem, refunds_at_stripe(rest_paid)) == (TIME_GONE, [(4000, "succeeded")])
    assert (refunds_of(paid), wrong()) == ([("cancelled", 2000, "succeeded")], [])


def test_whoever_cancels_what_they_read_before_the_rest_was_paid_cancels_nothing(asked, rest_paid):
    """They would get back less than they have paid."""
    read = now(asked)
    settle(rest_paid)
    with pytest.raises(NotCancellable):
        read.cancel(Decimal("20.00"))
    assert (now(asked).status, wrong()) == ("confirmed", [])


def test_cancelling_closes_an_open_page(asked):
    payment = open_session(now(asked))
    now(asked).cancel()
    assert session_at_stripe(payment).status == "expired"


def test_moving_leaves_an_open_page_open(asked, grace):
    payment = open_session(now(asked))
    now(asked).reschedule(in_days(5, provider=asked.provider), by=grace)
    PayPage(payment.url).pay()
    settle(payment)
    assert (owed(asked), wrong()) == (("60.00", "0.00", "0.00"), [])


@pytest.mark.parametrize("by_link_first", [True, False])
def test_who_settles_and_who_takes_at_once_take_it_once(asked, rest_paid, grace, together, by_link_first):
    read = now(asked)  # before either has begun, as a page was
    cash = {"method": "cash", "taken_at": timezone.now(), "by": grace}
    take_all = answer_of(lambda: takings.take(read, read.left_at_practice, **cash), ChangedMeanwhile)
    calls = [lambda: settle(rest_paid), take_all]
    together(*(calls if by_link_first else reversed(calls)))
    rest_paid.refresh_from_db()
    taken = Taking.objects.count()
    assert (rest_paid.problem, now(asked).left_at_practice, wrong()) == (PAID_TWICE if taken else "", 0, [])


# Money back


def test_cancelling_returns_both_payments_by_the_policy_and_no_more(asked, rest_paid, paid):
    settle(rest_paid)
    step = f"/appointments/{asked.reference}/cancel/"
    assert Client().post(step, {"refund": "60.00"}).status_code == 303
    assert (refunds_at_stripe(paid), refunds_at_stripe(rest_paid)) == ([(2000, "succeeded")], [(4000, "succeeded")])
    assert (str(now(asked).returned), wrong()) == ("60.00", [])


def test_a_part_that_is_less_than_one_payment_comes_of_one(asked, rest_paid, paid):
    settle(rest_paid)
    now(asked).cancel(Decimal("50.00"))
    both = refunds_at_stripe(paid) + refunds_at_stripe(rest_paid)
    assert (sum(amount for amount, _ in both), str(now(asked).returned), wrong()) == (5000, "50.00", [])


# The rest that went back is due at the practice again


def returned_at_the_desk(payment, by):
    refunds.return_money(payment, payment.amount, by=by)


def returned_by_hand(payment, by):
    refunds.return_money(payment, payment.amount, Refund.Reason.BY_HAND, by=by)


def returned_in_the_dashboard(payment, by):
    gateway.create_refund({"payment_intent": payment.payment_intent_id}, "dashboard")
    refunds.reconcile(payment)


def charged_back(payment, by):
    charge = StripeObject.objects.get(type="charge", body__payment_intent=payment.payment_intent_id)
    disputes.open_on(charge, "needs_response", payment.amount)
    refunds.reconcile(payment)
    assert owed(payment.appointment) == ("60.00", "0.00", "0.00")
    disputes.submit_evidence(StripeObject.objects.get(type="dispute").pk, disputes.LOSING, ApiRequest())
    refunds.reconcile(payment)


@pytest.mark.parametrize("goes", [returned_at_the_desk, returned_by_hand, returned_in_the_dashboard, charged_back])
def test_a_rest_that_went_back_can_be_taken_at_the_practice(asked, rest_paid, grace, goes):
    settle(rest_paid)
    rest_paid.refresh_from_db()
    goes(rest_paid, grace)
    assert (owed(asked), str(now(asked).returned), wrong()) == (("20.00", "40.00", "40.00"), "0.00", [])
    take(asked, "40.00", grace)
    assert (owed(asked), now(asked).standing, wrong()) == (("20.00", "40.00", "0.00"), "paid", [])


def test_a_rest_that_went_back_can_be_asked_for_and_paid_again(asked, rest_paid, grace, pay):
    settle(rest_paid)
    rest_paid.refresh_from_db()
    returned_at_the_desk(rest_paid, grace)
    now(asked).ask_for_rest(grace)
    again = pay(asked)
    settle(again)
    assert (again.amount, owed(asked), wrong()) == (4000, ("60.00", "0.00", "0.00"), [])
    now(asked).cancel(Decimal("60.00"), by=grace)
    assert (str(now(asked).returned), refunds_at_stripe(again), wrong()) == ("60.00", [(4000, "succeeded")], [])


def test_a_part_of_the_rest_that_went_back_is_due_again(asked, rest_paid, grace):
    settle(rest_paid)
    rest_paid.refresh_from_db()
    refunds.return_money(rest_paid, 1500, by=grace)
    assert (owed(asked), wrong()) == (("45.00", "15.00", "15.00"), [])


def test_a_deposit_that_went_back_is_due_nowhere(asked, paid, grace):
    refunds.return_money(paid, 2000, by=grace)
    assert (owed(asked), str(now(asked).returned), wrong()) == (("20.00", "40.00", "40.00"), "20.00", [])


def test_what_a_bank_gives_back_after_it_was_taken_at_the_practice_was_paid_twice(asked, rest_paid, grace):
    """An appeal is won months later. Staff see the payment, and return it."""
    settle(rest_paid)
    rest_paid.refresh_from_db()
    charged_back(rest_paid, grace)
    take(asked, "40.00", grace)
    StripeObject.objects.get(type="dispute").change(status="won")
    refunds.reconcile(rest_paid)
    assert (owed(asked), rest_paid.amount_refundable, wrong()) == (("20.00", "40.00", "0.00"), 4000, [])


def test_after_cancelling_nothing_is_due_again(asked, rest_paid, grace):
    settle(rest_paid)
    now(asked).cancel(Decimal("60.00"), by=grace)
    assert (owed(asked), wrong()) == (("60.00", "0.00", "0"), [])


# Paying the rest takes nothing away


def test_who_pays_by_link_what_was_due_at_the_practice_may_move_as_before(live_server, settings, grace, pay):
    settings.CANCELLATION_POLICY = "48h 50%"
    provider = make_provider(services=[make_service(payment="at practice")])
    booked = book(provider, in_days(3, provider=provider))
    before = (booked.is_movable, booked.movable_until)
    booked.ask_for_rest(grace)
    settle(pay(booked))
    paid = now(booked)
    assert (paid.is_movable, paid.movable_until) == before == (True, booked.appointment_time)


def test_who_pays_the_rest_after_a_deposit_may_move_as_before(asked, rest_paid):
    before = now(asked).movable_until
    settle(rest_paid)
    assert now(asked).movable_until == before == asked.appointment_time - timedelta(hours=48)


def test_of_a_cancelled_appointment_what_was_paid_with_the_rest_is_no_deposit(asked, grace, pay):
    take(asked, "15.00", grace)
    settle(pay(asked))
    assert ("Paid online", "€45.00") in what_it_costs(now(asked))
    now(asked).cancel(by=grace)
    said = words(Client().get(f"/appointments/{asked.reference}/"))
    assert ("Paid online €45.00" in said, "Deposit" in said) == (True, False)


@pytest.fixture
def moved_far_ahead(grace):
    """Once the test has called this, staff have moved the appointment to tomorrow, and from there far ahead."""

    def move(appointment):
        for days in (1, 30):
            now(appointment).reschedule(in_days(days, provider=appointment.provider), by=grace)

    return move


def given_back(appointment):
    """Return what cancelling gives back, when its client does it, and when reception does."""
    row, moment = now(appointment), timezone.now()
    return str(row.refund_at(moment)), str(row.refund_by_staff_at(moment))


def test_a_move_limits_nothing_of_a_rest_that_is_paid_later(live_server, settings, grace, pay, moved_far_ahead):
    settings.CANCELLATION_POLICY = "48h 100%"
    provider = make_provider(services=[make_service(payment="at practice")])
    there = book(provider, in_days(3, provider=provider))
    moved_far_ahead(there)
    now(there).ask_for_rest(grace)
    settle(pay(there))
    assert given_back(there) == ("60.00", "60.00")


def test_a_move_limits_the_deposit_and_no_rest_that_is_asked_for_later(paid, held, grace, pay, moved_far_ahead):
    """Half of the deposit was promised when it was moved, and all of the rest since."""
    moved_far_ahead(held)
    now(held).ask_for_rest(grace)
    settle(pay(held))
    assert given_back(held) == ("60.00", "50.00")


def test_a_move_limits_the_deposit_and_no_rest_that_was_asked_for_and_not_paid(asked, pay, moved_far_ahead):
    moved_far_ahead(asked)
    settle(pay(asked))
    assert given_back(asked) == ("60.00", "50.00")


def test_a_move_limits_a_rest_that_was_paid_before_it(asked, rest_paid, grace, moved_far_ahead):
    settle(rest_paid)
    moved_far_ahead(asked)
    assert given_back(asked) == ("60.00", "30.00")
    refunds.return_money(rest_paid, 4000, by=grace)
    assert given_back(asked) == ("20.00", "10.00")


# A refund that fails, a bank that decides otherwise, and a release that knew less


def money_of(appointment):
    """Return what of the rest is paid online, what is due at the practice, and what has gone back of the price."""
    row = now(appointment)
    return str(row.rest_paid_online), str(row.due_at_practice), str(row.returned)


@pytest.fixture
def rest_that_failed_to_return(asked, grace, monkeypatch):
    """Staff have returned the rest, and ten seconds later the refund has failed."""
    monkeypatch.setattr("payments.sandbox.webhooks.post", lambda event: "dropped")
    rest = open_session(now(asked))
    PayPage(rest.url).pay(number="4000 0000 0000 5126")
    settle(rest)
    rest.refresh_from_db()
    refunds.return_money(rest, 4000, by=grace)
    ten_seconds_go_by_at_stripe()
    refunds.reconcile(rest)
    return rest


def test_what_a_cancelling_promises_is_not_paid_with_what_is_due_of_a_failed_refund(
    asked, paid, rest_that_failed_to_return, grace
):
    now(asked).cancel()
    assert (refunds_of(paid), refunds_at_stripe(paid)) == ([("cancelled", 2000, "succeeded")], [(2000, "succeeded")])
    rest_that_failed_to_return.refresh_from_db()
    assert rest_that_failed_to_return.shortfall == 40
    refunds.return_money(rest_that_failed_to_return, 4000, Refund.Reason.BY_HAND, by=grace)
    assert (str(now(asked).returned), wrong()) == ("20.00", [])


def test_a_failed_refund_of_the_rest_hides_nothing_that_went_back_of_the_deposit(
    asked, paid, rest_that_failed_to_return, grace
):
    paid.refresh_from_db()
    refunds.return_money(paid, 1000, by=grace)
    assert money_of(asked) == ("0.00", "40.00", "10.00")


def lost(payment, amount):
    """Have the client's bank take so much of it, in minor units, and return the dispute."""
    charge = StripeObject.objects.get(type="charge", body__payment_intent=payment.payment_intent_id)
    disputes.open_on(charge, "needs_response", amount)
    dispute = StripeObject.objects.get(type="dispute", body__payment_intent=payment.payment_intent_id)
    disputes.submit_evidence(dispute.pk, disputes.LOSING, ApiRequest())
    refunds.reconcile(payment)
    payment.refresh_from_db()
    return dispute


def won_on_appeal(dispute, payment):
    dispute.refresh_from_db()
    dispute.change(status="won")
    refunds.reconcile(payment)
    payment.refresh_from_db()


def test_what_a_bank_gives_back_is_not_due_to_a_client_to_whom_nobody_promised_it(asked, paid, grace):
    paid.refresh_from_db()
    dispute = lost(paid, 1000)
    refunds.return_money(paid, 500, Refund.Reason.BY_HAND, by=grace)
    won_on_appeal(dispute, paid)
    assert (paid.shortfall, str(now(asked).returned), wrong()) == (0, "5.00", [])


def test_a_rest_that_a_bank_gave_back_counts_once_the_cash_for_it_is_undone(asked, rest_paid, grace):
    settle(rest_paid)
    rest_paid.refresh_from_db()
    dispute = lost(rest_paid, 4000)
    cash = take(asked, "40.00", grace)
    won_on_appeal(dispute, rest_paid)
    assert money_of(asked) == ("0.00", "40.00", "0.00")
    cash.refresh_from_db()
    takings.undo(cash, Decimal("40.00"), method="cash", taken_at=timezone.now(), by=grace)
    assert (money_of(asked), wrong()) == (("40.00", "0.00", "0.00"), [])


def as_an_older_release_has_it(appointment, returned):
    """It lowered what is due at the practice, and knew nothing of what of the rest is paid online."""
    Appointment.objects.filter(pk=appointment.pk).update(rest_paid_online=0, due_at_practice=0, returned=returned)


def test_a_rest_that_an_older_release_has_settled_is_reckoned_right_as_soon_as_stripe_is_asked(asked, rest_paid, grace):
    settle(rest_paid)
    rest_paid.refresh_from_db()
    as_an_older_release_has_it(asked, 0)
    refunds.return_money(rest_paid, 4000, by=grace)
    assert (money_of(asked), wrong()) == (("0.00", "40.00", "0.00"), [])


@pytest.mark.parametrize("went_back", [0, 1000])
def test_what_an_older_release_has_settled_is_told_apart_by_the_migration(asked, rest_paid, grace, went_back):
    settle(rest_paid)
    rest_paid.refresh_from_db()
    if went_back:
        refunds.return_money(rest_paid, went_back, by=grace)
    right = money_of(asked)
    migration = import_module("payments.migrations.0016_charged_back")
    as_an_older_release_has_it(asked, Decimal(went_back) / 100)
    for _again in range(2):
        migration.as_it_was_told_until_now(apps, None)
        assert (money_of(asked), wrong()) == (right, [])


# What audit proves


@pytest.fixture
def settled(asked, rest_paid):
    settle(rest_paid)
    return asked


def test_a_rest_that_was_not_taken_off_is_a_breach(settled, rest_paid):
    Appointment.objects.update(due_at_practice=40)
    assert wrong() == [f"Payment {rest_paid.pk} settled appointment {settled.pk} with another amount."]


def test_a_rest_that_is_said_to_be_paid_and_went_back_is_a_breach(settled, rest_paid):
    rest_paid.refresh_from_db()
    rest_paid.refunds.create(attempt=1, amount=4000, reason="by hand", status="succeeded")
    Appointment.objects.update(returned=40)
    assert wrong() == [f"Appointment {settled.pk} says that another part of the rest is paid online than is."]


def test_a_second_deposit_is_a_breach(settled):
    second = make_payment(settled, amount=2000, amount_captured=2000)
    assert wrong() == [f"Payment {second.pk} settled appointment {settled.pk} a second time."]


def test_less_returned_than_both_owe_is_a_breach(settled, rest_paid):
    Appointment.objects.update(status="cancelled", cancelled_at=timezone.now(), refund_due=Decimal("60.00"))
    assert wrong() == [f"Appointment {settled.pk} promised more back than payment {rest_paid.pk} owes."]


def test_another_sum_returned_than_of_both_is_a_breach(settled):
    Appointment.objects.update(returned=Decimal("20.00"))
    assert wrong() == [f"Appointment {settled.pk} says that another amount has gone back than its payment does."]
