"""Coming appointments where a client could not book them any more, since staff have changed what is offered."""

from datetime import datetime

from booking.models import Appointment, Provider
from booking.schedule.availability import Hours


def no_longer_offered(now: datetime) -> list[Appointment]:
    """Outside the hours of their provider or in time off, or of a provider or service that is not offered now.

    How long it takes is the appointment's own. They stay as they are until somebody tells the client; a few queries
    and one for each provider, in order of time.
    """
    coming = Appointment.objects.live(now).filter(end__gt=now).select_related("provider").order_by("appointment_time")
    elsewhere = set((coming.in_time_off() | coming.not_offered()).values_list("pk", flat=True))
    appointments = list(coming)
    hours = {provider.pk: Hours(provider.week, provider.zone) for provider in Provider.objects.all()}
    return [
        booked
        for booked in appointments
        if booked.pk in elsewhere or not hours[booked.provider_id].cover(booked.appointment_time, booked.end)
    ]
