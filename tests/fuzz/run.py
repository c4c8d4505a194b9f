"""One run of schemathesis, with all of its checks and one of ours, against a site that is served."""

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from requests import Session

from tests.gunicorn import quiet_session

CONFIG = """
hooks = "tests.fuzz.checks"

# What the site knows, so that not all that is sent is refused as unknown. The rest is made up.
[dictionaries]
name.values = {names}
slug.values = {slugs}
service.values = {services}
slot.values = {slots}
reference.values = {references}
key.values = {keys}

[parameters]
"body.provider_name" = {{ dictionary = "name", probability = 0.8 }}
"body.appointment_time" = {{ dictionary = "slot", probability = 0.8 }}
"body.service" = {{ dictionary = "service", probability = 0.8 }}
"path.slug" = {{ dictionary = "slug", probability = 0.8 }}
"query.service" = {{ dictionary = "service", probability = 0.8 }}
"path.reference" = {{ dictionary = "reference", probability = 0.8 }}
"header.Idempotency-Key" = {{ dictionary = "key", probability = 0.8 }}

# A body may be right by the schema and name nobody, or a time that nobody offers: tests/fuzz/checks.py has the limits.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "404", "409", "422", "429"]
"""


# All of it comes from one network, and most of it for one address.
ROOM_FOR_ALL = {"HOLDS_PER_ADDRESS": "100000", "AHEAD_PER_CLIENT": "100000"}

# Sequences of requests have a run of their own: after the other phases, Hypothesis found their data inconsistent when
# it repeated them, and schemathesis ended them there without a word.
PHASES = ("examples,coverage,fuzzing", "stateful")


def fuzz(address: str, *, cases: int, seed: int | None = None) -> int:
    """schemathesis's exit status, 0 if it found nothing; it says itself what it found. Without a seed, always alike."""
    chance = "--generation-deterministic" if seed is None else f"--seed={seed}"
    options = [f"--max-examples={cases}", chance, "--no-color", f"{address}/api/openapi.json"]
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), "NO_PROXY": "127.0.0.1"}
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "schemathesis.toml"
        config.write_text(CONFIG.format(**{name: json.dumps(values) for name, values in known(address).items()}))
        command = [sys.executable, "-m", "schemathesis.cli", f"--config-file={config}", "run", *options]
        # There, since it leaves what it remembers where it is run; found again here, that would be another run.
        runs = [subprocess.call([*command, f"--phases={one}"], env=environment, cwd=folder) for one in PHASES]
    return max(runs)


def known(address: str) -> dict[str, list[str]]:
    """One provider, what they offer and when, and a few of their appointments; and keys that come again."""
    with quiet_session() as session:
        provider = session.get(f"{address}/api/providers").json()[0]
        services = [service["slug"] for service in provider["services"]]
        slots = slots_of(session, f"{address}/api/providers/{provider['slug']}/slots", services[0])
        booked = [book(session, address, provider["name"], slot) for slot in slots[::4]]
    return {
        "names": [provider["name"]],
        "slugs": [provider["slug"]],
        "services": services,
        "slots": slots,
        "references": [appointment["reference"] for appointment in booked if "reference" in appointment],
        "keys": [f"key-{number}" for number in range(500)],
    }


def slots_of(session: Session, url: str, service: str) -> list[str]:
    """Of the next three weeks."""
    days = [datetime.now(UTC).date() + timedelta(days=days) for days in range(1, 22)]
    answers = [session.get(url, params={"date": day.isoformat(), "service": service}) for day in days]
    return [slot for answer in answers for slot in answer.json()["slots"]]


def book(session: Session, address: str, provider: str, slot: str) -> dict[str, str]:
    """Or a problem, where the one before it takes longer than that."""
    wish = {"provider_name": provider, "appointment_time": slot, "client_email": "jo@example.com"}
    return session.post(f"{address}/api/appointments", json=wish).json()
