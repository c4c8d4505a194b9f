"""What is due online, what at the practice, and what comes back is said before each button, and after it."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from booking.models import Appointment, Service
from tests.booking.clock import dublin
from tests.booking.mail.reading import received, text_of
from tests.booking.pages.book_page import TEN, chosen, form
from tests.booking.pages.moving import POLICY, move, step
from tests.factories import make_appointment, make_provider, make_service
from tests.pages import Page, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]

DEPOSIT = {"payment": "deposit", "deposit": "20.00"}
AT_PRACTICE = {"payment": "at practice"}
each_way = pytest.mark.parametrize("facts", [DEPOSIT, AT_PRACTICE], ids=["deposit", "at practice"])


@pytest.fixture(autouse=True)
def policy(settings):
    settings.CANCELLATION_POLICY = POLICY


def provider_paid(**facts):
    return make_provider(services=[make_service(**facts)])


def confirmed(days=5, **facts):
    return make_appointment(provider=provider_paid(**facts), at=dublin(1 + days, "10:00"), status="confirmed")


def page_of(appointment, part=""):
    return words(Client().get(f"/appointments/{appointment.reference}/{part}"))


# Before it is booked


@pytest.mark.parametrize(
    ("facts", "price", "said_aloud"),
    [
        ({}, "€60.00", "€60.00"),
        (DEPOSIT, "€60.00 deposit €20.00", "€60.00, deposit €20.00"),
        (AT_PRACTICE, "€60.00 at the practice", "€60.00, at the practice"),
        ({"price": "0.00", **AT_PRACTICE}, "Free", "free"),
    ],
    ids=str,
)
def test_the_list_says_it_beside_the_price(client, facts, price, said_aloud):
    shared = make_service(**facts)
    own = make_service(name="Talk", position=1, **facts)
    make_provider(services=[shared, own])
    make_provider(name="Bo Lund", services=[shared])
    page = client.get("/")
    assert f"Talk 30 minutes {price} " in words(page)
    assert f"Consultation 30 minutes {price} " in words(page)
    labels = " ".join(page.content.decode().split())
    assert f'Talk with Dr Ada Byrne, 30 minutes, {said_aloud}">' in labels
    assert f'Consultation with anyone, 30 minutes, {said_aloud}">' in labels


@pytest.mark.parametrize(
    ("facts", "sentence", "button", "terms"),
    [
        (
            {},
            "We keep this time for you while you pay €60.00 by card.",
            "Continue to payment",
            "If you cancel: €60.00 comes back until",
        ),
        (
            DEPOSIT,
            (
                "We keep this time for you while you pay a deposit of €20.00 by card. "
                "You pay the other €40.00 at the practice."
            ),
            "Continue to payment",
            "If you cancel: €20.00 comes back until",
        ),
        (
            AT_PRACTICE,
            "You pay €60.00 at the practice. The appointment is confirmed as soon as you press the button.",
            "Confirm appointment",
            "",
        ),
    ],
    ids=["online", "deposit", "at practice"],
)
def test_the_details_say_what_is_paid_where_above_the_button(client, facts, sentence, button, terms):
    provider_paid(**facts)
    said = words(client.get(chosen(time="2026-06-05T10:00+01:00")))
    assert said.index(sentence) < said.index(button)
    assert ("comes back" in said, terms in said) == (bool(terms), True)


@each_way
def test_a_time_that_cannot_be_had_says_nothing_of_terms_where_nothing_is_paid_online(client, facts):
    provider = provider_paid(**facts)
    make_appointment(provider=provider, at=dublin(2, "10:00"), status="confirmed")
    said = words(client.post("/", form()))
    assert ("What comes back if you cancel" in said) == (facts == DEPOSIT)


def test_what_is_paid_at_the_practice_leads_to_its_page_and_not_to_pay(client):
    provider_paid(**AT_PRACTICE)
    answer = client.post("/", form(), follow=True)
    booked = Appointment.objects.get()
    assert (booked.status, answer.redirect_chain) == ("confirmed", [(f"/appointments/{booked.reference}/", 303)])
    said = words(answer)
    assert ("Appointment confirmed" in said, "Price €60.00 Left to pay €60.00 at the practice" in said) == (
        True,
        True,
    )
    assert Client().get(f"/payments/{booked.reference}/")["Location"] == f"/appointments/{booked.reference}/"


def test_the_payment_page_names_the_amount_that_its_button_takes(client):
    provider_paid(**DEPOSIT)
    answer = client.post("/", form(), follow=True)
    booked = Appointment.objects.get()
    assert answer.redirect_chain == [(f"/payments/{booked.reference}/", 303)]
    said = words(answer)
    assert "€20.00 This is the deposit. You pay the other €40.00 at the practice. Pay with Stripe" in said
    assert "Price €60.00 Deposit €20.00 At the practice €40.00" in said
    assert '<button class="primary" aria-describedby="amount">' in answer.content.decode()


def test_a_hold_whose_service_is_paid_in_another_way_by_now_stays_as_it_was(client):
    provider_paid(**DEPOSIT)
    client.get(chosen(time=TEN))
    client.post("/", form())
    Service.objects.update(payment="online")
    said = words(client.get(chosen(time=TEN)))
    assert "with Dr Ada Byrne for €60.00, deposit €20.00." in said
    assert ("What is offered has changed since you booked it" in said, "Change your details" in said) == (True, False)


# Once it is booked


@pytest.mark.parametrize(
    ("status", "receipt"),
    [
        ("held", "Price €60.00 Deposit €20.00 At the practice €40.00"),
        ("confirmed", "Price €60.00 Paid online €20.00 Left to pay €40.00 at the practice"),
        ("cancelled", "Price €60.00 Deposit €20.00"),
        ("expired", "Price €60.00 Deposit €20.00"),
    ],
)
def test_a_receipt_of_a_deposit_says_what_is_paid_and_what_is_left(status, receipt):
    booked = make_appointment(provider=provider_paid(**DEPOSIT), at=dublin(5, "10:00"), status=status)
    said = page_of(booked)
    assert receipt in said
    assert ("At the practice" in said) == (status == "held")


@pytest.mark.parametrize(
    ("facts", "rows"),
    [
        ({}, "Price €60.00 Paid online €20.00 Left to pay €40.00 at the practice"),
        (
            {"taken_at_practice": 15},
            "Price €60.00 Paid online €20.00 Paid at the practice €15.00 Left to pay €25.00 at the practice",
        ),
        (
            {"taken_at_practice": 40},
            "Price €60.00 Paid online €20.00 Paid at the practice €40.00 Left to pay €0.00",
        ),
        (
            {"taken_at_practice": 40, "returned": 10},
            "Price €60.00 Paid online €20.00 Paid at the practice €40.00 Refund €10.00 Left to pay €0.00",
        ),
        (
            {"taken_at_practice": 40, "returned": 20, "status": "cancelled", "cancelled_at": dublin(1, "12:00")},
            "Price €60.00 Paid online €20.00 Paid at the practice €40.00 Refund €20.00",
        ),
    ],
    ids=["nothing taken", "a part taken", "all taken", "some returned", "cancelled"],
)
def test_its_page_and_its_mails_read_as_a_sum(facts, rows):
    booked = confirmed(**DEPOSIT)
    booked.row.update(**facts)
    booked.refresh_from_db()
    assert rows in page_of(booked)
    [costs] = re.findall(r"Price: (?:.+\n)+", text_of(received(booked, "cancelled")))
    assert costs.replace("\n", " ").replace(":", "").replace(",", "").strip() == rows


def test_of_what_was_paid_online_only_nothing_is_said_to_be_left():
    booked = confirmed()
    assert "Price €60.00 Paid online €60.00" in page_of(booked)
    assert "Left to pay" not in page_of(booked)


def test_the_cancel_step_returns_the_deposit_and_speaks_of_nothing_else(client):
    booked = confirmed(**DEPOSIT)
    page = Page(client.get(f"/appointments/{booked.reference}/cancel/"))
    said = " ".join(page.text)
    assert ("all €20.00 you paid online goes back" in said, "Cancel and get €20.00 back" in said) == (True, True)
    assert ("€60.00" in said, page.fields["refund"]) == (False, "20.00")
    client.post(f"/appointments/{booked.reference}/cancel/", {"refund": "20.00", "seen": page.fields["seen"]})
    booked.refresh_from_db()
    assert (booked.status, booked.refund_due) == ("cancelled", Decimal("20.00"))


def test_the_cancel_step_of_what_is_paid_at_the_practice_has_no_terms(client):
    booked = confirmed(**AT_PRACTICE)
    said = page_of(booked, "cancel/")
    assert ("comes back" in said, "€" in said, "Cancel this appointment" in said) == (False, False, True)
    client.post(f"/appointments/{booked.reference}/cancel/")
    booked.refresh_from_db()
    assert (booked.status, booked.refund_due) == ("cancelled", Decimal(0))


@each_way
def test_moving_says_nothing_of_payments_that_are_not_so(client, facts):
    booked = confirmed(**facts)
    later = dublin(7, "10:00")
    said = words(client.get(step(booked, f"?time={later:%Y-%m-%dT%H:%M}%2B00:00")))
    assert ("nothing more to pay" in said, "at the price you paid" in page_of(booked)) == (False, False)
    assert ("What comes back if you cancel" in said) == (facts == DEPOSIT)
    assert move(booked, later).status_code == 303


# In mails


@pytest.mark.parametrize(
    ("facts", "sentence", "costs"),
    [
        (
            DEPOSIT,
            (
                "Your appointment is confirmed and its deposit paid. You pay the other €40.00 at the practice. "
                "We look forward to seeing you."
            ),
            "Price: €60.00\nPaid online: €20.00\nLeft to pay: €40.00, at the practice",
        ),
        (
            AT_PRACTICE,
            "Your appointment is confirmed. You pay €60.00 at the practice. We look forward to seeing you.",
            "Price: €60.00\nLeft to pay: €60.00, at the practice",
        ),
    ],
    ids=["deposit", "at practice"],
)
def test_the_confirmation_says_what_is_paid_where(facts, sentence, costs):
    text = text_of(received(confirmed(**facts)))
    assert (sentence in text, costs in text) == (True, True)
    assert ("If you cancel, €20.00 comes back until" in text, "If you cancel" in text) == ((facts == DEPOSIT),) * 2


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (DEPOSIT, "An appointment was booked and its deposit paid. The other €40.00 is paid at the practice."),
        (AT_PRACTICE, "An appointment was booked. €60.00 is paid at the practice."),
    ],
    ids=["deposit", "at practice"],
)
def test_so_does_the_practices_mail(facts, sentence):
    assert sentence in text_of(received(confirmed(**facts), reader="practice"))


def test_the_link_to_pay_is_for_the_deposit():
    held = make_appointment(provider=provider_paid(**DEPOSIT), at=dublin(5, "10:00"))
    sentence = (
        "It is confirmed as soon as the deposit is paid: €20.00, by card, on the page below. You pay the other €40.00 "
        "at the practice."
    )
    assert sentence in text_of(received(held, "payment link"))


@pytest.mark.parametrize(
    ("facts", "due", "sentence"),
    [
        (DEPOSIT, "20.00", "All €20.00 you paid online goes back to you. We write again when that is done."),
        (DEPOSIT, "10.00", "€10.00 of the €20.00 you paid goes back to you. We write again when that is done."),
        (DEPOSIT, "0.00", "Nothing comes back of the €20.00 you paid. Tell the practice if that is not right."),
        (AT_PRACTICE, "0.00", ""),
    ],
    ids=str,
)
def test_a_cancellation_tells_of_what_was_paid_online(facts, due, sentence):
    booked = confirmed(**facts)
    booked.status, booked.refund_due = "cancelled", Decimal(due)
    text = text_of(received(booked, "cancelled"))
    assert (sentence in text, "you paid" in text) == (True, bool(sentence))


def test_what_was_paid_at_the_practice_too_is_not_said_to_go_back():
    booked = confirmed(**DEPOSIT)
    booked.row.update(taken_at_practice=40)
    booked.refresh_from_db()
    sentences = "all €20.00 you paid online goes back", "For the €40.00 you paid at the practice, ask the practice."
    step = page_of(booked, "cancel/")
    booked.status, booked.refund_due = "cancelled", Decimal("20.00")
    mail = text_of(received(booked, "cancelled"))
    assert [sentence.lower() in said.lower() for said in (step, mail) for sentence in sentences] == [True] * 4


def test_of_what_was_paid_at_the_practice_only_the_client_is_led_there():
    booked = confirmed(**AT_PRACTICE)
    booked.row.update(taken_at_practice=60)
    booked.refresh_from_db()
    step = page_of(booked, "cancel/")
    booked.status = "cancelled"
    mail = text_of(received(booked, "cancelled"))
    sentence = "For the €60.00 you paid at the practice, ask the practice."
    assert [(sentence in said, "goes back" in said) for said in (step, mail)] == [(True, False)] * 2
