from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import MaxValueValidator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import pluralize
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from booking import money, zones
from booking.admin.hours import TimeOffForm, WorkingHoursForm, WorkingHoursFormSet
from booking.models import Appointment, Mail, NotCancellable, Provider, Service, TimeOff, WorkingHours
from booking.schedule.no_longer_offered import no_longer_offered
from booking.templatetags.wording import clock, day, price, zone_name
from booking.text import folded

# The right to return money, by the name that its room gave it: here it decides more than what a client was promised.
RETURN_MONEY = "payments.add_refund"
TIMESTAMPS = ["created_at", "hold_expires_at", "confirmed_at", "moved_from", "cancelled_at", "expired_at"]


def on_providers_clock(appointment: Appointment) -> str:
    moment, zone = appointment.appointment_time, appointment.provider.zone
    return f"{day(moment, zone)}, {clock(moment, zone)}–{clock(appointment.end, zone)} {zone_name(zone, moment)}"


class OnProvidersClock(admin.ModelAdmin):
    """Times are shown and typed as the provider's own clock shows them, like working hours, and not the practice's."""

    @abstractmethod
    def zone_of(self, request: HttpRequest, row: Any) -> ZoneInfo | None:
        """None for the practice's, where there is no row yet."""

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any) -> Any:
        row = self.get_object(request, unquote(object_id)) if object_id else None
        with timezone.override(self.zone_of(request, row)):
            response = super().changeform_view(request, object_id, *args, **kwargs)
            return response.render() if isinstance(response, TemplateResponse) else response


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


class ReadOnlyAdmin(admin.ModelAdmin):
    """For rows that only the rules may write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class FindsClients(admin.ModelAdmin):
    """By name or address, however a keyboard writes them: what is searched in is folded, so what is typed is too."""

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        return super().get_search_results(request, queryset, folded(search_term))


class AboutAnAppointment(FindsClients, ReadOnlyAdmin):
    """The list names its client, and finds it by them."""

    list_select_related = ["appointment"]
    search_fields = ["appointment__search_text", "appointment__reference"]

    @admin.display(description="Client", ordering="appointment__client_name")
    def client(self, row: Any) -> str:
        return str(row.appointment.client)


@admin.register(Mail)
class MailAdmin(AboutAnAppointment):
    list_display = [
        "created_at",
        "kind",
        "reader",
        "client",
        "appointment",
        "status",
        "due_at",
        "sent_at",
        "last_error",
    ]
    list_filter = ["status", "kind", "reader"]


class NotAtItsAgreedTime(admin.SimpleListFilter):
    title = "agreed time"
    parameter_name = "agreed"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("elsewhere", "Clocks have new rules, and another one is in the way")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Appointment]) -> QuerySet[Appointment]:
        waiting = Appointment.objects.agreed_under_older_rules(timezone.now())
        return queryset.filter(pk__in=waiting.values("pk")) if self.value() else queryset


class NoLongerOffered(admin.SimpleListFilter):
    title = "what is offered"
    parameter_name = "offered"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("no", "Coming, and outside of it: tell the client, or cancel")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Appointment]) -> QuerySet[Appointment]:
        outside = no_longer_offered(timezone.now()) if self.value() else []
        return queryset.filter(pk__in=[booked.pk for booked in outside]) if self.value() else queryset


class DecisionForm(forms.Form):
    """Cancels a paid one, and returns what staff decide: all of it unless they say otherwise."""

    refund = forms.DecimalField(min_value=0, max_digits=8, label="Goes back to the client")

    def __init__(self, *args: Any, appointment: Appointment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = appointment.currency
        refund = self.fields["refund"]
        refund.initial = left = appointment.not_returned
        refund.help_text = f"Not gone back yet: {price(left, self.currency) if left else 'nothing'}."
        refund.validators.append(MaxValueValidator(left, "That is more than is left."))

    def clean_refund(self) -> Decimal:
        refund: Decimal = self.cleaned_data["refund"]
        try:
            money.minor_units(refund, self.currency)
        except ValueError as error:
            raise ValidationError(f"{self.currency.upper()} has no such fraction: use fewer decimals.") from error
        return refund


class PromiseForm(forms.Form):
    """Cancels as the client's own button would: the page says what goes back, and that is given if it is still true."""

    refund = forms.DecimalField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, appointment: Appointment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.promised = appointment.refund_at(timezone.now())

    def clean(self) -> None:
        if self.cleaned_data.get("refund") != self.promised:
            raise ValidationError("What goes back is not what this page said: see what it is now, and press again.")


@admin.register(Appointment)
class AppointmentAdmin(OnProvidersClock, FindsClients, ReadOnlyAdmin):
    list_display = ["when", "client", "client_email", "provider_name", "service_name", "status", "cost"]
    list_filter = ["appointment_time", "status", "provider", "service", NoLongerOffered, NotAtItsAgreedTime]
    date_hierarchy = "appointment_time"
    search_fields = ["search_text", "reference"]
    actions = ["give_back"]

    list_select_related = ["provider"]
    fieldsets = [
        (None, {"fields": ["when", "status", "provider", "provider_name", "service", "service_name", "blocked_until"]}),
        ("Client", {"fields": ["client_name", "client_email", "note", "client_time_zone"]}),
        ("Money", {"fields": ["cost", "cancellation_policy", "refund_due", "returned"]}),
        ("History", {"fields": [*TIMESTAMPS, "wall_time", "wall_zone", "sequence", "reference"]}),
    ]
    readonly_fields = ["when", "cost"]

    def zone_of(self, request: HttpRequest, row: Appointment | None) -> ZoneInfo | None:
        return row.provider.zone if row else None

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("booking.change_appointment")

    def form_for(self, request: HttpRequest, appointment: Appointment) -> DecisionForm | PromiseForm:
        decides = appointment.is_paid and request.user.has_perm(RETURN_MONEY)
        return (DecisionForm if decides else PromiseForm)(request.POST or None, appointment=appointment)

    @admin.display(description="When", ordering="appointment_time")
    def when(self, appointment: Appointment) -> str:
        return on_providers_clock(appointment)

    @admin.display(description="Client", ordering="client_name")
    def client(self, appointment: Appointment) -> str:
        return appointment.client_name

    @admin.display(description="Price")
    def cost(self, appointment: Appointment) -> str:
        return price(appointment.price, appointment.currency)

    @admin.action(description="Cancel: give the time back (unpaid and free ones)", permissions=["cancel"])
    def give_back(self, request: HttpRequest, appointments: QuerySet[Appointment]) -> None:
        for appointment in appointments:
            if appointment.is_paid:
                words = (
                    f"{appointment} is paid and was not cancelled: cancel it on its page, which says what goes back."
                )
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
        """Who may return money decides what goes back; who may only cancel gives what the client was promised."""
        if not self.has_cancel_permission(request):
            raise PermissionDenied
        appointment = get_object_or_404(Appointment, pk=unquote(object_id), status=Appointment.Status.CONFIRMED)
        form = self.form_for(request, appointment)
        if form.is_valid():
            self.cancel(request, appointment, form.cleaned_data["refund"])
            return redirect("admin:booking_appointment_change", appointment.pk)
        shown = {"form": form, "original": appointment, "when": self.when(appointment), "opts": self.opts}
        context = {**self.admin_site.each_context(request), **shown}
        return render(request, "admin/booking/appointment/cancel.html", {**context, "title": "Cancel an appointment"})
