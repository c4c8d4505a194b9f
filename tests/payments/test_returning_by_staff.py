"""Staff return a payment or a part of it, on its page in the admin."""

import pytest

from payments import refunds
from tests.payments.standing import refunds_at_stripe, refunds_of
from tests.staff import member_of_staff


def test_staff_return_any_part_up_to_what_is_left(paid):
    refunds.return_money(paid, 2500)
    refunds.return_money(paid, 3500)
    with pytest.raises(refunds.MoreThanIsLeft):
        refunds.return_money(paid, 1)
    assert refunds_of(paid) == [("staff", 2500, "succeeded"), ("staff", 3500, "succeeded")]
    assert refunds_at_stripe(paid) == [(2500, "succeeded"), (3500, "succeeded")]


def test_two_of_staff_at_once_cannot_return_more_than_was_paid(paid, together):
    def decide():
        try:
            refunds.return_money(paid, 4000)
        except refunds.MoreThanIsLeft:
            return "too much"
        return "returned"

    assert sorted(together(decide, decide)) == ["returned", "too much"]
    assert refunds_at_stripe(paid) == [(4000, "succeeded")]


def test_the_refund_page_says_what_is_left(paid, admin_client):
    page = f"/admin/payments/payment/{paid.pk}/refund/"
    for too_much in ("60.01", "1e999999"):
        refused = admin_client.post(page, {"amount": too_much, "reason": "staff", "seen": "0"})
        assert (refused.status_code, refunds_of(paid)) == (200, [])
    refused = admin_client.post(page, {"amount": "60.01", "reason": "staff", "seen": "0"})
    assert "At most €60.00 is left to return." in refused.content.decode()
    assert admin_client.post(page, {"amount": "60.00", "reason": "staff", "seen": "0"}).status_code == 302
    assert refunds_of(paid) == [("staff", 6000, "succeeded")]


def test_the_refund_page_pressed_twice_returns_the_money_once(paid, admin_client):
    page = f"/admin/payments/payment/{paid.pk}/refund/"
    answers = [admin_client.post(page, {"amount": "20.00", "reason": "staff", "seen": "0"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 200]
    assert "Money was returned since you opened this page." in answers[1].content.decode()
    assert (refunds_of(paid), refunds_at_stripe(paid)) == ([("staff", 2000, "succeeded")], [(2000, "succeeded")])


def test_return_money_is_shown_to_who_may_press_it(paid):
    def seen_by(*permissions):
        page = f"/admin/payments/payment/{paid.pk}"
        client = member_of_staff(*permissions, name=f"{len(permissions)} rights")
        shown = f"{page}/refund/" in client.get(f"{page}/change/").content.decode()
        asked = client.post(f"{page}/refund/", {"amount": "60.00", "reason": "staff", "seen": "0"})
        return shown, asked.status_code, refunds_of(paid)

    assert seen_by("view_payment") == (False, 403, [])
    assert seen_by("view_payment", "add_refund") == (True, 302, [("staff", 6000, "succeeded")])
