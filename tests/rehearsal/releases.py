"""A restart, a release forward and back, and releases that are broken: under load, and nobody notices."""

import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.rehearsal.machine import Failed
from tests.rehearsal.rehearsal import Rehearsal
from tests.repository import ROOT

Changes = Mapping[str, Callable[[str], str]]
RELEASE = "/srv/practice/repository/deploy/release"
MARK = "<!-- the next release -->"
MIGRATION = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("booking", "{latest}")]
    operations = [
        migrations.AddField("provider", "motto", models.CharField(max_length=100, default="", db_default=""))
    ]
"""


def restart(rehearsal: Rehearsal) -> None:
    crowd = rehearsal.crowd()
    with crowd.busy():
        rehearsal.machine.run("systemctl restart practice-web practice-tick")
    print(f"Restarted: {crowd}")


def release_and_back(rehearsal: Rehearsal) -> None:
    commit(rehearsal.source, "The next release", next_release())
    release, back = rehearsal.unread.pop("A new release, and back")
    crowd = rehearsal.crowd()
    with crowd.busy():
        told = rehearsal.follow_block(release)
        assert MARK in rehearsal.visitor().get("/")
        rehearsal.machine.exported["BEFORE"] = re.findall(r"Before, it was (\S+)\.$", told, re.MULTILINE)[0]
        rehearsal.follow_block(back)
        assert MARK not in rehearsal.visitor().get("/")
        rehearsal.visitor().get("/readyz")
        rehearsal.follow_block(release)
        assert MARK in rehearsal.visitor().get("/")
    print(f"A release with a migration, back, and forward again: {crowd}")


def next_release() -> Changes:
    latest = max(path.stem for path in (ROOT / "booking/migrations").glob("0*.py"))
    return {
        "booking/migrations/9000_motto.py": lambda _: MIGRATION.format(latest=latest),
        "templates/base.html": lambda text: text.replace("</body>", f"{MARK}</body>"),
    }


def broken_releases(rehearsal: Rehearsal) -> None:
    """What cannot start is not put live, and what does not serve is taken back."""
    breaks = {
        "settings that fail": {"config/urls.py": lambda text: f"import nothing_of_this_name\n{text}"},
        "gunicorn does not start": {"config/wsgi.py": lambda text: f"{text}\nraise SystemExit(1)\n"},
        "it is never ready": {"config/middleware.py": lambda text: text.replace("missing = ", "missing = {0} or ")},
    }
    source = rehearsal.source
    before = rehearsal.machine.run("readlink /srv/practice/current")
    crowd = rehearsal.crowd()
    with crowd.busy():
        for what, changes in breaks.items():
            commit(source, what, changes)
            try:
                rehearsal.machine.run(f"git -C /srv/practice/repository pull --quiet\n{RELEASE}", online=True)
                raise AssertionError(f"A broken release was put live: {what}.")
            except Failed:
                assert rehearsal.machine.run("readlink /srv/practice/current") == before
            rehearsal.visitor().get("/readyz")
            commit(source, "Not so", {name: was(source, name) for name in changes})
    print(f"Three broken releases: {crowd}")


def was(source: Path, name: str) -> Callable[[str], str]:
    """Return a function that takes the last commit's change of a file back."""
    before = subprocess.run(["git", "-C", source, "show", f"HEAD~1:{name}"], capture_output=True, text=True, check=True)
    return lambda _: before.stdout


AUTHOR = ("-c", "user.name=Rehearsal", "-c", "user.email=rehearsal@example.org")


def commit(source: Path, message: str, changes: Changes) -> None:
    """Commit what each function makes of the text of its file, or of nothing if the file is new."""
    for name, change in changes.items():
        path = source / name
        path.write_text(change(path.read_text() if path.exists() else ""))
    subprocess.run(["git", "-C", source, "add", "--all"], check=True)
    subprocess.run(["git", "-C", source, *AUTHOR, "commit", "--quiet", "--message", message], check=True)
