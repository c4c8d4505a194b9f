"""Run a command of manage.py to its end, in a process of its own or in this one."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

from django.core.management import call_command

ROOT = Path(__file__).parent.parent


def manage(*command: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess:
    """Run a command in its own process, with `environment` added to the present one. A failure raises no exception.

    `folder` is a copy of the repository, if the command is not to be this one's.
    """
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        env={**os.environ, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def said_by(*command: str) -> tuple[int, list[str]]:
    """Run a command in this process, with the test's rows and settings; return its exit status and printed lines."""
    said = StringIO()
    try:
        call_command(*command, stdout=said)
    except SystemExit as stopped:
        return stopped.code, said.getvalue().splitlines()
    return 0, said.getvalue().splitlines()
