"""Who waits for a time to become free, in the admin."""

from django.contrib import admin

from booking.admin.read_only import ReadOnlyAdmin
from booking.models import WaitingEntry


@admin.register(WaitingEntry)
class WaitingEntryAdmin(ReadOnlyAdmin):
    list_display = [
        "asked_at",
        "address",
        "service",
        "provider",
        "until",
        "times_told",
        "told_at",
        "ended_at",
        "ending",
    ]
    list_select_related = ["service", "provider"]
    list_filter = ["ending"]
    sortable_by = ["asked_at"]
    search_fields = ["mailbox__startswith"]
    search_help_text = "The beginning of an email address."
    # Whoever knows the key may end it.
    exclude = ["key"]
