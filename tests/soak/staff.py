"""What staff do when the crowd has gone: give back times for which somebody waits, cancel what is still kept unpaid,
and return what a bank did not take back.
"""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from time import sleep

from django.contrib.auth import get_user_model
from django.utils import timezone

from booking.models import Appointment, WaitingEntry
from payments.models import Payment
from tests.gunicorn import quiet_session
from tests.pages import form_of
from tests.soak import freed_times, waiting
from tests.soak.browsers import GaveUp
from tests.soak.desk import filled
from tests.soak.desk.colleagues import Colleague
from tests.soak.practice import Practice

# A deadline before that passes by itself.
SOON = timedelta(minutes=2)
PASSWORD = "only for the soak"
# In seconds: a tick finds the time that was given back, and mails whoever is next.
TOLD_WITHIN = 4


def give_back_what_is_waited_for(practice: Practice, most: int) -> None:
    """Cancel at most so many appointments at times for which somebody waits, until all has become of them that may.

    While the crowd is there, it depends on the speed of the machine who is first to press a time that was given back.
    """
    reception, given_back = Colleague(practice, Random(), "reception0"), set[int]()
    for _ in range(most):
        wanted = next((one for one in waited_for(practice) if one.pk not in given_back), None)
        if not wanted or all(freed_times.became(practice.answers)[what] for what in freed_times.BY_TIMING):
            break
        given_back.add(wanted.pk)
        try:
            reception.press(filled.cancelling(reception, wanted.pk)._replace(to="give a time back at the end"))
            sleep(TOLD_WITHIN)
            waiting.answer_mails(practice)
        except GaveUp as step:
            practice.count(f"gave up at: {step}")


def waited_for(practice: Practice) -> Iterator[Appointment]:
    """The appointments at times for which somebody waits: first somebody who answers, then who was told most often."""
    entries = WaitingEntry.objects.waiting().filter(appointment=None).order_by("-times_told", "pk")
    for entry in sorted(entries, key=lambda entry: entry.key not in practice.waiting):
        in_the_way = Appointment.objects.filter(
            status=Appointment.Status.CONFIRMED, appointment_time__gte=entry.since, appointment_time__lt=entry.until
        )
        yield from in_the_way.filter(provider=entry.provider) if entry.provider else in_the_way


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
