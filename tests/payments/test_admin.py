"""Staff find a payment, its client and its appointment, and come from each to the other."""

import re

import pytest

from payments.models import Payment
from tests.factories import in_days, make_appointment, make_payment, make_provider, make_taking
from tests.staff import member_of_staff

pytestmark = pytest.mark.django_db

APPOINTMENTS, PAYMENTS = "/admin/booking/appointment/", "/admin/payments/payment/"
TAKINGS = "/admin/payments/taking/"


def book(provider, *, days=1, name="Síle O’Neill"):
    at = in_days(days, provider=provider)
    return make_appointment(provider=provider, at=at, status="confirmed", client_name=name)


def test_an_appointment_and_its_payments_lead_to_each_other(admin_client):
    provider = make_provider()
    row, other = book(provider), book(provider, days=2)
    failed, paid = make_payment(row, status="failed"), make_payment(row)
    make_payment(other)
    page = admin_client.get(f"{APPOINTMENTS}{row.pk}/change/").content.decode()
    assert sorted(re.findall(rf'href="({PAYMENTS}[0-9][^"]*)">([^<]*)<', page)) == [
        (f"{PAYMENTS}{failed.pk}/change/", "€60.00, failed"),
        (f"{PAYMENTS}{paid.pk}/change/", "€60.00, paid"),
    ]
    back = admin_client.get(f"{PAYMENTS}{paid.pk}/change/").content.decode()
    assert f'<a href="{APPOINTMENTS}{row.pk}/change/">Consultation with Dr Ada Byrne</a>' in back


@pytest.mark.parametrize(("rights", "shown"), [(["view_payment"], True), ([], False)])
def test_payments_are_shown_to_who_may_see_them(rights, shown):
    row = book(make_provider())
    payment = make_payment(row)
    page = member_of_staff("view_appointment", *rights).get(f"{APPOINTMENTS}{row.pk}/change/").content.decode()
    assert (f"{PAYMENTS}{payment.pk}/change/" in page, "€60.00, paid" in page) == (shown, shown)


@pytest.mark.parametrize("payments", [1, 30])
def test_the_list_names_the_client_and_costs_the_same_however_long(admin_client, payments, django_assert_num_queries):
    provider = make_provider()
    for day in range(payments):
        make_payment(book(provider, days=day + 1, name="" if day else "Síle O’Neill"))
    with django_assert_num_queries(4):
        page = admin_client.get(PAYMENTS).content.decode()
    names = re.findall(r'class="field-client">([^<]*)<', page)
    assert sorted(names) == ["Síle O’Neill", *["jo@example.com"] * (payments - 1)]


@pytest.mark.parametrize("many", [1, 30])
def test_what_was_taken_at_the_practice_is_listed_and_nobody_edits_it(admin_client, many, django_assert_num_queries):
    booked = book(make_provider())
    entry, *_ = [make_taking(booked) for _ in range(many)]
    make_taking(booked, -1000, undoes=entry)
    with django_assert_num_queries(4):
        page = admin_client.get(TAKINGS).content.decode()
    assert page.count('class="field-client">Síle O’Neill<') == many + 1
    page = admin_client.get(f"{TAKINGS}{entry.pk}/change/").content.decode()
    assert ("€10.00, cash" in page, 'name="_save"' in page, "deletelink" in page) == (True, False, False)
    pressed = [admin_client.post(f"{TAKINGS}{entry.pk}/{part}/").status_code for part in ("change", "delete")]
    assert pressed == [403, 403]


@pytest.mark.parametrize("typed", ["o'neill", "SILE", "cs_test_1", "pi_3QwErTy"])
def test_a_payment_is_found_by_its_client_and_by_stripes_names(admin_client, typed):
    provider = make_provider()
    payment = make_payment(book(provider), payment_intent_id="pi_3QwErTy")
    make_payment(book(provider, days=2, name="Jürgen Müller"))
    assert list(admin_client.get(PAYMENTS, {"q": typed}).context["cl"].queryset) == [payment]
    assert Payment.objects.count() == 2
