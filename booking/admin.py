from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxValueValidator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path

from booking import money
from booking.models import Appointment, Mail, NotCancellable, Provider, Service, TimeOff, WorkingHours
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


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "kind", "reader", "appointment", "status", "due_at", "sent_at", "last_error"]
    list_filter = ["status", "kind", "reader"]
    list_select_related = ["appointment"]


class CancelForm(forms.Form):
    refund = forms.DecimalField(min_value=0, max_digits=8, label="Goes back to the client")

    def __init__(self, *args: Any, appointment: Appointment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = appointment.currency
        refund = self.fields["refund"]
        left = appointment.not_returned
        refund.initial, refund.help_text = left, f"Of {price(left, self.currency)} that has not gone back yet."
        refund.validators.append(MaxValueValidator(left, "That is more than is left."))

    def clean_refund(self) -> Decimal:
        refund: Decimal = self.cleaned_data["refund"]
        try:
            money.minor_units(refund, self.currency)
        except ValueError as error:
            raise ValidationError(f"{self.currency.upper()} has no such fraction: use fewer decimals.") from error
        return refund


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
            if appointment.is_paid:
                words = f"{appointment} is paid and was not cancelled: open it to cancel it and decide what goes back."
                self.message_user(request, words, messages.WARNING)
            else:
                self.cancel(request, appointment, None)

    def cancel(self, request: HttpRequest, appointment: Appointment, refund: Decimal | None) -> None:
        try:
            appointment.cancel(refund)
        except NotCancellable:
            self.message_user(request, f"{appointment} was not cancelled: look at it again.", messages.WARNING)
        else:
            self.message_user(request, f"{appointment} is {appointment.state}: the time is free.")

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<path:object_id>/cancel/",
            self.admin_site.admin_view(self.cancel_view),
            name="booking_appointment_cancel",
        )
        return [own, *super().get_urls()]

    def cancel_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Staff cancel a paid appointment, and decide what goes back: all of it unless they say otherwise."""
        appointment = get_object_or_404(Appointment, pk=unquote(object_id), status=Appointment.Status.CONFIRMED)
        if not self.has_cancel_permission(request):
            raise PermissionDenied
        form = CancelForm(request.POST or None, appointment=appointment)
        if form.is_valid():
            self.cancel(request, appointment, form.cleaned_data["refund"])
            return redirect("admin:booking_appointment_change", appointment.pk)
        context = {**self.admin_site.each_context(request), "form": form, "original": appointment, "opts": self.opts}
        return render(request, "admin/booking/appointment/cancel.html", {**context, "title": "Cancel an appointment"})
