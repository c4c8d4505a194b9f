"""The day: who comes when, to whom."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from booking.responses import page
from staff.access import LOOK, DeskRequest, appointments_of, desk


@require_safe
@desk(LOOK)
def day(request: DeskRequest) -> HttpResponse:
    now = timezone.localtime()
    begins = now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = appointments_of(request.user).live(now).filter(appointment_time__gte=begins).order_by("appointment_time")
    return page(request, "staff/day.html", {"appointments": today[:50]})
