"""The next release: a copy of this one that has a column, and so a migration, more."""

from pathlib import Path

from tests.repository import ROOT, copy_to, run

COLUMN = "arrived_at"
LINES = f"""

from django.db import models

Appointment.add_to_class("{COLUMN}", models.DateTimeField(null=True))
"""


def next_release(folder: Path) -> Path:
    """Make the next release in a new folder, and return that. Raises CalledProcessError."""
    copy_to(folder)
    with (folder / "booking/models/appointment/model.py").open("a") as model:
        model.write(LINES)
    run(folder, "python manage.py makemigrations booking --name of_the_next_release").check_returncode()
    (folder / "staticfiles").symlink_to(ROOT / "staticfiles")
    return folder
