"""The mails that the site owed, and what became of each, in the admin."""

from django.contrib import admin

from booking.admin.read_only import AboutAnAppointment
from booking.models import Mail


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
    list_filter = ["status", "kind"]
    list_select_related = ["appointment", "waiting"]

    @admin.display(description="Client", ordering="appointment__client_name")
    def client(self, mail: Mail) -> str:
        return mail.waiting.address if mail.waiting else super().client(mail)
