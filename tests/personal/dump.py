"""All that the database holds, as text."""

from django.db import connection

from booking.text import folded


def dump():
    """Yield the name of each table with each of its values, as a search would compare it.

    The tables of the sandbox are left out, which stands in for Stripe: what Stripe keeps, nobody here can erase.
    """
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("sandbox_"):
                continue
            cursor.execute(f'SELECT * FROM "{table}"')
            yield from ((table, folded(str(value))) for row in cursor.fetchall() for value in row)


def tables_with(*needles):
    """Return the names of the tables that hold one of these words."""
    wanted = [folded(needle) for needle in needles]
    return sorted({table for table, value in dump() if any(needle in value for needle in wanted)})
