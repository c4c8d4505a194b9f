"""Admin pages for rows that staff may read but not write, and the search for such rows by client."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from booking.text import folded


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shows rows that only the site's own code may add, change or delete."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class FindsClients(admin.ModelAdmin):
    """Finds rows by the client's name or email, with or without accents and apostrophes.

    The column that is searched was folded when it was written (`booking.text.folded`), so what is typed is folded too.
    """

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        return super().get_search_results(request, queryset, folded(search_term))


class AboutAnAppointment(FindsClients, ReadOnlyAdmin):
    """Shows read-only rows that each belong to an appointment. The list names the client, and can be searched by it."""

    list_select_related = ["appointment"]
    search_fields = ["appointment__search_text", "appointment__reference"]

    @admin.display(description="Client", ordering="appointment__client_name")
    def client(self, row: Any) -> str:
        return str(row.appointment.client)
