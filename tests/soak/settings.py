"""The site of the soak is the product as shipped, but for four things: what takes minutes takes seconds here, the
admin's static files are not collected, mail goes to a mail server that counts it, and one network keeps one time.
"""

import os
from datetime import timedelta

from config.settings import *  # noqa: F403 - Django reads a settings module by its names, so it must have them all
from config.settings import STORAGES

HOLD_MINUTES = 3 / 60
# A client's address is what they say it is. The families, who share a mailbox, book more than a family would.
TRUSTED_PROXIES, HOLDS_PER_ADDRESS, AHEAD_PER_CLIENT = 1, 1, 100_000
HOLD_OUTLASTS_SESSION = timedelta(seconds=1)
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

EMAIL_BACKEND, MAIL_IS_SENT = "tests.soak.mail_server.EmailBackend", True
SOAK_MAILS = os.environ["SOAK_MAILS"]
PRACTICE_EMAIL = "desk@example.com"
# As long as a call that opens a session is left alone, and for the same reason: its process may only be slow.
MAIL_SENDING_TAKES = timedelta(minutes=1)
