"""The settings of the soak: those of the product, except for the few that are set here.

Holds last seconds instead of minutes, static files need no manifest, since those of the admin are not collected, mail
goes to a mail server that writes down what came, and all clients of one network together may hold only one time.
"""

import os
from datetime import timedelta

from config.settings import *  # noqa: F403 - Django reads a settings module by its names, so it must have them all
from config.settings import STORAGES

HOLD_MINUTES = 3 / 60
# Each client sends its IP address in X-Forwarded-For. A mail address may have any number of appointments ahead, since
# the clients of a family share one and book more than a real family would.
TRUSTED_PROXIES, HOLDS_PER_ADDRESS, AHEAD_PER_CLIENT = 1, 1, 100_000
HOLD_OUTLASTS_SESSION = timedelta(seconds=1)
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

# Clients who have paid can move to an earlier time from the day after tomorrow on, instead of three days ahead.
CANCELLATION_POLICY = "28h 100%, 1h 50%"
# Who waits is told at any hour, and the next one after some seconds.
WAITING_PAUSE, WAITING_HOURS = timedelta(seconds=3), (0, 24)

EMAIL_BACKEND, MAIL_IS_SENT = "tests.soak.mail_server.EmailBackend", True
SOAK_MAILS = os.environ["SOAK_MAILS"]
PRACTICE_EMAIL = "desk@example.com"
# Tick sends a mail again that has been in sending for so long, since its process was killed or is very slow. It waits
# as long before it repeats a call that opens a session.
MAIL_SENDING_TAKES = timedelta(minutes=1)
