"""The practice's rows in Django's admin, which finds them by importing this package."""

from booking.admin import appointments, mail, practice, waiting

__all__ = ["appointments", "mail", "practice", "waiting"]
