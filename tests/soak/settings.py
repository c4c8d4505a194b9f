"""The settings of the soak are those of the product, except for four things.

What takes minutes takes seconds here, the admin's static files are not collected, mail goes to a mail server that
writes down what came, and clients of one network may hold one time.
"""

import os
from datetime import timedelta

from config.settings import *  # noqa: F403 - Django reads a settings module by its names, so it must have them all
from config.settings import STORAGES

HOLD_MINUTES = 3 / 60
# Clients say themselves which address they have. A family, which shares a mailbox, books more than a real one would.
TRUSTED_PROXIES, HOLDS_PER_ADDRESS, AHEAD_PER_CLIENT = 1, 1, 100_000
HOLD_OUTLASTS_SESSION = timedelta(seconds=1)
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

EMAIL_BACKEND, MAIL_IS_SENT = "tests.soak.mail_server.EmailBackend", True
SOAK_MAILS = os.environ["SOAK_MAILS"]
PRACTICE_EMAIL = "desk@example.com"
# This is as long as tick waits before it repeats a call that opens a session: the process may only be slow.
MAIL_SENDING_TAKES = timedelta(minutes=1)
