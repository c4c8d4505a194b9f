"""What staff do when the soak is over: cancel what is still kept unpaid, and return what a bank did not take back."""

from datetime import timedelta
from random import Random

from django.contrib.auth import get_user_model
from django.utils import timezone

from booking.models import Appointment
from payments.models import Payment
from tests.gunicorn import quiet_session
from tests.pages import form_of
from tests.soak.desk import filled
from tests.soak.desk.colleagues import Colleague
from tests.soak.practice import Practice

# A deadline before that passes by itself.
SOON = timedelta(minutes=2)
PASSWORD = "only for the soak"


def cancel_what_is_kept_for_days(practice: Practice) -> None:
    """Cancel at the desk what a caller did not pay whose deadline is hours or days ahead."""
    reception = Colleague(practice, Random(), "reception0")
    kept = Appointment.objects.filter(status=Appointment.Status.HELD, kept_until__gt=timezone.now() + SOON)
    for appointment in kept:
        reception.press(filled.cancelling(reception, appointment.pk)._replace(to="cancel at the end"))


def return_by_hand(address: str) -> None:
    """Return what is missing on the page to which the admin's list leads, as docs/payments.md says."""
    get_user_model().objects.create_superuser("staff", password=PASSWORD)
    with quiet_session() as http:
        http.headers["Origin"] = address  # as a browser does; over https Django wants to know it
        login = f"{address}/admin/login/"
        hidden = form_of(http.get(login).text)
        http.post(login, data={**hidden, "username": "staff", "password": PASSWORD})
        for payment in Payment.objects.with_shortfall():
            page = f"{address}/admin/payments/payment/{payment.pk}/refund/"
            hidden = form_of(http.get(page).text)
            http.post(page, data={**hidden, "amount": payment.shortfall, "reason": "by hand"})
