"""Providers with their working hours and time off, and services, in the admin."""

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
from booking.admin.translations import InOtherLanguages
from booking.models import Appointment, Provider, Service, TimeOff, WorkingHours
from booking.schedule.no_longer_offered import no_longer_offered
from booking.templatetags.wording import price


class DeletableUntilBooked(admin.ModelAdmin):
    """Deletes only providers and services that were never booked, since appointments have to keep theirs.

    Whoever tries to delete another one is told to make it inactive instead.
    """

    actions = ["delete_selected"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        booked = obj is not None and obj.appointments.exists()
        return not booked and super().has_delete_permission(request, obj)

    @admin.action(description="Delete selected %(verbose_name_plural)s", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, selected: QuerySet) -> HttpResponse | None:
        """Delete those that were never booked, after Django's own page has asked, and warn about the others."""
        for booked in selected.exclude(appointments=None).distinct():
            self.warn_not_deleted(request, booked)
        never_booked = selected.filter(appointments=None)
        return delete_selected(self, request, never_booked) if never_booked.exists() else None

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row and self.has_delete_permission(request) and row.appointments.exists():
            self.warn_not_deleted(request, row)
            return redirect(self.change_url(row))
        return super().delete_view(request, object_id, extra_context)

    def warn_not_deleted(self, request: HttpRequest, row: Any) -> None:
        count = row.appointments.count()
        words = '<a href="{}">{}</a> has {} appointment{}, past and cancelled ones counted, and was not deleted. {}'
        instead = "To take no more bookings, untick Active on that page."
        warning = format_html(words, self.change_url(row), row, count, pluralize(count), instead)
        self.message_user(request, warning, messages.WARNING)

    def change_url(self, row: Any) -> str:
        return reverse(f"admin:booking_{self.opts.model_name}_change", args=[row.pk])


class WarnsOfNoLongerOffered(admin.ModelAdmin):
    """Warns staff of the coming appointments that a change of theirs has left at times no longer offered.

    Each change warns only of those that it added. The list of appointments has a filter for all of them.
    """

    MAX_NAMED = 20

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with self.warning_of_no_longer_offered(request):
            return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        with self.warning_of_no_longer_offered(request):
            return super().changelist_view(request, extra_context)

    @contextmanager
    def warning_of_no_longer_offered(self, request: HttpRequest) -> Iterator[None]:
        changes = request.method == "POST"
        before = {booked.pk for booked in no_longer_offered(timezone.now())} if changes else set()
        yield
        after = no_longer_offered(timezone.now()) if changes else []
        if left := [booked for booked in after if booked.pk not in before]:
            words = f"Still booked outside what is offered now: {len(left)}. Tell these clients, or cancel."
            warning = format_html("{}{}", words, self.links_to(request, left))
            self.message_user(request, warning, messages.WARNING)

    def links_to(self, request: HttpRequest, left: list[Appointment]) -> SafeString:
        """A link to each appointment and, if they are many, to the list of all. Empty if this user may not see them."""
        if not self.admin_site.get_model_admin(Appointment).has_view_permission(request):
            return SafeString()
        link, page = '<br><a href="{}">{}, {}</a>', "admin:booking_appointment_change"
        rows = ((reverse(page, args=[row.pk]), on_providers_clock(row), row.client) for row in left[: self.MAX_NAMED])
        links = format_html_join("", link, rows)
        if not (more := len(left) - self.MAX_NAMED) > 0:
            return links
        everyone = reverse("admin:booking_appointment_changelist", query={NoLongerOffered.parameter_name: "no"})
        return format_html('{}<br><a href="{}">and {} more</a>', links, everyone, more)


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
class ProviderAdmin(InOtherLanguages, WarnsOfNoLongerOffered, OnProvidersClock, DeletableUntilBooked):
    list_display = ["name", "title", "time_zone", "active"]
    list_filter = ["active"]
    prepopulated_fields = {"slug": ["name"]}
    filter_horizontal = ["services"]
    inlines = [WorkingHoursInline, TimeOffInline]

    def zone_of(self, request: HttpRequest, row: Provider | None) -> ZoneInfo | None:
        """The zone that is being typed on this page, if it exists, since hours and time off are typed beside it."""
        return zones.find(request.POST.get("time_zone", "")) or (row.zone if row else None)


@admin.register(Service)
class ServiceAdmin(InOtherLanguages, WarnsOfNoLongerOffered, DeletableUntilBooked):
    list_display = ["name", "position", "duration_minutes", "buffer_minutes", "price", "how_it_is_paid", "active"]
    list_editable = ["position"]
    list_filter = ["active"]
    prepopulated_fields = {"slug": ["name"]}

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"position": Service.next_position(), **super().get_changeform_initial_data(request)}

    @admin.display(description="How it is paid", ordering="payment")
    def how_it_is_paid(self, service: Service) -> str:
        if not service.price:
            return "Nothing is to pay"
        words = service.get_payment_display()
        takes_a_deposit = service.payment == Service.Payment.DEPOSIT
        return f"{words}: {price(service.deposit, service.currency)}" if takes_a_deposit else words
