"""`make browsers` goes a client's whole way in WebKit and in Firefox, as Debian has them.

The site is that of `make run`: the demonstration, with the sandbox of Stripe, on an SQLite that is thrown away. A
browser that is not installed is left out, and a line says so.
"""

import logging
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, redirect_stdout
from dataclasses import dataclass
from functools import partial
from io import StringIO

from tests.browsers import firefox, journey, webkit
from tests.browsers.browser import Browser
from tests.gunicorn import gunicorn, set_up_django

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Kind:
    name: str
    start: Callable[[], AbstractContextManager[Browser]]
    packages: dict[str, str]
    """The programs that it needs, each with the package of Debian that has it."""
    javascript: bool = True

    @property
    def missing(self) -> list[str]:
        return [package for program, package in self.packages.items() if not shutil.which(program)]


KINDS = (
    Kind("WebKit", webkit.webkit, webkit.PACKAGES),
    Kind("Firefox", firefox.firefox, firefox.PACKAGES),
    Kind("Firefox without JavaScript", partial(firefox.firefox, javascript=False), firefox.PACKAGES, javascript=False),
)


def main() -> int:
    there = [kind for kind in KINDS if not kind.missing]
    for kind in KINDS:
        if kind.missing:
            print(f"{kind.name} is left out, as it is not installed: apt-get install {' '.join(kind.missing)}")
    return 1 if there and not all_go_well(there) else 0


def all_go_well(kinds: list[Kind]) -> bool:
    """Serve the site and go the way in each browser. What the site logged is only printed if one fails."""
    log = StringIO()
    with tempfile.TemporaryDirectory() as folder:
        facts = {"DEBUG": "on", "DATABASE_URL": f"sqlite:///{folder}/browsers.sqlite3", "EMAIL_URL": "dummymail://"}
        open_practice(facts)
        with redirect_stdout(log), gunicorn(**facts) as site:
            went_well = [goes_well(kind, site.address) for kind in kinds]
    print("" if all(went_well) else log.getvalue(), end="")
    return all(went_well)


def open_practice(facts: dict[str, str]) -> None:
    set_up_django(**facts)
    from django.core.management import call_command  # it needs Django to be set up

    call_command("migrate", verbosity=0)
    call_command("demo", verbosity=0)


def goes_well(kind: Kind, site: str) -> bool:
    """Go the whole way, and say on standard error how that went, as what the site says is kept back."""
    try:
        with kind.start() as browser:
            journey.go(browser, site, javascript=kind.javascript)
    except Exception:
        logger.exception("%s: the way was not gone to its end.", kind.name)
        return False
    print(f"{kind.name}: the whole way was gone.", file=sys.stderr)
    return True


if __name__ == "__main__":
    sys.exit(main())
