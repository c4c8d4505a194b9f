"""The desk: the pages on which those who work at the practice run its day. It has no rules of its own."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "staff"
