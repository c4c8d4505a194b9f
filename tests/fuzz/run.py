"""Run schemathesis against a site that is served, with all of its checks and one of ours."""

import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from requests import Session

from tests.gunicorn import quiet_session
from tests.shapes import booking_json, slots_address

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
phone.values = {phones}

[parameters]
"body.provider_name" = {{ dictionary = "name", probability = 0.8 }}
"body.appointment_time" = {{ dictionary = "slot", probability = 0.8 }}
"body.client_phone" = {{ dictionary = "phone", probability = 0.8 }}
"body.service" = {{ dictionary = "service", probability = 0.8 }}
"path.slug" = {{ dictionary = "slug", probability = 0.8 }}
"query.service" = {{ dictionary = "service", probability = 0.8 }}
"path.reference" = {{ dictionary = "reference", probability = 0.8 }}
"header.Idempotency-Key" = {{ dictionary = "key", probability = 0.8 }}

# A body may be right by the schema and name nobody, a time that nobody offers or a telephone number that is too short:
# tests/fuzz/checks.py has the limits.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "404", "409", "422", "429"]
"""
# Sequences of requests (`stateful`) have a run of their own. Together with the other phases, Hypothesis found the data
# of repeated sequences inconsistent, and schemathesis ended that phase without saying so.
PHASES = ("examples,coverage,fuzzing", "stateful")


def fuzz(address: str, *, cases: int, seed: int | None = None) -> int:
    """Print what schemathesis finds, and return 0 if that is nothing. Without a seed, every run sends the same."""
    chance = "--generation-deterministic" if seed is None else f"--seed={seed}"
    options = [f"--max-examples={cases}", chance, "--no-color", f"{address}/api/openapi.json"]
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), "NO_PROXY": "127.0.0.1"}
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "schemathesis.toml"
        config.write_text(CONFIG.format(**{name: json.dumps(values) for name, values in known(address).items()}))
        command = [sys.executable, "-m", "schemathesis.cli", f"--config-file={config}", "run", *options]
        # It runs in a temporary folder, since it leaves files with which a later run would begin.
        runs = [subprocess.call([*command, f"--phases={one}"], env=environment, cwd=folder) for one in PHASES]
    return max(runs)


def known(address: str) -> dict[str, list[str]]:
    """Return values that the site knows, by the name of their dictionary in CONFIG, so that many requests succeed."""
    with quiet_session() as session:
        provider = session.get(f"{address}/api/providers").json()[0]
        services = [service["slug"] for service in provider["services"]]
        slots = slots_of(session, address, provider["slug"], services[0])
        booked = [book(session, address, provider["name"], slot) for slot in slots[::4]]
    return {
        "names": [provider["name"]],
        "slugs": [provider["slug"]],
        "services": services,
        "slots": slots,
        "references": [appointment["reference"] for appointment in booked if "reference" in appointment],
        "phones": ["087 123 4567", "+353 1 496 0123", "+48 512 345 678"],
        "keys": [f"key-{number}" for number in range(500)],
    }


def slots_of(session: Session, address: str, provider: str, service: str) -> list[str]:
    """Return the free times of the next three weeks."""
    days = [datetime.now(UTC).date() + timedelta(days=days) for days in range(1, 22)]
    answers = [session.get(address + slots_address(provider, service, date=day)) for day in days]
    return [slot for answer in answers for slot in answer.json()["slots"]]


def book(session: Session, address: str, provider: str, slot: str) -> dict[str, str]:
    """Return the appointment, or the problem that the API answers with where another one is in the way."""
    wish = booking_json(provider=provider, at=slot)
    return session.post(f"{address}/api/appointments", json=wish).json()
