from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from booking.models import Appointment, NotCancellable, Provider, Service, TimeOff, WorkingHours
from booking.templatetags.wording import clock, day, price, zone_name


class WorkingHoursInline(admin.TabularInline):
    model = WorkingHours
    extra = 1


class TimeOffInline(admin.TabularInline):
    model = TimeOff
    extra = 0


@admin.register(Provider)
class ProviderAdmin(admin.ModelAdmin):
    list_display = ["name", "title", "time_zone", "active"]
    list_filter = ["active"]
    prepopulated_fields = {"slug": ["name"]}
    filter_horizontal = ["services"]
    inlines = [WorkingHoursInline, TimeOffInline]


@admin.register(Service)
class ServiceAdmin(admin.ModelAdmin):
    list_display = ["name", "position", "duration_minutes", "buffer_minutes", "price", "active"]
    list_editable = ["position"]
    list_filter = ["active"]
    prepopulated_fields = {"slug": ["name"]}


class ReadOnlyAdmin(admin.ModelAdmin):
    """For rows that only the rules may write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Appointment)
class AppointmentAdmin(ReadOnlyAdmin):
    list_display = ["when", "provider_name", "service_name", "client_email", "status", "cost"]
    list_filter = ["status", "provider", "service"]
    date_hierarchy = "appointment_time"
    search_fields = ["client_email", "client_name", "reference"]
    actions = ["give_back"]

    list_select_related = ["provider"]
    readonly_fields = ["when", "cost"]
    exclude = ["appointment_time", "price", "currency"]

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("booking.change_appointment")

    @admin.display(description="When", ordering="appointment_time")
    def when(self, appointment: Appointment) -> str:
        """On the provider's own clock, as the client was told."""
        moment, zone = appointment.appointment_time, appointment.provider.zone
        return f"{day(moment, zone)}, {clock(moment, zone)} {zone_name(zone, moment)}"

    @admin.display(description="Price")
    def cost(self, appointment: Appointment) -> str:
        return price(appointment.price, appointment.currency)

    @admin.action(description="Cancel: give the time back (unpaid and free ones)", permissions=["cancel"])
    def give_back(self, request: HttpRequest, appointments: QuerySet[Appointment]) -> None:
        for appointment in appointments:
            try:
                appointment.cancel()
            except NotCancellable:
                self.message_user(request, f"{appointment} is paid and was not cancelled.", messages.WARNING)
            else:
                self.message_user(request, f"{appointment} is {appointment.state}: the time is free.")
