"""Staff cancel a confirmed appointment, and return what their permissions let them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from booking.models import Appointment, NotCancellable
from tests.booking.admin.pages import APPOINTMENTS, cancel_page, give_back
from tests.booking.clock import TEN
from tests.factories import make_appointment, make_provider, make_service
from tests.pages import form_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


def press(client, row, **typed):
    """Open the page on which it is cancelled, and send its form with what is typed."""
    return client.post(cancel_page(row), {**form_of(client.get(cancel_page(row)).content.decode()), **typed})


def test_staff_cancel_a_paid_appointment_and_all_of_it_goes_back_unless_they_say_otherwise(admin_client):
    paid = make_appointment(provider=make_provider(), at=TEN, status="confirmed")
    form = admin_client.get(cancel_page(paid)).context["form"]
    assert form.fields["refund"].initial == Decimal("60.00")
    press(admin_client, paid, refund="20.00")
    paid.refresh_from_db()
    assert (paid.status, paid.refund_due) == ("cancelled", Decimal("20.00"))


@pytest.mark.parametrize("refund", ["60.01", "-1", "1.005", "all", ""])
def test_staff_cannot_return_what_was_not_paid(admin_client, refund):
    paid = make_appointment(provider=make_provider(), at=TEN, status="confirmed")
    page = press(admin_client, paid, refund=refund)
    paid.refresh_from_db()
    assert (page.status_code, bool(page.context["form"].errors), paid.status) == (200, True, "confirmed")


def test_staff_cancel_what_has_begun_as_well(admin_client):
    past = make_appointment(provider=make_provider(), at=TEN.replace(year=2020), status="confirmed")
    press(admin_client, past, refund="0")
    past.refresh_from_db()
    assert (past.status, past.refund_due) == ("cancelled", Decimal(0))


@pytest.mark.parametrize(
    ("price", "words"), [("60.00", "Not gone back yet: €60.00."), ("0.00", "Nothing was paid, so nothing goes back.")]
)
def test_staff_see_what_they_cancel_and_can_leave_it(admin_client, price, words):
    service = make_service(name="Call", price=price)
    row = make_appointment(
        provider=make_provider(services=[service]), at=TEN, status="confirmed", client_name="Jo Byrne"
    )
    page = admin_client.get(cancel_page(row)).content.decode()
    shown = ["Tuesday 2 June 2026, 10:00–10:30 Dublin time", "Jo Byrne", words]
    assert [words for words in shown if words not in page] == []
    assert f'href="{APPOINTMENTS}{row.pk}/change/"' in page


def test_money_that_staff_return_meanwhile_is_not_promised_again(admin_client):
    paid = make_appointment(provider=make_provider(), at=TEN, status="confirmed")
    seen = Appointment.objects.get()
    Appointment.objects.update(returned=Decimal("60.00"))
    with pytest.raises(NotCancellable):
        seen.cancel(Decimal("60.00"))
    paid.refresh_from_db()
    assert (paid.status, paid.refund_due) == ("confirmed", Decimal(0))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("status", ["held", "cancelled", "expired"])
def test_of_one_that_is_not_confirmed_or_not_any_more_the_page_says_so_and_changes_nothing(
    admin_client, status, method
):
    facts = {"cancelled_at": timezone.now()} if status == "cancelled" else {}
    one = make_appointment(provider=make_provider(), at=TEN, status=status, **facts)
    answer = getattr(admin_client, method)(cancel_page(one), follow=True)
    assert answer.redirect_chain == [(f"/admin/booking/appointment/{one.pk}/change/", 302)]
    assert [str(told) for told in answer.context["messages"]] == [f"{one} is {one.state}: nothing is changed."]
    assert Appointment.objects.get().status == status


def test_one_that_does_not_exist_is_not_found(admin_client):
    one = make_appointment(provider=make_provider(), at=TEN)
    address = cancel_page(one)
    one.delete()
    assert admin_client.get(address).status_code == 404


def standing(row):
    row.refresh_from_db()
    return row.status, row.refund_due


def test_alice_decides_what_goes_back(alice, late):
    assert "Cancel and return money" in alice.get(f"{APPOINTMENTS}{late.pk}/change/").content.decode()
    assert press(alice, late, refund="60.00").status_code == 302
    assert standing(late) == ("cancelled", Decimal("60.00"))


def test_bob_gives_back_what_the_client_was_promised_and_reads_it_first(bob, late):
    change = bob.get(f"{APPOINTMENTS}{late.pk}/change/").content.decode()
    assert (cancel_page(late) in change, "return money" in change) == (True, False)
    page = bob.get(cancel_page(late)).content.decode()
    assert ("€30.00 goes back to the client" in page, "Goes back to the client" in page) == (True, False)
    assert bob.post(cancel_page(late), form_of(page)).status_code == 302
    assert standing(late) == ("cancelled", Decimal("30.00"))


@pytest.mark.parametrize("refund", ["60.00", "0", "", "all"])
def test_bob_gives_back_nothing_else_whatever_he_sends(bob, late, refund):
    page = press(bob, late, refund=refund)
    assert "What goes back is not what this page said" in page.content.decode()
    assert (standing(late), form_of(page.content.decode())["refund"]) == (("confirmed", Decimal(0)), "30.00")


def test_bob_is_shown_what_changed_while_his_page_was_open(bob, late, time_machine):
    seen = form_of(bob.get(cancel_page(late)).content.decode())
    time_machine.shift(timedelta(hours=11, minutes=59))
    again = bob.post(cancel_page(late), seen).content.decode()
    assert ("Nothing goes back to the client" in again, standing(late)[0]) == (True, "confirmed")
    assert bob.post(cancel_page(late), form_of(again)).status_code == 302
    assert standing(late) == ("cancelled", Decimal(0))


def moved(row):
    row.reschedule(row.appointment_time + timedelta(days=1), by=User.objects.get(username="alice"))


def returned(row):
    Appointment.objects.update(returned=Decimal("20.00"))


def corrected(row):
    row.correct(User.objects.get(username="alice"), client_name="Jo Byrne")


@pytest.mark.parametrize("meanwhile", [moved, returned, corrected])
def test_alice_is_shown_what_changed_before_she_decides_what_goes_back(alice, late, meanwhile):
    seen = form_of(alice.get(cancel_page(late)).content.decode())
    meanwhile(late)
    refused = alice.post(cancel_page(late), {**seen, "refund": "15.00"})
    sentence = "It was not cancelled, as it has changed since you opened this page."
    assert (refused.status_code, sentence in refused.content.decode()) == (409, True)
    assert (standing(late), 'value="15.00"' in refused.content.decode()) == (("confirmed", Decimal(0)), True)
    again = {**form_of(refused.content.decode()), "refund": "15.00"}
    assert alice.post(cancel_page(late), again).status_code == 302
    assert standing(late) == ("cancelled", Decimal("15.00"))


def test_a_press_from_no_page_of_ours_cancels_nothing(alice, late):
    assert alice.post(cancel_page(late), {"refund": "60.00"}).status_code == 409
    assert standing(late) == ("confirmed", Decimal(0))


def test_bob_gives_back_no_more_by_moving_it_first(bob, late):
    late.reschedule(late.appointment_time + timedelta(days=30), by=User.objects.get(username="bob"))
    page = bob.get(cancel_page(late)).content.decode()
    words = ("<strong>€30.00 goes back to the client</strong>", "as was promised before staff moved it.")
    assert [part for part in words if part not in page] == []
    assert bob.post(cancel_page(late), form_of(page)).status_code == 302
    assert standing(late) == ("cancelled", Decimal("30.00"))


def test_charlie_returns_money_elsewhere_and_cancels_nothing(charlie, late):
    assert cancel_page(late) not in charlie.get(f"{APPOINTMENTS}{late.pk}/change/").content.decode()
    assert charlie.get(cancel_page(late)).status_code == 403
    assert charlie.post(cancel_page(late), {"refund": "60.00"}).status_code == 403
    assert "give_back" not in charlie.get(APPOINTMENTS).content.decode()
    give_back(charlie, late)
    assert standing(late) == ("confirmed", Decimal(0))
