"""Django's PostgreSQL, except that once one connection of its pool is found dead, all dead ones are thrown away.

When PostgreSQL is started again, every connection in the pool is dead. With Django's own CONN_HEALTH_CHECKS the pool
tries one after the other, with pauses between them that double: a request that meets four of them is never answered.
"""

from typing import Any

import psycopg
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection:
        """Take a connection from the pool, and try it before the request gets it."""
        connection: psycopg.Connection = super().get_new_connection(conn_params)
        if self.pool and not answers(connection):
            self.pool.putconn(connection)
            self.pool.check()
            connection = super().get_new_connection(conn_params)
        return connection


def answers(connection: psycopg.Connection) -> bool:
    try:
        connection.execute("")
    except psycopg.OperationalError:
        return False
    return True
