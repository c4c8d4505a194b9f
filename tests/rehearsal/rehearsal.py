"""One rehearsal: the machine, and what of docs/deploy.md has not been followed yet."""

from dataclasses import dataclass, field
from pathlib import Path

from tests.rehearsal.document import as_run, blocks, needs_registries
from tests.rehearsal.machine import Machine
from tests.rehearsal.visitors import Crowd, Visitor

DOMAIN = "book.example.org"
SITE = f"https://{DOMAIN}"
# The name is not ours, so nobody would give us a certificate.
NOT_HERE = {"The real certificate"}
# What stands here for the machine that backups go to.
ELSEWHERE = {"sftp:backup@backup.example.org:practice": "/mnt/elsewhere"}
# The self-signed certificate, where everybody may read it: who calls the site must be told to believe it.
NOBODYS = "/etc/ssl/nobodys.pem"
OWNER = {
    "Username": "owner",
    "Email": "owner@example.org",
    "Password:": "a long password of the owner",
    "Password (again)": "a long password of the owner",
}


@dataclass
class Rehearsal:
    machine: Machine
    database: str
    """PostgreSQL or SQLite."""
    source: Path
    """The repository from which the machine fetches its releases."""
    unread: dict[str, list[str]] = field(default_factory=blocks)
    wanted: set[tuple[str, str]] = field(default_factory=set)
    """The providers and times that visitors have wanted."""

    def follow(self, heading: str) -> str:
        """Run all blocks under that heading, and return what they printed. Raises machine.Failed."""
        return "".join(self.follow_block(block) for block in self.unread.pop(heading))

    def follow_block(self, block: str) -> str:
        script = as_run(block, self.machine.exported, ELSEWHERE)
        if "createsuperuser" in script:
            return self.machine.run_at_terminal(script, OWNER)
        return self.machine.run(script, online=needs_registries(script))

    def manage(self, command: str) -> str:
        return self.machine.run(f"/srv/practice/current/deploy/manage {command}")

    def is_ready(self) -> None:
        """Wait until nginx finds the site ready. Raises machine.Failed."""
        self.machine.run(f"curl --silent --fail --retry 30 --retry-all-errors --retry-delay 1 --insecure {SITE}/readyz")

    @property
    def certificate(self) -> str:
        return f"{self.machine.root}{NOBODYS}"

    def visitor(self, address: str = "") -> Visitor:
        return Visitor(SITE, self.certificate, self.wanted, address)

    def crowd(self) -> Crowd:
        return Crowd(self.visitor)
