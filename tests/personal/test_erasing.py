"""What is held about a person, by an address or a phone number, and what is left when it is erased."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from booking.mail import sending
from booking.models import Appointment, ChangedMeanwhile, LinksRequest, Mail, WaitingEntry
from booking.personal_data import NobodyNamed, Person
from payments.audit import audit
from payments.models import Payment
from payments.personal_data import NotErasable, Reason, erase, obstacles_to
from tests.factories import in_days, make_appointment, make_payment
from tests.personal.conftest import EMAIL, FACTS, NEEDLES, NUMBER, params_for
from tests.personal.dump import tables_with
from tests.shapes import booking_json

HOLDING = [
    "booking_appointment",
    "booking_idempotentrequest",
    "booking_linksrequest",
    "booking_mail",
    "booking_waitingentry",
    "booking_waitingoffer",
    "payments_payment",
    "payments_receipt",
]


@pytest.mark.parametrize("text", [EMAIL, EMAIL.upper(), f"  {EMAIL} ", "087 123 4567", "+353 87 123 4567"])
def test_a_person_is_found_by_their_address_in_any_case_or_by_their_number(past, text):
    assert list(Person.read(text).appointments) == [past]


@pytest.mark.any_engine
@pytest.mark.parametrize("text", ["", "zoe", "zoe@", "12", "@example.com", "zoe@example"])
def test_anything_else_names_nobody(text):
    with pytest.raises(NobodyNamed):
        Person.read(text)


def test_another_tag_in_the_address_is_told_and_not_taken_for_the_same(provider, past, zoe):
    tagged = {**FACTS, "email": "zoe.oneill+spring@example.com"}
    other = make_appointment(provider=provider, at=in_days(-2, provider=provider), status="confirmed", **tagged)
    assert (list(zoe.appointments), list(zoe.of_the_same_mailbox)) == ([past], [other])


def test_before_it_is_erased_each_of_these_tables_holds_something_of_her(everything):
    assert tables_with(*NEEDLES) == HOLDING


def test_after_erasing_no_table_holds_anything_of_her(everything, zoe):
    assert erase(zoe, timezone.now()) == 2
    assert tables_with(*NEEDLES) == []


def test_by_her_number_all_goes_that_was_booked_with_it(everything):
    assert erase(Person.read(NUMBER), timezone.now()) == 1
    assert tables_with("353871234567", "walsh", "vancouver") == ["booking_waitingentry"]


def test_what_it_was_and_what_it_cost_stays(past, zoe):
    kept = [
        field.attname
        for field in Appointment._meta.concrete_fields
        if field.attname not in {*FACTS, "client_email", "client_mailbox", "search_text", "erased_at"}
    ]
    was = Appointment.objects.values(*kept).get(pk=past.pk)
    money = Payment.objects.values("amount", "status", "payment_intent_id", "paid_at").get()
    erase(zoe, timezone.now())
    assert (Appointment.objects.values(*kept).get(pk=past.pk), Payment.objects.values(*money).get()) == (was, money)
    assert Payment.objects.get().params == {"mode": "payment", "line_items": [{"quantity": 1}]}


def test_others_keep_what_is_theirs(everything, provider, zoe):
    other = make_appointment(provider=provider, at=in_days(-2, provider=provider), status="confirmed", email="jo@a.ie")
    payment = make_payment(other, params=params_for("jo@a.ie"))
    erase(zoe, timezone.now())
    other.refresh_from_db()
    payment.refresh_from_db()
    assert (other.client_email, other.erased_at, payment.params["customer_email"]) == ("jo@a.ie", None, "jo@a.ie")
    assert [one.params.get("customer_email", "") for one in Payment.objects.order_by("pk")] == [
        "",
        "",
        "sam@example.com",
        "jo@a.ie",
    ]
    assert list(WaitingEntry.objects.values_list("address", flat=True)) == ["sam@example.com"]


def test_the_answer_about_somebody_whose_address_ends_like_hers_stays(provider):
    body = booking_json(at=in_days(3, provider=provider), email="joann@example.com", service="call")
    sent = {"content_type": "application/json", "headers": {"Idempotency-Key": "joanns-key"}}
    made = Client().post("/api/appointments", body, **sent)
    erase(Person.read("ann@example.com"), timezone.now())
    again = Client().post("/api/appointments", body, **sent)
    assert (made.status_code, again.status_code, again.json()) == (201, 201, made.json())


def test_a_mail_that_is_owed_to_her_is_not_sent(everything, zoe, mailoutbox):
    erase(zoe, timezone.now())
    sending.send_due(timezone.now() + timedelta(hours=2))
    assert [mail.to for mail in mailoutbox if EMAIL in str(mail.to).lower()] == []
    assert Mail.objects.filter(status=Mail.Status.OWED, reader=Mail.Reader.CLIENT, waiting=None).count() == 0


def test_her_request_for_links_is_not_answered(everything, zoe):
    erase(zoe, timezone.now())
    assert LinksRequest.objects.count() == 0


def test_what_is_wrong_is_none_of_it_afterwards(everything, zoe):
    before = list(audit(timezone.now()))
    erase(zoe, timezone.now())
    assert list(audit(timezone.now())) == before


def test_the_page_of_an_erased_appointment_says_nothing_personal(past, zoe):
    erase(zoe, timezone.now())
    page = Client().get(f"/appointments/{past.reference}/").content.decode().lower()
    answer = Client().get(f"/api/appointments/{past.reference}")
    assert ([needle for needle in NEEDLES if needle in page], answer.json()["client_email"]) == ([], "")


def test_a_correction_that_comes_late_writes_nothing_back(past, zoe):
    late, grace = Appointment.objects.get(pk=past.pk), User.objects.create(username="grace")
    erase(zoe, timezone.now())
    with pytest.raises(ChangedMeanwhile):
        late.correct(grace, client_name="Zoe O'Neill")
    assert Appointment.objects.get(pk=past.pk).client_name == ""


def test_more_than_one_portion_is_erased(provider, zoe, monkeypatch):
    monkeypatch.setattr("payments.personal_data.IN_ONE_TRANSACTION", 2)
    for day in range(1, 6):
        make_appointment(provider=provider, at=in_days(-day, provider=provider), status="confirmed", **FACTS)
    assert (erase(zoe, timezone.now()), tables_with(*NEEDLES)) == (5, [])


def test_to_erase_again_changes_nothing(everything, zoe):
    erase(zoe, timezone.now())
    was = list(Appointment.objects.order_by("pk").values())
    assert (erase(zoe, timezone.now()), list(Appointment.objects.order_by("pk").values())) == (0, was)


# What is in the way


def tomorrow(provider, past, **facts):
    make_appointment(provider=provider, at=in_days(1, provider=provider), **{"status": "confirmed", **FACTS, **facts})


def tomorrow_and_not_paid(provider, past):
    tomorrow(provider, past, status="held")


def on_its_way(provider, past):
    past.payments.update(status="processing", amount_captured=0)


def open_at_stripe(provider, past):
    past.payments.update(status="open", amount_captured=0)


def disputed(provider, past):
    past.payments.update(dispute="needs_response")


def not_read_yet(provider, past):
    past.payments.update(dispute=Payment.NOT_READ)


def inquired(provider, past):
    past.payments.update(dispute="warning_under_review")


def returning(provider, past):
    past.payments.get().add_refund(3000, "staff")


def refund_failed(provider, past):
    past.payments.get().add_refund(3000, "staff", status="failed")


def mismatched(provider, past):
    past.payments.update(problem="mismatch")


def under_an_address_of_before(provider, past):
    """Somebody else's appointment, for which she may still be paying on a page that is open."""
    theirs = make_appointment(provider=provider, at=in_days(-3, provider=provider), status="confirmed", email=EMAIL)
    make_payment(theirs, params=params_for(EMAIL), status="open")
    theirs.correct(User.objects.create(username="grace"), client_email="sam@example.com")


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (tomorrow, Reason.COMING),
        (tomorrow_and_not_paid, Reason.COMING),
        (on_its_way, Reason.ON_ITS_WAY),
        (open_at_stripe, Reason.ON_ITS_WAY),
        (disputed, Reason.DISPUTED),
        (not_read_yet, Reason.DISPUTED),
        (inquired, Reason.DISPUTED),
        (returning, Reason.RETURNING),
        (refund_failed, Reason.STILL_DUE),
        (mismatched, Reason.UNEXPLAINED),
        (under_an_address_of_before, Reason.ON_ITS_WAY),
    ],
)
def test_nothing_is_erased_while_something_is_in_the_way(provider, past, zoe, happens, reason):
    happens(provider, past)
    found = [one.reason for one in obstacles_to(zoe, timezone.now())]
    with pytest.raises(NotErasable):
        erase(zoe, timezone.now())
    assert (found, Appointment.objects.filter(erased_at=None, client_phone=NUMBER).exists()) == ([reason], True)


def test_what_comes_in_between_stops_it(provider, past, zoe, monkeypatch):
    """A bank disputes the payment after it was looked for what is in the way, and before the appointment is locked."""
    monkeypatch.setattr("payments.personal_data.erase_beside_appointments", lambda person: disputed(provider, past))
    with pytest.raises(NotErasable):
        erase(zoe, timezone.now())
    assert Appointment.objects.get(pk=past.pk).client_phone == NUMBER


def returned_in_full(provider, past):
    past.payments.get().add_refund(6000, "cancelled", status="succeeded")


def dispute_lost(provider, past):
    past.payments.update(dispute="lost", charged_back=6000, taken_back=6000)


def mismatched_and_returned(provider, past):
    mismatched(provider, past)
    past.payments.get().add_refund(6000, "staff", status="succeeded")


def cancelled_tomorrow(provider, past):
    tomorrow(provider, past, status="cancelled")


def ran_out(provider, past):
    tomorrow(provider, past, status="held", hold_minutes=-1)


@pytest.mark.parametrize(
    "happens", [returned_in_full, dispute_lost, mismatched_and_returned, cancelled_tomorrow, ran_out]
)
def test_what_is_settled_is_not_in_the_way(provider, past, zoe, happens):
    happens(provider, past)
    erase(zoe, timezone.now())
    assert tables_with(*NEEDLES) == []
