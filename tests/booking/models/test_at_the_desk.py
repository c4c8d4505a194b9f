"""What staff may do with an appointment beyond what its client can, and that it is written down."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core import mail as outbox
from django.utils import timezone

from booking.deadlines import NoDeadline
from booking.limits import MAX_HOLDS
from booking.mail.sending import send_due
from booking.models import Appointment, ByStaff, Change, ChangedMeanwhile, Mail, NotMovable, SlotTaken
from tests.factories import book, in_days, make_appointment, make_provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin")]

PHONE = "+353871234567"


@pytest.fixture
def provider():
    return make_provider()


@pytest.fixture
def grace():
    return User.objects.create(username="grace", first_name="Grace", last_name="Kelly")


@pytest.fixture
def held(provider):
    return make_appointment(provider=provider, at=in_days(3, provider=provider))


@pytest.fixture
def confirmed(provider):
    return make_appointment(provider=provider, at=in_days(3, provider=provider), status="confirmed", price=0)


def story(appointment):
    """Return what was written down about the appointment: kinds, names and facts."""
    return [(change.kind, change.by_name, change.facts) for change in appointment.changes.all()]


def mails(appointment, reader="client"):
    return sorted(appointment.mails.filter(reader=reader).values_list("kind", "status", "address"))


def test_a_caller_keeps_a_time_until_the_deadline_that_staff_chose(provider, grace):
    deadline = timezone.now() + timedelta(days=2)
    booked = book(provider, in_days(3, provider=provider), staff=ByStaff(grace, kept_until=deadline))
    assert (booked.status, booked.hold_expires_at, booked.held_at_least_until) == ("held", deadline, deadline)
    assert story(booked) == [("booked", "Grace Kelly", {})]
    assert mails(booked) == [("payment link", "owed", "jo@example.com")]


def test_the_mail_with_the_link_says_until_when_and_leads_to_the_payment_page(provider, grace):
    deadline = in_days(2, "18:00", provider=provider)
    booked = book(provider, in_days(3, provider=provider), staff=ByStaff(grace, kept_until=deadline))
    send_due(timezone.now())
    [letter] = outbox.outbox
    assert "until Wednesday 3 June 2026, 18:00" in letter.body
    assert f"/payments/{booked.reference}/" in letter.body


def test_free_of_charge_this_time_is_confirmed_at_once_and_says_what_was_waived(provider, grace):
    booked = book(provider, in_days(3, provider=provider), staff=ByStaff(grace, free_of_charge=True))
    assert (booked.status, booked.price, story(booked)) == (
        "confirmed",
        Decimal(0),
        [("booked", "Grace Kelly", {"waived": "60.00"})],
    )


def test_with_a_phone_number_alone_nothing_is_mailed_to_the_client(provider, grace, settings):
    settings.PRACTICE_EMAIL = "desk@practice.example"
    staff = ByStaff(grace, free_of_charge=True)
    booked = book(provider, in_days(3, provider=provider), email="", client_phone=PHONE, staff=staff)
    assert mails(booked) == []
    assert mails(booked, "practice") == [("confirmed", "owed", "desk@practice.example")]
    booked.cancel(by=grace)
    assert mails(booked) == []


def test_callers_are_not_counted_against_the_limits_of_a_browser_or_a_network(provider, grace):
    for day in range(1, MAX_HOLDS + 3):
        book(provider, in_days(day, provider=provider), staff=ByStaff(grace))
    assert Appointment.objects.filter(status="held").count() == MAX_HOLDS + 2


def test_staff_cannot_book_what_is_taken_either(provider, grace, held):
    with pytest.raises(SlotTaken):
        book(provider, held.appointment_time, staff=ByStaff(grace))


def test_a_payment_that_failed_for_good_does_not_end_what_staff_promised(provider, grace):
    deadline = timezone.now() + timedelta(days=2)
    booked = book(provider, in_days(3, provider=provider), staff=ByStaff(grace, kept_until=deadline))
    booked.set_hold_end(None)
    assert booked.release() is True
    booked.refresh_from_db()
    assert (booked.status, booked.hold_expires_at) == ("held", deadline)


def test_staff_move_past_the_clients_deadline_and_it_is_written_down(provider, grace, confirmed):
    Appointment.objects.update(price=60, cancellation_policy="")  # paid, and its client may not move it
    confirmed.refresh_from_db()
    was, moment = confirmed.appointment_time, in_days(4, provider=provider)
    with pytest.raises(NotMovable):
        confirmed.reschedule(moment)
    confirmed.reschedule(moment, by=grace)
    assert (confirmed.appointment_time, mails(confirmed)) == (
        moment,
        [("changed", "owed", "jo@example.com"), ("reminder", "owed", "jo@example.com")],
    )
    assert story(confirmed) == [
        ("moved", "Grace Kelly", {"was": was.isoformat(), "became": moment.isoformat(), "online": "60.00"}),
    ]


def test_a_deadline_is_never_after_the_new_time(provider, grace):
    deadline = in_days(3, provider=provider)
    booked = book(provider, in_days(5, provider=provider), staff=ByStaff(grace, kept_until=deadline))
    booked.reschedule(in_days(2, provider=provider), by=grace)
    assert (booked.kept_until, booked.hold_expires_at) == (booked.appointment_time, booked.appointment_time)


@pytest.mark.parametrize("days", [2, 9], ids=["sooner", "later"])
@pytest.mark.parametrize("by_staff", [True, False], ids=["by staff", "by the client"])
def test_what_is_kept_until_it_begins_is_so_after_a_move_too(provider, grace, days, by_staff):
    at = in_days(5, provider=provider)
    kept = book(provider, at, staff=ByStaff(grace, kept_until=at))
    kept.reschedule(in_days(days, provider=provider), by=grace if by_staff else None)
    assert (kept.kept_until, kept.hold_expires_at) == (kept.appointment_time, kept.appointment_time)


def test_a_deadline_before_it_begins_stays_where_it_is_after_a_move_to_a_later_time(provider, grace):
    deadline = in_days(3, provider=provider)
    kept = book(provider, in_days(5, provider=provider), staff=ByStaff(grace, kept_until=deadline))
    kept.reschedule(in_days(9, provider=provider), by=grace)
    assert (kept.kept_until, kept.hold_expires_at) == (deadline, deadline)


@pytest.mark.parametrize("days", [2, 9], ids=["sooner", "later"])
@pytest.mark.parametrize("by_staff", [True, False], ids=["by staff", "by the client"])
def test_a_hold_whose_slow_payment_is_on_its_way_gets_no_end_by_a_move(provider, grace, days, by_staff):
    at = in_days(5, provider=provider)
    kept = book(provider, at, staff=ByStaff(grace, kept_until=at))
    kept.set_hold_end(None)
    kept.reschedule(in_days(days, provider=provider), by=grace if by_staff else None)
    assert (kept.kept_until, kept.hold_expires_at) == (kept.appointment_time, None)


def test_money_that_comes_after_it_took_place_at_another_time_confirms_it(provider, grace, time_machine):
    at = in_days(5, provider=provider)
    kept = book(provider, at, staff=ByStaff(grace, kept_until=at))
    kept.set_hold_end(None)
    kept.reschedule(in_days(2, provider=provider), by=grace)
    time_machine.move_to(in_days(3, provider=provider), tick=False)
    assert Appointment.objects.get().confirm() is True


def test_a_deadline_that_was_given_meanwhile_is_not_overwritten_by_a_move(provider, grace):
    kept = book(provider, in_days(5, provider=provider), staff=ByStaff(grace, kept_until=in_days(4, provider=provider)))
    seen = Appointment.objects.get()
    kept.keep_until(in_days(3, provider=provider), grace)
    with pytest.raises(NotMovable):
        seen.reschedule(in_days(2, provider=provider), by=grace)


def test_who_did_not_come_and_gets_another_time_is_no_no_show_any_more(provider, grace):
    past = make_appointment(provider=provider, at=timezone.now() - timedelta(hours=1), status="confirmed")
    past.mark_no_show(grace)
    past.reschedule(in_days(2, provider=provider), by=grace)
    assert past.no_show_at is None


def test_staff_never_move_into_an_overlap(provider, grace, confirmed):
    other = make_appointment(provider=provider, at=in_days(4, provider=provider), status="confirmed")
    with pytest.raises(SlotTaken):
        confirmed.reschedule(other.appointment_time, by=grace)


@pytest.mark.parametrize("status", ["cancelled", "expired"])
def test_what_was_given_back_is_not_moved_by_staff_either(provider, grace, status):
    given_back = make_appointment(provider=provider, at=in_days(3, provider=provider), status=status)
    with pytest.raises(NotMovable):
        given_back.reschedule(in_days(4, provider=provider), by=grace)


def test_a_client_who_moves_or_cancels_is_written_down_without_a_name(provider, confirmed):
    moment = in_days(4, provider=provider)
    confirmed.reschedule(moment)
    confirmed.cancel()
    assert [(kind, name) for kind, name, _ in story(confirmed)] == [("moved", ""), ("cancelled", "")]


def test_a_correction_names_its_fields_and_repeats_nothing_personal(confirmed, grace):
    confirmed.correct(grace, client_name="Jo O’Neill", client_phone=PHONE, note="")
    confirmed.refresh_from_db()
    assert (confirmed.client_name, confirmed.client_phone) == ("Jo O’Neill", PHONE)
    assert confirmed.search_text == f"jo oneill jo@example.com {PHONE}"
    assert story(confirmed) == [("corrected", "Grace Kelly", {"fields": "client_name client_phone"})]


def test_a_correction_of_nothing_is_not_written_down(confirmed, grace):
    confirmed.correct(grace, client_name=confirmed.client_name, note=confirmed.note)
    assert story(confirmed) == []


def test_of_two_corrections_at_once_the_second_overwrites_nothing(confirmed, grace):
    second = Appointment.objects.get()
    confirmed.correct(grace, client_name="Jo O’Neill")
    with pytest.raises(ChangedMeanwhile):
        second.correct(grace, client_name="Joe Neill")
    assert Appointment.objects.get().client_name == "Jo O’Neill"


def test_a_mail_that_waits_goes_to_the_corrected_address(provider, grace):
    booked = book(provider, in_days(3, provider=provider), staff=ByStaff(grace))
    booked.correct(grace, client_email="Jo.Right@example.com")
    assert mails(booked) == [("payment link", "owed", "jo.right@example.com")]
    booked.correct(grace, client_email="", client_phone=PHONE)
    assert mails(booked) == [("payment link", "dropped", "jo.right@example.com")]


def test_an_address_that_was_taken_out_by_a_slip_gets_its_reminder_all_the_same(provider, grace):
    staff = ByStaff(grace, free_of_charge=True)
    booked = book(provider, in_days(3, provider=provider), client_phone=PHONE, staff=staff)
    booked.correct(grace, client_email="")
    booked.correct(grace, client_email="Jo@example.com")
    assert mails(booked) == [("confirmed", "owed", "jo@example.com"), ("reminder", "owed", "jo@example.com")]


def test_an_address_that_was_taken_out_by_a_slip_gets_the_link_to_pay_all_the_same(provider, grace):
    booked = book(provider, in_days(3, provider=provider), client_phone=PHONE, staff=ByStaff(grace))
    booked.correct(grace, client_email="")
    booked.correct(grace, client_email="right@example.com")
    assert mails(booked) == [("payment link", "owed", "right@example.com")]


def test_what_is_no_longer_true_when_there_is_an_address_again_is_not_mailed(provider, grace):
    booked = book(provider, in_days(3, provider=provider), client_phone=PHONE, staff=ByStaff(grace))
    booked.correct(grace, client_email="")
    booked.confirm()
    booked.correct(grace, client_email="jo@example.com")
    assert mails(booked) == [("payment link", "dropped", "jo@example.com"), ("reminder", "owed", "jo@example.com")]


def test_what_was_dropped_when_its_turn_came_is_not_owed_again(provider, grace):
    booked = book(provider, in_days(3, provider=provider), client_phone=PHONE, staff=ByStaff(grace))
    booked.mails.update(status="dropped", attempts=1)
    booked.correct(grace, client_email="right@example.com")
    assert mails(booked) == [("payment link", "dropped", "jo@example.com")]


def test_who_gets_an_address_later_is_reminded(provider, grace):
    staff = ByStaff(grace, free_of_charge=True)
    booked = book(provider, in_days(3, provider=provider), email="", client_phone=PHONE, staff=staff)
    booked.correct(grace, client_email="jo@example.com")
    assert mails(booked) == [("reminder", "owed", "jo@example.com")]


def test_a_no_show_is_marked_once_it_has_begun_and_can_be_undone(provider, grace):
    past = make_appointment(provider=provider, at=timezone.now() - timedelta(hours=1), status="confirmed")
    past.mark_no_show(grace)
    assert Appointment.objects.get().no_show_at == timezone.now()
    with pytest.raises(ChangedMeanwhile):
        past.mark_no_show(grace)
    past.undo_no_show(grace)
    assert Appointment.objects.get().no_show_at is None
    assert [kind for kind, *_ in story(past)] == ["no-show", "came"]


def test_nobody_is_a_no_show_beforehand(confirmed, grace):
    with pytest.raises(ChangedMeanwhile):
        confirmed.mark_no_show(grace)
    assert (confirmed.may_be_no_show, story(confirmed)) == (False, [])


def test_of_two_who_mark_a_no_show_at_once_the_second_is_told(provider, grace):
    make_appointment(provider=provider, at=timezone.now() - timedelta(hours=1), status="confirmed")
    first, second = Appointment.objects.get(), Appointment.objects.get()
    first.mark_no_show(grace)
    with pytest.raises(ChangedMeanwhile):
        second.mark_no_show(grace)
    assert [kind for kind, *_ in story(first)] == ["no-show"]


def test_a_hold_is_kept_until_another_deadline(held, grace):
    later = timezone.now() + timedelta(days=1)
    held.keep_until(later, grace)
    assert (held.kept_until, held.hold_expires_at) == (later, later)
    assert story(held) == [("kept longer", "Grace Kelly", {"until": later.isoformat()})]


def test_what_is_no_longer_held_is_not_kept(confirmed, grace):
    with pytest.raises(ChangedMeanwhile):
        confirmed.keep_until(timezone.now() + timedelta(days=1), grace)


@pytest.mark.parametrize("ahead", [timedelta(minutes=-1), timedelta(days=4)], ids=["over", "after it begins"])
def test_a_deadline_that_nobody_could_meet_is_none(held, grace, ahead):
    with pytest.raises(NoDeadline):
        held.keep_until(timezone.now() + ahead, grace)
    assert story(held) == []


def test_of_two_deadlines_given_at_once_the_second_overwrites_nothing(held, grace):
    second, later = Appointment.objects.get(), timezone.now() + timedelta(days=1)
    held.keep_until(later, grace)
    with pytest.raises(ChangedMeanwhile):
        second.keep_until(timezone.now() + timedelta(hours=1), grace)
    assert Appointment.objects.get().kept_until == later


@pytest.mark.parametrize(
    "facts",
    [
        {"status": "cancelled"},
        {"status": "expired"},
        {"status": "confirmed", "email": "", "client_phone": PHONE},
        {"hold_expires_at": None},
    ],
    ids=["cancelled", "expired", "without an address", "a payment is on its way"],
)
def test_no_link_is_sent_that_would_lead_nowhere(provider, grace, facts):
    booked = make_appointment(provider=provider, at=in_days(3, provider=provider), **facts)
    with pytest.raises(ChangedMeanwhile):
        booked.send_link_again(grace)
    assert (mails(booked), story(booked)) == ([], [])


@pytest.mark.parametrize(("status", "kind"), [("held", "payment link"), ("confirmed", "confirmed")])
def test_the_link_is_sent_again_whenever_staff_ask_for_it(provider, grace, status, kind):
    booked = make_appointment(provider=provider, at=in_days(3, provider=provider), status=status)
    booked.send_link_again(grace)
    assert (mails(booked)[0], story(booked)) == ((kind, "owed", "jo@example.com"), [("link", "Grace Kelly", {})])
    assert Mail.objects.filter(kind=kind).count() == 1


def test_the_link_sent_again_is_no_news_to_the_practice(provider, grace, settings):
    settings.PRACTICE_EMAIL = "desk@practice.example"
    booked = make_appointment(provider=provider, at=in_days(3, provider=provider), status="confirmed")
    booked.send_link_again(grace)
    assert (mails(booked), mails(booked, "practice")) == ([("confirmed", "owed", "jo@example.com")], [])


def test_who_has_changed_something_is_known_after_the_login_is_gone(confirmed, grace):
    confirmed.cancel(by=grace)
    grace.delete()
    assert [(change.by, change.by_name) for change in Change.objects.all()] == [(None, "Grace Kelly")]
