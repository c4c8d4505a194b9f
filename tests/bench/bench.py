"""Fill the database with more and more appointments, measure each time, and print and write what was measured."""

import os
from dataclasses import dataclass
from importlib.metadata import version
from platform import python_version

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from tests.bench import report
from tests.bench.peer.site import Peer
from tests.bench.practice import Practice
from tests.bench.rounds import measure_all
from tests.bench.targets import Visits
from tests.gunicorn import collect_static_files


@dataclass(frozen=True)
class Plan:
    sizes: tuple[int, ...]
    """With how many appointments everything is measured."""
    rounds: int
    visits: Visits

    @property
    def facts(self) -> str:
        """On what was measured, and how often: a sentence for the document."""
        software = ", ".join(f"{name} {version(name)}" for name in ("Django", "gunicorn", "psycopg"))
        return (
            f"Measured on {timezone.localdate()} with {os.cpu_count()} processors, Python {python_version()}, "
            f"{software} and PostgreSQL {connection.pg_version // 10_000}. All figures are medians of {self.rounds} "
            f"rounds, in each of which every target gets {self.visits.looking} visits, or {self.visits.changing} if "
            "they change anything."
        )


WHOLE = Plan(sizes=(0, report.SOME, report.MANY, 1_000_000), rounds=7, visits=Visits(looking=120, changing=60))
QUICK = Plan(sizes=(report.SOME,), rounds=3, visits=Visits(looking=60, changing=30))


def run(plan: Plan, *, write: bool) -> None:
    call_command("migrate", verbosity=0)
    collect_static_files()
    results: report.Results = {}
    for appointments in plan.sizes:
        print(f"\n{appointments:,} appointments\n", flush=True)
        call_command("flush", interactive=False, verbosity=0)
        practice = Practice(appointments)
        peer = Peer(practice, os.environ["DATABASE_URL"], plan.visits)
        results[appointments] = measure_all(practice, plan.visits, plan.rounds, peer)
        print(report.as_text(report.at_one_size(results[appointments])), flush=True)
    for rows in (report.at_all_sizes(results), report.grown(results)):
        print("", report.as_text(rows), sep="\n")
    if write:
        report.write(results, plan.facts, ["bare view", "this project", f"django-appointment {peer.version}"])
