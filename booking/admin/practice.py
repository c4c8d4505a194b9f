"""The practice in the admin: providers with their working hours and time off, and services."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from booking import zones
from booking.admin.appointments import NoLongerOffered
from booking.admin.hours import TimeOffForm, WorkingHoursForm, WorkingHoursFormSet
from booking.admin.providers_clock import OnProvidersClock, on_providers_clock
from booking.models import Appointment, Provider, Service, TimeOff, WorkingHours
from booking.schedule.no_longer_offered import no_longer_offered


class KeptForItsAppointments(admin.ModelAdmin):
    """What was booked stays: who is not offered any more is made inactive, and who would delete it is told so."""

    actions = ["delete_selected"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        booked = obj is not None and obj.appointments.exists()
        return not booked and super().has_delete_permission(request, obj)

    @admin.action(description="Delete selected %(verbose_name_plural)s", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, chosen: QuerySet) -> HttpResponse | None:
        """Those that were never booked, after Django's own page has asked."""
        for booked in chosen.exclude(appointments=None).distinct():
            self.say_kept(request, booked)
        free = chosen.filter(appointments=None)
        return delete_selected(self, request, free) if free.exists() else None

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row and self.has_delete_permission(request) and row.appointments.exists():
            self.say_kept(request, row)
            return redirect(self.address_of(row))
        return super().delete_view(request, object_id, extra_context)

    def say_kept(self, request: HttpRequest, row: Any) -> None:
        count = row.appointments.count()
        words = '<a href="{}">{}</a> has {} appointment{}, past and cancelled ones counted, and was not deleted. {}'
        instead = "To take no more bookings, untick Active on that page."
        facts = (self.address_of(row), row, count, pluralize(count), instead)
        self.message_user(request, format_html(words, *facts), messages.WARNING)

    def address_of(self, row: Any) -> str:
        return reverse(f"admin:booking_{self.opts.model_name}_change", args=[row.pk])


class NamesTheBooked(admin.ModelAdmin):
    """Who changes what is offered is told, once, which coming appointments that has left outside of it."""

    AT_ONCE = 20

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with self.naming_the_booked(request):
            return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        with self.naming_the_booked(request):
            return super().changelist_view(request, extra_context)

    @contextmanager
    def naming_the_booked(self, request: HttpRequest) -> Iterator[None]:
        changes = request.method == "POST"
        before = {booked.pk for booked in no_longer_offered(timezone.now())} if changes else set()
        yield
        after = no_longer_offered(timezone.now()) if changes else []
        if left := [booked for booked in after if booked.pk not in before]:
            words = f"Still booked outside what is offered now: {len(left)}. Tell these clients, or cancel."
            self.message_user(request, format_html("{}{}", words, self.names_of(request, left)), messages.WARNING)

    def names_of(self, request: HttpRequest, left: list[Appointment]) -> SafeString:
        """For who may see appointments; with a link to the others where they are many."""
        if not self.admin_site.get_model_admin(Appointment).has_view_permission(request):
            return SafeString()
        link, page = '<br><a href="{}">{}, {}</a>', "admin:booking_appointment_change"
        rows = ((reverse(page, args=[row.pk]), on_providers_clock(row), row.client) for row in left[: self.AT_ONCE])
        names = format_html_join("", link, rows)
        if not (more := len(left) - self.AT_ONCE) > 0:
            return names
        everyone = reverse("admin:booking_appointment_changelist", query={NoLongerOffered.parameter_name: "no"})
        return format_html('{}<br><a href="{}">and {} more</a>', names, everyone, more)


class WorkingHoursInline(admin.TabularInline):
    model = WorkingHours
    form = WorkingHoursForm
    formset = WorkingHoursFormSet
    extra = 1


class TimeOffInline(admin.TabularInline):
    model = TimeOff
    form = TimeOffForm
    extra = 0


@admin.register(Provider)
class ProviderAdmin(NamesTheBooked, OnProvidersClock, KeptForItsAppointments):
    list_display = ["name", "title", "time_zone", "active"]
    list_filter = ["active"]
    prepopulated_fields = {"slug": ["name"]}
    filter_horizontal = ["services"]
    inlines = [WorkingHoursInline, TimeOffInline]

    def zone_of(self, request: HttpRequest, row: Provider | None) -> ZoneInfo | None:
        """The one that is being typed, if it is one: its hours and time off are typed beside it."""
        return zones.find(request.POST.get("time_zone", "")) or (row.zone if row else None)


@admin.register(Service)
class ServiceAdmin(NamesTheBooked, KeptForItsAppointments):
    list_display = ["name", "position", "duration_minutes", "buffer_minutes", "price", "active"]
    list_editable = ["position"]
    list_filter = ["active"]
    prepopulated_fields = {"slug": ["name"]}
