"""The rule by which the database itself refuses two appointments of one provider that occupy the same time.

On PostgreSQL it is the exclusion constraint that migration 0002 adds. On SQLite it is the triggers below. They are made
anew after every `migrate`, because SQLite rebuilds a table to alter it, and a rebuilt table loses its triggers.
"""

from typing import Any

from django.db import connections

OVERLAP_CONSTRAINT = "booking_appointment_no_overlap"

EXCLUSION = f"""
    ALTER TABLE booking_appointment ADD CONSTRAINT {OVERLAP_CONSTRAINT}
    EXCLUDE USING gist (
        int8range(provider_id, provider_id, '[]') WITH &&,
        tstzrange(appointment_time, blocked_until, '[)') WITH &&
    ) WHERE (status IN ('held', 'confirmed'))
"""

TRIGGER = """
    CREATE TRIGGER {name} BEFORE {event} ON booking_appointment
    WHEN NEW.status IN ('held', 'confirmed') AND EXISTS (
        SELECT 1 FROM booking_appointment AS other
        WHERE other.provider_id = NEW.provider_id AND other.id IS NOT NEW.id
        AND other.status IN ('held', 'confirmed')
        AND other.appointment_time < NEW.blocked_until AND other.blocked_until > NEW.appointment_time
    ) BEGIN SELECT RAISE(ABORT, '{error}'); END
"""
EVENTS = {"insert": "INSERT", "update": "UPDATE OF provider_id, appointment_time, blocked_until, status"}


def create_sqlite_triggers(*, using: str, **kwargs: Any) -> None:
    connection = connections[using]
    if connection.vendor != "sqlite" or "booking_appointment" not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for suffix, event in EVENTS.items():
            name = f"{OVERLAP_CONSTRAINT}_{suffix}"
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(TRIGGER.format(name=name, event=event, error=OVERLAP_CONSTRAINT))
