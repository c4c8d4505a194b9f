"""Where attacks take place, sites with a database of their own, and what is written down about each attack."""

import html
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.utils.functional import cached_property

from tests.abuse.site import Answer, Site
from tests.gunicorn import PRODUCTION, free_port, gunicorn
from tests.manage import manage
from tests.postgres import Postgres, postgres

SETTINGS = {
    **PRODUCTION,
    "DJANGO_SETTINGS_MODULE": "tests.abuse.settings",
    "SITE_URL": "http://127.0.0.1",
    "STRIPE_SANDBOX": "1",
    "EMAIL_URL": "dummymail://",
}
LONGEST = 150
"""Characters of an answer that are printed."""


@dataclass(frozen=True)
class Finding:
    """What one attack came to: what its client was told, whether that is as it should be, and what was lost."""

    attack: str
    told: str
    is_right: bool
    lost: str


def finding(site: Site, attack: str, answer: Answer | str, is_right: bool) -> Finding:
    lost = site.lost()
    told = answer if isinstance(answer, str) else told_by(answer)
    return Finding(attack, told, is_right and lost == "nothing", lost)


def audited(site: Site) -> Finding:
    """Have `manage.py audit` look at all rows after the attacks on a site."""
    audit = site.manage("audit")
    return finding(site, "manage.py audit afterwards", " ".join(audit.stdout.split()), audit.returncode == 0)


def told_by(answer: Answer) -> str:
    """Return what a client reads of an answer: its status, when to come again, and its first words."""
    if answer is None:
        return "no answer"
    again = f", again in {answer.headers['Retry-After']} s" if "Retry-After" in answer.headers else ""
    line = " ".join(words_of(answer).split())
    return f"{answer.status_code}{again}: {line if len(line) <= LONGEST else f'{line[:LONGEST]}…'}"


def words_of(answer: Answer) -> str:
    kind = answer.headers.get("Content-Type", "")
    if kind == "application/problem+json":
        return answer.json()["detail"]
    if not kind.startswith("text/html"):
        return answer.text
    heading, *sentences = re.findall(r"<(?:h1|p)\b[^>]*>(.*?)</(?:h1|p)>", between_main(answer.text), re.DOTALL) or [""]
    words = ". ".join([heading, *sentences[:1]])
    return html.unescape(re.sub(r"<[^>]*>", "", words))


def between_main(page: str) -> str:
    return page.partition("<main")[2] or page


class Stage:
    """It has a practice on SQLite and on PostgreSQL, each made when it is first asked for, and copied for each site."""

    def __init__(self, folder: Path, running: ExitStack) -> None:
        self.folder, self.running, self.copies = folder, running, 0

    @cached_property
    def server(self) -> Postgres:
        return self.running.enter_context(postgres())

    @cached_property
    def sqlite(self) -> Path:
        """The file of the practice."""
        open_practice(f"sqlite:///{self.folder / 'practice'}")
        return self.folder / "practice"

    @cached_property
    def postgresql(self) -> str:
        """The name of the practice's database."""
        self.execute("CREATE DATABASE practice")
        open_practice(self.server.url_of("practice"))
        return "practice"

    def execute(self, sql: str) -> None:
        with psycopg.connect(self.server.url, autocommit=True) as connection:
            connection.execute(sql)

    def copy(self, engine: str) -> str:
        """Copy the practice. Return the DATABASE_URL of the copy."""
        self.copies += 1
        name = f"copy{self.copies}"
        if engine == "sqlite":
            return f"sqlite:///{shutil.copy(self.sqlite, self.folder / name)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {self.postgresql}")
        return self.server.url_of(name)

    @contextmanager
    def site(self, engine: str = "sqlite", *, port: int = 0, **environment: str) -> Iterator[Site]:
        """Serve a copy of the practice, or the database that is named, with gunicorn alone.

        What it logged is in the folder of the stage afterwards.
        """
        port = port or free_port()
        told = {**SETTINGS, "SITE_URL": f"http://127.0.0.1:{port}", **environment}
        if "DATABASE_URL" not in told:
            told["DATABASE_URL"] = self.copy(engine)
        with ExitStack() as running:
            server = running.enter_context(gunicorn(workers=2, threads=4, port=port, **told))
            yield Site(server.address, told)
            with (self.folder / "log").open("a") as log, redirect_stdout(log):
                running.close()


def open_practice(database_url: str) -> None:
    for command in (["migrate", "--verbosity=0"], ["demo", "--empty"]):
        manage(*command, **SETTINGS, DATABASE_URL=database_url).check_returncode()


@contextmanager
def stage() -> Iterator[Stage]:
    with ExitStack() as running:
        folder = running.enter_context(tempfile.TemporaryDirectory(prefix="abuse"))
        yield Stage(Path(folder), running)


def limited(site: Site, attack: str, answers: list[Answer], most: tuple[float, float]) -> Finding:
    """See that of all that was sent, so many were let through, at least and at most, and the others told to wait."""
    refused = [answer for answer in answers if answer.status_code == 429 and "Retry-After" in answer.headers]
    let_through = len(answers) - len(refused)
    is_right = most[0] <= let_through <= most[1] and bool(refused)
    return finding(site, f"{attack}: {let_through} let through", (refused or answers)[-1], is_right)


def statuses(answers: list[Answer]) -> set[int]:
    """Return the statuses that occur; 0 stands for no answer."""
    return {0 if answer is None else answer.status_code for answer in answers}
