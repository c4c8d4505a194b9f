"""Admin pages for rows that only the rules of the site may write, and their search by client."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from booking.text import folded


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
