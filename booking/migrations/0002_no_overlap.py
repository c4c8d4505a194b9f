from typing import Any

from django.db import migrations

from booking.models.overlaps import EXCLUSION, OVERLAP_CONSTRAINT


def add_constraint(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(EXCLUSION)


def drop_constraint(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE booking_appointment DROP CONSTRAINT {OVERLAP_CONSTRAINT}")


class Migration(migrations.Migration):
    """PostgreSQL's refusal of overlaps; SQLite's triggers are made after every migrate (booking/overlaps.py)."""

    dependencies = [("booking", "0001_initial")]
    operations = [migrations.RunPython(add_constraint, drop_constraint)]
