"""The choice of another time for an appointment: the same provider, service, length and price."""

from datetime import date, datetime
from functools import cached_property
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.urls import reverse

from booking import zones
from booking.cancellation import Term
from booking.models import Appointment
from booking.pages.time_choice import TimeChoice
from booking.schedule.diary import Diary


class Rescheduling(TimeChoice):
    def __init__(self, appointment: Appointment, query: QueryDict, browser_zone: ZoneInfo | None = None) -> None:
        self.appointment = appointment
        super().__init__(query, zones.find(appointment.client_time_zone) or browser_zone)

    @cached_property
    def diary(self) -> Diary:
        provider = self.appointment.provider
        zone = self.zone_for(provider.zone)
        return Diary(provider, self.appointment, self.now, zone=zone, moving=self.appointment)

    def own_at(self, moment: datetime) -> Appointment | None:
        return self.appointment if moment == self.appointment.appointment_time else None

    @property
    def open_day(self) -> date:
        """The present one first, as most who move want to stay near it."""
        present = self.diary.day_of(self.appointment.appointment_time)
        return self.day or (present if self.diary.free(present) else super().open_day)

    @property
    def refund_terms(self) -> list[Term]:
        """What cancelling would return once it has the time that is chosen."""
        return self.appointment.refund_terms_at(self.time or self.appointment.appointment_time)

    @property
    def path(self) -> str:
        return reverse("booking:reschedule", args=[self.appointment.reference])

    @property
    def kept(self) -> dict[str, str]:
        return {"date": self.open_day.isoformat()}

    @cached_property
    def address(self) -> str:
        return f"{self.path}?{urlencode({'zone': self.zone.key})}"
