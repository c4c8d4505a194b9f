"""The settings of a site under attack: those of the product, except for the few that are set here.

Static files need no manifest, since those of the admin are not collected, and CLOCK_AHEAD says by how many seconds the
clock of the machine is wrong.
"""

import os
from datetime import UTC, datetime, timedelta

import time_machine

from config.settings import *  # noqa: F403 - Django reads a settings module by its names, so it must have them all
from config.settings import STORAGES

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

if ahead := int(os.environ.get("CLOCK_AHEAD", "0")):
    time_machine.travel(datetime.now(UTC) + timedelta(seconds=ahead)).start()
