"""Coming appointments at times that no client could book any more, because staff have changed what is offered."""

from datetime import datetime

from booking.models import Appointment
from booking.schedule.availability import Hours


def no_longer_offered(now: datetime) -> list[Appointment]:
    """The coming appointments outside working hours, in time off, or of a provider or service that is not offered now.

    Each is checked with the length it was booked with. It stays booked until staff cancel it. The list is in order of
    time. It takes two queries, and one more for each provider who has coming appointments.
    """
    coming = Appointment.objects.not_over(now).select_related("provider").order_by("appointment_time")
    not_on_offer = set((coming.in_time_off() | coming.not_offered()).values_list("pk", flat=True))
    appointments = list(coming)
    providers = {booked.provider_id: booked.provider for booked in appointments}
    hours = {pk: Hours(tuple(provider.week), provider.zone) for pk, provider in providers.items()}
    return [
        booked
        for booked in appointments
        if booked.pk in not_on_offer or not hours[booked.provider_id].cover(booked.appointment_time, booked.end)
    ]
