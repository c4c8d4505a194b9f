"""The model itself: all chapters of the appointment together."""

from booking.models.appointment.moving import AppointmentMoving
from booking.models.appointment.presentation import AppointmentPresentation


class Appointment(AppointmentMoving, AppointmentPresentation):
    """See this package's own docstring for the chapters."""
