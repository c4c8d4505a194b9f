"""Operations for migrations that add or remove an index while the site is in use.

On PostgreSQL a plain `CREATE INDEX` keeps everybody from writing to the table until it is done: with a million rows for
some seconds, in which nobody can book. So there these operations work concurrently. SQLite cannot do that, and needs
less than a second for 200,000 rows.

A migration with one of them says `atomic = False`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db.migrations.operations import AddIndex, RemoveIndex, RunPython

from booking.models.search import Letters


@contextmanager
def without_hurry(schema_editor: Any) -> Iterator[None]:
    """Wait for locks without a limit: what works concurrently waits for older transactions, and delays nobody else."""
    schema_editor.execute("SET lock_timeout = 0")
    yield
    schema_editor.execute("RESET lock_timeout")


class Online:
    """Runs the operation of PostgreSQL that it is mixed into, or on another engine the plain one."""

    plain: ClassVar[type]

    def database_forwards(self, *args: Any) -> None:
        self.run("database_forwards", *args)

    def database_backwards(self, *args: Any) -> None:
        self.run("database_backwards", *args)

    def run(self, direction: str, app_label: str, schema_editor: Any, *states: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            with without_hurry(schema_editor):
                getattr(super(), direction)(app_label, schema_editor, *states)
        else:
            getattr(self.plain, direction)(self, app_label, schema_editor, *states)


class AddIndexOnline(Online, AddIndexConcurrently):
    plain = AddIndex

    def run(self, direction: str, app_label: str, schema_editor: Any, *states: Any) -> None:
        """Remove first what an earlier try may have left that was cut off: an index by that name that is not valid."""
        if schema_editor.connection.vendor == "postgresql" and direction == "database_forwards":
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {self.index.name}")
        super().run(direction, app_label, schema_editor, *states)


class RemoveIndexOnline(Online, RemoveIndexConcurrently):
    plain = RemoveIndex


def letters_online(letters: Letters) -> RunPython:
    """The operation that makes what booking/models/search.py finds letters by, on PostgreSQL: function and index."""

    def create(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(letters.create_function)
            with without_hurry(schema_editor):
                schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {letters.index}")
                schema_editor.execute(letters.create_index)

    def drop(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            with without_hurry(schema_editor):
                schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {letters.index}")
            schema_editor.execute(f"DROP FUNCTION {letters.function}(text)")

    return RunPython(create, drop)
