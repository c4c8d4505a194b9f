"""The WSGI application of the site that DJANGO_SETTINGS_MODULE names. All sites are measured with this one.

If a request has the header X-Count-Statements, the answer has it too, and says how many statements the request sent to
the database. Those that only begin or end a transaction do not count. Counting takes time, so it is asked for only in
requests that are not measured.
"""

from collections.abc import Callable, Iterable

from django.core.wsgi import get_wsgi_application
from django.db import connection

site = get_wsgi_application()
OF_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def application(environ: dict, start_response: Callable) -> Iterable[bytes]:
    return counted(environ, start_response) if "HTTP_X_COUNT_STATEMENTS" in environ else site(environ, start_response)


def counted(environ: dict, start_response: Callable) -> Iterable[bytes]:
    def start(status: str, headers: list[tuple[str, str]], *rest: object) -> object:
        count = sum(not query["sql"].startswith(OF_TRANSACTIONS) for query in connection.queries_log)
        return start_response(status, [*headers, ("X-Count-Statements", str(count))], *rest)

    connection.force_debug_cursor = True
    try:
        return site(environ, start)
    finally:
        connection.force_debug_cursor = False
