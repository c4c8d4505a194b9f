"""Times in the admin, shown and typed as the provider's own clock shows them."""

from abc import abstractmethod
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone

from booking.models import Appointment
from booking.templatetags.wording import clock, day, zone_name


def on_providers_clock(appointment: Appointment) -> str:
    moment, zone = appointment.appointment_time, appointment.provider.zone
    return f"{day(moment, zone)}, {clock(moment, zone)}–{clock(appointment.end, zone)} {zone_name(zone, moment)}"


class OnProvidersClock(admin.ModelAdmin):
    """Shows times, and takes those that are typed, by the provider's own clock, like the working hours beside them.

    Django's admin would go by the time zone of the site, which is the practice's.
    """

    @abstractmethod
    def zone_of(self, request: HttpRequest, row: Any) -> ZoneInfo | None:
        """The provider's zone, or None for the practice's if there is no row yet."""

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any) -> Any:
        row = self.get_object(request, unquote(object_id)) if object_id else None
        with timezone.override(self.zone_of(request, row)):
            response = super().changeform_view(request, object_id, *args, **kwargs)
            # Django would render the template after this block, when the zone is the practice's again.
            return response.render() if isinstance(response, TemplateResponse) else response
