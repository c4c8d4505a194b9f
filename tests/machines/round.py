"""One round, from an empty database to the verdict: while clients book and pay, everything is stopped and started."""

import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.gunicorn import PRODUCTION, collect_static_files
from tests.machines import verdict
from tests.machines.crowd import WatchedPractice, crowd
from tests.machines.installation import Absence, Installation
from tests.machines.network import DATABASE_URL, SITE, STRIPE
from tests.machines.release import next_release
from tests.manage import manage
from tests.payments.sandbox.sdk import stripe_client
from tests.soak.soak import finish, open_practice
from tests.soak.staff import return_by_hand
from tests.soak.walks import SESSION_LIFETIME

# In seconds. It must be more than a minute: so long ticks leave alone what was under way when PostgreSQL was killed.
FINISHED_WITHIN = 240


def settings_of_all(folder: Path) -> dict[str, str]:
    """Return the environment of every process of the site and of Stripe's."""
    return {
        **PRODUCTION,
        "ALLOWED_HOSTS": "book.test,stripe.test",
        "SITE_URL": SITE,
        "TRUST_X_FORWARDED_PROTO": "on",
        "DATABASE_URL": DATABASE_URL,
        "STRIPE_SANDBOX": "1",
        "STRIPE_API_BASE": f"{STRIPE}/stripe-sandbox",
        "STRIPE_SANDBOX_FAULTS": f"session.lifetime={SESSION_LIFETIME}",
        "DJANGO_SETTINGS_MODULE": "tests.soak.settings",
        "SOAK_MAILS": str(folder / "mails"),
    }


def play_round(asked: Namespace) -> tuple[dict[str, object], list[str]]:
    """Return the figures of the round, and a line for everything that is wrong."""
    began, environment = time.monotonic(), settings_of_all(asked.folder)
    collect_static_files()
    machines = Installation(asked.folder, environment)
    machines.database.start()
    practice = WatchedPractice(SITE, stripe_client(STRIPE, settings.STRIPE_SECRET_KEY), open_practice())
    machines.start()
    newer = next_release(asked.folder / "newer")
    with crowd(practice, asked.seed, asked.at_once):
        machines.wait_for_answers()
        machines.replace()
        absences = [machines.do_without_postgres(*how) for how in machines.database.ways_to_be_away()]
        migrate(newer, environment)
        machines.replace(newer)
        machines.replace()
    wrong = [*finished(environment), *verdict.wrong(practice, machines, absences, asked.folder / "mails")]
    return {"seconds": round(time.monotonic() - began), **figures(practice, machines, absences)}, wrong


def migrate(release: Path, environment: dict[str, str]) -> None:
    """Raises RuntimeError with what the command said."""
    done = manage("migrate", folder=release, **environment)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)


def finished(environment: dict[str, str]) -> Iterator[str]:
    """Let ticks and staff finish what is owed, and yield what is left and what the audits find."""
    connection.close()  # it was idle for minutes, and no request comes by which would find it dead
    yield from (f"Never finished: {count} {what}." for what, count in finish(FINISHED_WITHIN).items())
    return_by_hand(SITE)
    for options in ([], ["--stripe"]):
        audit = manage("audit", *options, **environment)
        if audit.returncode:
            yield f"audit {' '.join(options)}: {audit.stdout}{audit.stderr}"


def figures(practice: WatchedPractice, machines: Installation, absences: list[Absence]) -> dict[str, object]:
    waited = [answer for answer in practice.given if any(absence.explains(answer) for absence in absences)]
    return {
        "clients": sum(count for what, count in practice.answers.items() if what.startswith("a client who")),
        "requests": len(practice.given),
        "booked": len(practice.told),
        "processes stopped": len(machines.stops),
        "the slowest, s": round(max(machines.stops), 1),
        "503 while PostgreSQL was away": len(waited),
        "ready again after, s": ", ".join(f"{absence.recovered - absence.ended:.1f}" for absence in absences),
    }
