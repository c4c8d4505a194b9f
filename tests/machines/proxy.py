"""nginx, with the configuration of deploy/ in front of several web processes."""

import json
import shutil
import signal
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import requests

from tests.gunicorn import quiet_session
from tests.machines.crowd import Answer
from tests.machines.network import SITE, Certificate, Machine
from tests.machines.services import STARTS_WITHIN, Service, Web, wait_until
from tests.manage import ROOT

SYSLOG = "syslog:server=unix:/dev/log,tag=practice_nginx,nohostname"


class Proxy(Service):
    def __init__(self, machine: Machine, folder: Path, tls: Certificate) -> None:
        self.folder, self.log_of_answers = folder, folder / "answered"
        shutil.copy(Path(__file__).with_name("nginx.conf"), folder)
        (folder / "practice.conf").write_text(practice_conf(tls))
        super().__init__(machine, folder, ["nginx", "-p", folder, "-c", "nginx.conf", "-e", "nginx.log"], {})

    def start_with(self, webs: Iterable[Web]) -> None:
        self.name_upstream(webs)
        self.start()
        wait_until(self.is_listening, "nginx listens")

    def is_listening(self) -> bool:
        with suppress(requests.ConnectionError), quiet_session() as http:
            return http.get(SITE, timeout=STARTS_WITHIN).ok
        return False

    def send_to(self, webs: Iterable[Web]) -> None:
        """Send requests to these from now on, and wait until those that were sent to others are answered.

        nginx then ends those of its processes that know only the configuration before.
        """
        before = psutil.Process(self.process.pid).children()
        self.name_upstream(webs)
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: not any(worker.is_running() for worker in before), "nginx ends its old processes")

    def name_upstream(self, webs: Iterable[Web]) -> None:
        servers = "".join(f"  server {web.address};\n" for web in webs)
        (self.folder / "upstream.conf").write_text(f"upstream practice {{\n{servers}}}\n")

    def answers(self) -> list[Answer]:
        """Return everything that was answered, to clients and to machines."""
        return [Answer(line["at"], asked(line), line["status"], line["retry_after"]) for line in self.lines()]

    def answered_by(self, web: Web, since: float) -> int:
        """Count the requests that this process has answered since then, in seconds since 1970."""
        return sum(line["at"] > since and line["by"].endswith(web.address) for line in self.lines())

    def lines(self) -> Iterator[dict[str, Any]]:
        return map(json.loads, self.log_of_answers.read_text().splitlines())


def asked(line: dict[str, Any]) -> str:
    """Return what was asked, and whether nginx answered by itself, because no process did."""
    by_itself = "" if line["said"].endswith(str(line["status"])) else " (nginx itself)"
    return f"{line['what']}{by_itself}"


def practice_conf(tls: Certificate) -> str:
    """Return deploy/nginx/practice.conf with the files of this run in it.

    Raises ValueError if something that has to be replaced is not there exactly once.
    """
    conf = (ROOT / "deploy/nginx/practice.conf").read_text()
    for deployed, here in {
        "/etc/practice/tls/fullchain.pem": tls.certificate,
        "/etc/practice/tls/privkey.pem": tls.key,
        "/srv/practice/current": ROOT,
        f"access_log {SYSLOG} practice;": "access_log answered answered;",
        f"error_log {SYSLOG} crit;": "error_log nginx.log warn;",
    }.items():
        if conf.count(deployed) != 1:
            raise ValueError(f"deploy/nginx/practice.conf has {deployed!r} not exactly once.")
        conf = conf.replace(deployed, str(here))
    return conf
