"""The model `Appointment`, which puts all chapters of the appointment together."""

from booking.models.appointment.at_the_desk import AppointmentAtTheDesk
from booking.models.appointment.presentation import AppointmentPresentation


class Appointment(AppointmentAtTheDesk, AppointmentPresentation):
    """An appointment. The docstring of this package, in `__init__.py`, says which chapter has what."""
