"""The site of the soak is the product as shipped, but for two things: what takes minutes takes seconds here, and the
admin's static files are not collected.
"""

from datetime import timedelta

from config.settings import *  # noqa: F403 - all of it, less what is named below

HOLD_MINUTES = 3 / 60
HOLD_OUTLASTS_SESSION = timedelta(seconds=1)
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405 - from there
