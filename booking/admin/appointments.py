"""Appointments in the admin: found, read, and cancelled by staff."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.text import capfirst

from booking import zones
from booking.admin.hours import MIDNIGHT
from booking.admin.providers_clock import OnProvidersClock, on_providers_clock
from booking.admin.read_only import FindsClients, ReadOnlyAdmin
from booking.models import Appointment, NotCancellable
from booking.refund_forms import DecidedRefundForm, PromisedRefundForm
from booking.schedule.availability import DAY
from booking.schedule.no_longer_offered import no_longer_offered
from booking.templatetags.wording import price

# The permission to return money, by the name that the payments app gave it. With it, staff may return more or less than
# the client was promised.
RETURN_MONEY = "payments.add_refund"
CLIENT = [
    "client_name",
    "client_email",
    "client_phone",
    "for_whom",
    "note",
    "client_time_zone",
]
MONEY = ["cost", "cost_at_practice", "taken_at_practice", "cancellation_policy", "refund_due", "returned"]
TIMESTAMPS = ["created_at", "hold_expires_at", "confirmed_at", "moved_from", "cancelled_at", "expired_at", "erased_at"]


class OnDay(admin.SimpleListFilter):
    """Leaves the appointments of one day, as the practice's clock counts days.

    Django's own `date_hierarchy` reads all rows to find out in which years there are any.
    """

    title = "day"
    parameter_name = "day"
    template = "admin/booking/appointment/filter_by_day.html"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return []

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Iterator[Any]:
        """What the form that asks for a day sends besides it, so that the list stays narrowed by that."""
        others = [(name, value) for name, value in changelist.params.items() if name != self.parameter_name]
        yield {"name": self.parameter_name, "day": self.value() or "", "others": others}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Appointment]) -> QuerySet[Appointment]:
        try:
            day = date.fromisoformat(self.value() or "")
            begins, ends = (zones.to_utc(one, MIDNIGHT, timezone.get_current_timezone()) for one in (day, day + DAY))
        except (ValueError, OverflowError):
            return queryset
        return queryset.filter(appointment_time__gte=begins, appointment_time__lt=ends)


class NotAtItsAgreedTime(admin.SimpleListFilter):
    """Lists the appointments that new rules for clocks should move, and cannot, since another one is in the way."""

    title = "agreed time"
    parameter_name = "agreed"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("elsewhere", "Clocks have new rules, and another one is in the way")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Appointment]) -> QuerySet[Appointment]:
        waiting = Appointment.objects.agreed_under_older_rules(timezone.now())
        return queryset.filter(pk__in=waiting.values("pk")) if self.value() else queryset


class NoLongerOffered(admin.SimpleListFilter):
    """Lists the coming appointments at times that no client could book any more."""

    title = "what is offered"
    parameter_name = "offered"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("no", "Coming, and outside of it: tell the client, or cancel")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Appointment]) -> QuerySet[Appointment]:
        outside = no_longer_offered(timezone.now()) if self.value() else []
        return queryset.filter(pk__in=[booked.pk for booked in outside]) if self.value() else queryset


@admin.register(Appointment)
class AppointmentAdmin(OnProvidersClock, FindsClients, ReadOnlyAdmin):
    list_display = ["when", "client", "client_email", "provider_name", "service_name", "status", "cost"]
    list_filter = [OnDay, "appointment_time", "status", "provider", "service", NoLongerOffered, NotAtItsAgreedTime]
    sortable_by = ["when"]
    search_fields = ["reference__startswith"]
    path_to_appointment = ""
    actions = ["give_back"]

    fieldsets = [
        (None, {"fields": ["when", "status", "provider", "provider_name", "service", "service_name", "blocked_until"]}),
        ("Client", {"fields": [*CLIENT]}),
        ("Money", {"fields": [*MONEY]}),
        ("History", {"fields": [*TIMESTAMPS, "wall_time", "wall_zone", "sequence", "reference"]}),
    ]
    readonly_fields = ["when", "cost", "cost_at_practice"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appointment]:
        """Read the providers separately. If they were joined, SQLite would go through the appointments of each."""
        return super().get_queryset(request).prefetch_related("provider")

    def zone_of(self, request: HttpRequest, row: Appointment | None) -> ZoneInfo | None:
        return row.provider.zone if row else None

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("booking.change_appointment")

    @admin.display(description="When", ordering="appointment_time")
    def when(self, appointment: Appointment) -> str:
        return on_providers_clock(appointment)

    @admin.display(description="Client", ordering="client_name")
    def client(self, appointment: Appointment) -> str:
        return appointment.client_name

    @admin.display(description="Price")
    def cost(self, appointment: Appointment) -> str:
        return capfirst(price(appointment.price, appointment.currency))

    @admin.display(description="Of that, at the practice")
    def cost_at_practice(self, appointment: Appointment) -> str:
        there = appointment.due_at_practice
        return price(there, appointment.currency) if there else "Nothing"

    @admin.action(
        description="Cancel: give the time back (those for which nothing was paid online)", permissions=["cancel"]
    )
    def give_back(self, request: HttpRequest, appointments: QuerySet[Appointment]) -> None:
        for appointment in appointments:
            if appointment.is_paid_online:
                words = (
                    f"{appointment} is paid and was not cancelled: cancel it on its page, which says what goes back."
                )
                self.message_user(request, words, messages.WARNING)
            else:
                self.cancel(request, appointment, None)

    def cancel(self, request: HttpRequest, appointment: Appointment, refund: Decimal | None) -> None:
        try:
            appointment.cancel(refund, by=cast("User", request.user))
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
        """Cancel one appointment on a page of its own, if it is still as that page showed it.

        If it is paid, staff who may return money decide what goes back. Others, who may only cancel, return what was
        promised.
        """
        if not self.has_cancel_permission(request):
            raise PermissionDenied
        appointment = get_object_or_404(Appointment, pk=unquote(object_id))
        if appointment.status != Appointment.Status.CONFIRMED:
            # Most likely its client or somebody else at the desk cancelled it after the page was opened.
            self.message_user(request, f"{appointment} is {appointment.state}: nothing is changed.", messages.WARNING)
            return redirect("admin:booking_appointment_change", appointment.pk)
        decides = appointment.is_paid_online and request.user.has_perm(RETURN_MONEY)
        form_class = DecidedRefundForm if decides else PromisedRefundForm
        form = form_class(request.POST or None, appointment=appointment)
        has_changed = request.method == "POST" and request.POST.get("seen") != appointment.shown_to_staff
        if form.is_valid() and not has_changed:
            self.cancel(request, appointment, form.cleaned_data["refund"])
            return redirect("admin:booking_appointment_change", appointment.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": "Cancel an appointment",
            "form": form,
            "original": appointment,
            "has_changed": has_changed,
            "when": self.when(appointment),
            "opts": self.opts,
        }
        status = 409 if has_changed else 200
        return render(request, "admin/booking/appointment/cancel.html", context, status=status)
