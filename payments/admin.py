from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from booking.admin import ReadOnlyAdmin
from payments.models import Payment, WebhookEvent


class NeedsStaff(admin.SimpleListFilter):
    title = "to be returned by the practice"
    parameter_name = "problem"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("yes", "Money that belongs to no appointment")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Payment]) -> QuerySet[Payment]:
        return queryset & Payment.objects.needing_staff() if self.value() == "yes" else queryset


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "appointment", "__str__", "problem", "paid_at", "payment_intent_id"]
    list_filter = [NeedsStaff, "status", "problem"]
    list_select_related = ["appointment"]
    search_fields = ["checkout_session_id", "payment_intent_id", "appointment__reference", "appointment__client_email"]
    # The parameters repeat the client's address, and the url would let staff pay in the client's name.
    exclude = ["params", "url"]


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    list_display = ["received_at", "type", "object_id", "processed_at", "last_error"]
    list_filter = ["type", ("processed_at", admin.EmptyFieldListFilter)]
    search_fields = ["event_id", "object_id"]
