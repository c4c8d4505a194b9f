"""The status of a row, and the result of a call in a form that tests can compare."""

from booking.models import Appointment, SlotTaken, TooManyHolds
from tests.meeting import answer_of


def status(appointment):
    """Return what the database says now."""
    return Appointment.objects.values_list("status", flat=True).get(pk=appointment.pk)


def outcome(call):
    """Return a callable that answers with the reference that `call` books, or with the name of its refusal."""
    return answer_of(lambda: call().reference, SlotTaken, TooManyHolds)
