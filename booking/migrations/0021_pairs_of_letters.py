from typing import Any

from django.db import migrations

from booking.index_operations import without_hurry
from booking.models.search import CREATE_INDEX, FUNCTION, INDEX


def create_index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FUNCTION)
        with without_hurry(schema_editor):
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
            schema_editor.execute(CREATE_INDEX)


def drop_index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        with without_hurry(schema_editor):
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {INDEX}")
        schema_editor.execute("DROP FUNCTION booking_pairs(text)")


class Migration(migrations.Migration):
    """PostgreSQL's index for the search by name and address (booking/models/search.py)."""

    atomic = False

    dependencies = [
        ('booking', '0020_indexes_of_short_lists'),
    ]

    operations = [migrations.RunPython(create_index, drop_index)]
