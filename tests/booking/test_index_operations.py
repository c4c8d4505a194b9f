"""Indexes are added and removed by migrations while the site is in use."""

import pytest
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor

from booking.index_operations import AddIndexOnline, RemoveIndexOnline

pytestmark = pytest.mark.django_db(transaction=True)

INDEX = models.Index(fields=["client_name"], name="booking_tried_here")


@pytest.fixture(autouse=True)
def removed_afterwards():
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX IF EXISTS {INDEX.name}")


def run(operation, direction, before):
    """Run the operation as `migrate` does, and return the state after it."""
    after = before.clone()
    operation.state_forwards("booking", after)
    with connection.schema_editor(atomic=False) as editor:
        states = (before, after) if direction == "forwards" else (after, before)
        getattr(operation, f"database_{direction}")("booking", editor, *states)
    return after


def indexed_columns():
    """Return the columns of the index, or None if there is no such index."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "booking_appointment").get(INDEX.name)
    return found and found["columns"]


def test_an_index_is_added_and_removed_and_the_other_way_round():
    before = MigrationExecutor(connection).loader.project_state()
    add, remove = AddIndexOnline("appointment", INDEX), RemoveIndexOnline("appointment", INDEX.name)
    found = []
    with_index = run(add, "forwards", before)
    found.append(indexed_columns())
    run(remove, "forwards", with_index)
    found.append(indexed_columns())
    run(remove, "backwards", with_index)
    found.append(indexed_columns())
    run(add, "backwards", before)
    assert [*found, indexed_columns()] == [["client_name"], None, ["client_name"], None]


def test_what_an_earlier_try_left_is_made_anew(engine):
    if engine == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE INDEX {INDEX.name} ON booking_appointment (note)")
    run(AddIndexOnline("appointment", INDEX), "forwards", MigrationExecutor(connection).loader.project_state())
    assert indexed_columns() == ["client_name"]


def test_afterwards_nobody_waits_for_a_lock_longer_than_before(engine):
    run(AddIndexOnline("appointment", INDEX), "forwards", MigrationExecutor(connection).loader.project_state())
    if engine == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("5s",)
