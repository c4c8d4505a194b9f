"""The site of the soak is the product as shipped, but for three things: what takes minutes takes seconds here, the
admin's static files are not collected, and mail goes to a mail server that counts it.
"""

import os
from datetime import timedelta

from config.settings import *  # noqa: F403 - Django reads a settings module by its names, so it must have them all
from config.settings import STORAGES

HOLD_MINUTES = 3 / 60
HOLD_OUTLASTS_SESSION = timedelta(seconds=1)
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

EMAIL_BACKEND, MAIL_IS_SENT = "tests.soak.mail_server.EmailBackend", True
SOAK_MAILS = os.environ["SOAK_MAILS"]
PRACTICE_EMAIL = "desk@example.com"
# As long as a call that opens a session is left alone, and for the same reason: its process may only be slow.
MAIL_SENDING_TAKES = timedelta(minutes=1)
