"""Admin pages for rows that staff may read but not write, and the search for such rows by client."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from booking.admin.long_lists import LongList
from booking.models.search import identified


class ReadOnlyAdmin(LongList):
    """Shows rows that only the site's own code may add, change or delete. There may be a million of them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class FindsClients(admin.ModelAdmin):
    """Finds rows by something that identifies them, like a reference, and else by the client's name, email or phone.

    Instead of the fields that Django would search, `search_fields` has lookups for what identifies a row. Staff copy
    that, all of it or at least six characters, which tell appointments apart in Stripe's dashboard.
    """

    path_to_appointment = "appointment__"
    search_help_text = "A client’s name, email address or phone number, or a reference."

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if not search_term:
            return queryset, False
        return identified(queryset, search_term, *self.search_fields, path=self.path_to_appointment), False


class AboutAnAppointment(FindsClients, ReadOnlyAdmin):
    """Shows read-only rows that each belong to an appointment. The list names the client, and can be searched by it."""

    list_select_related = ["appointment"]
    sortable_by = ["created_at"]
    search_fields = ["appointment__reference__startswith"]

    @admin.display(description="Client", ordering="appointment__client_name")
    def client(self, row: Any) -> str:
        return str(row.appointment.client)
