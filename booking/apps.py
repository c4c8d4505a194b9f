"""The booking app. It creates SQLite's triggers against overlaps anew after every `migrate`."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class BookingConfig(AppConfig):
    name = "booking"

    def ready(self) -> None:
        from booking.models.overlaps import create_sqlite_triggers

        post_migrate.connect(create_sqlite_triggers, sender=self)
