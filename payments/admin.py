"""Payments and Stripe's events in Django's admin, where staff return money and ask Stripe again."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path

from booking import money
from booking.admin.appointments import RETURN_MONEY
from booking.admin.read_only import AboutAnAppointment, ReadOnlyAdmin
from payments import checkout, ledger, reconciliation
from payments.forms import RefundForm
from payments.gateway import StripeUnavailable
from payments.models import Payment, Refund, Taking, WebhookEvent


class NeedsStaff(admin.SimpleListFilter):
    """Leave only the payments that no rule may decide."""

    title = "needs somebody"
    parameter_name = "problem"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("yes", "No rule decides it: a person must")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:
        return queryset.filter(pk__in=Payment.objects.needing_staff().values("pk")) if self.value() else queryset


class Disputed(admin.SimpleListFilter):
    """Leaves the payments whose dispute has one status. Django's own filter would read all rows for the choices."""

    title = "dispute"
    parameter_name = "dispute"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        statuses = (*Payment.DISPUTED, *Payment.INQUIRED, *Payment.DECIDED, Payment.NOT_READ)
        return [(status, status.replace("_", " ")) for status in statuses]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:
        disputed = Payment.objects.with_dispute(self.value() or "")
        return queryset.filter(pk__in=disputed.values("pk")) if self.value() else queryset


class RefundInline(admin.TabularInline):
    model = Refund
    fields = ("__str__", "reason", "failure_reason", "created_at", "refund_id")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Payment)
class PaymentAdmin(AboutAnAppointment):
    list_display = ["created_at", "client", "appointment", "__str__", "problem", "dispute", "returned", "paid_at"]
    list_filter = [NeedsStaff, "status", "problem", Disputed]
    search_fields = ["checkout_session_id", "payment_intent_id", *AboutAnAppointment.search_fields]
    search_help_text = "A client’s name, email address or phone number, a reference, or an id of Stripe’s: cs_… or pi_…"
    # The parameters repeat the client's address, and with the url staff could pay in the client's name.
    exclude = ["params", "url", "version"]
    inlines = [RefundInline]
    actions = ["ask_stripe"]

    @admin.display(description="Returned, says Stripe")
    def returned(self, payment: Payment) -> str:
        amount = money.from_minor_units(payment.amount_refunded, payment.currency)
        return money.display(amount, payment.currency) if amount else "–"

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(RETURN_MONEY))

    @admin.action(description="Ask Stripe about it now", permissions=["decide"])
    def ask_stripe(self, request: HttpRequest, payments: QuerySet[Payment]) -> None:
        for payment in payments:
            try:
                checkout.bring_up_to_date(payment)
                if payment.payment_intent_id:
                    reconciliation.reconcile(payment)
            except StripeUnavailable as problem:
                self.message_user(request, f"{problem.reason} {problem.remedy}", messages.WARNING)
            else:
                self.message_user(request, f"Stripe says: {payment}.")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.refund_view)
        return [path("<path:object_id>/refund/", view, name="payments_payment_refund"), *super().get_urls()]

    def refund_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.has_decide_permission(request):
            raise PermissionDenied
        payment = get_object_or_404(Payment, pk=unquote(object_id), status=Payment.Status.PAID)
        form = RefundForm(request.POST or None, payment=payment)
        if form.is_valid() and form.return_money(cast("User", request.user)):
            self.message_user(request, "It is written down; the page of the payment says how far it is.")
            return redirect("admin:payments_payment_change", payment.pk)
        context = {**self.admin_site.each_context(request), "form": form, "original": payment, "opts": self.opts}
        return render(request, "admin/payments/payment/refund.html", {**context, "title": "Return money"})


@admin.register(Taking)
class TakingAdmin(AboutAnAppointment):
    list_display = ["taken_at", "client", "appointment", "__str__", "undoes", "by_name", "at"]
    list_filter = ["method", "taken_at"]
    list_select_related = ["appointment", "undoes"]
    sortable_by = ["taken_at"]
    ordering = ["-taken_at"]


class OfType(admin.SimpleListFilter):
    """Leaves the events of one of the types that we need. Django's own filter would read all rows for the choices."""

    title = "type"
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(kind, kind) for kind in sorted(ledger.NEEDED_EVENTS)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[WebhookEvent]) -> QuerySet[WebhookEvent]:
        return queryset.filter(type=self.value()) if self.value() else queryset


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    list_display = ["received_at", "type", "object_id", "processed_at", "last_error"]
    list_filter = [OfType, ("processed_at", admin.EmptyFieldListFilter), "received_at"]
    sortable_by = ["received_at"]
    search_fields = ["event_id__exact", "object_id__exact", "payment_intent_id__exact"]
    search_help_text = "An id of Stripe’s, all of it: evt_…, cs_…, pi_…"
    actions = ["process_again"]

    def has_process_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("payments.change_webhookevent"))

    @admin.action(description="Process again: ask Stripe and act on the answer", permissions=["process"])
    def process_again(self, request: HttpRequest, events: QuerySet[WebhookEvent]) -> None:
        for event in events:
            try:
                ledger.process_again(event)
            except StripeUnavailable as problem:
                self.message_user(request, f"{problem.reason} {problem.remedy}", messages.WARNING)
            else:
                self.message_user(request, f"{event} is processed.")
