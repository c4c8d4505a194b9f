"""The page on which an appointment gets another time, and how the appointment stands after that."""

from django.test import Client

from booking.models import Appointment

POLICY = "48h 100%, 24h 50%"


def step(appointment, query=""):
    return f"/appointments/{appointment.reference}/reschedule/{query}"


def move(appointment, to):
    """Press "Change the time" for that time, in a browser without cookies."""
    return Client().post(step(appointment), {"appointment_time": to.isoformat()})


def row(appointment):
    """Return the appointment as the database has it now."""
    return Appointment.objects.get(pk=appointment.pk)


def facts(appointment):
    """Return its status, its time, and how often it was changed."""
    now = row(appointment)
    return now.status, now.appointment_time, now.sequence
