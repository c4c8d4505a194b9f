"""`make deploy-rehearsal` follows docs/deploy.md word by word on an empty Debian 12, and tries what it promises.

It needs root on a Debian with debootstrap and systemd-container, and some ten minutes for each database. The machine
boots in a folder and in a network of its own, so it is in nobody's way. A self-signed certificate stands for a real
one, a sandbox with a database of its own for Stripe, and a folder for the machine that backups go to.
"""

import argparse
import subprocess
import time
from pathlib import Path

from tests.rehearsal import backups, containers, going_live, releases
from tests.rehearsal.machine import booted, empty_debian, leave_the_network, new_machine
from tests.rehearsal.rehearsal import DOMAIN, NOT_HERE, Rehearsal
from tests.repository import ROOT

STEPS = (
    going_live.install,
    going_live.serve,
    going_live.look_at_the_units,
    going_live.try_the_proxy,
    going_live.begin_anew,
    going_live.book_and_pay,
    releases.restart,
    releases.release_and_back,
    releases.broken_releases,
    backups.back_up_and_restore,
)
SHAPES = ("SQLite", "PostgreSQL", "containers")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument(
        "shapes", nargs="*", default=SHAPES, help=f"which of {', '.join(SHAPES)}; all, if none is named"
    )
    options.add_argument("--folder", type=Path, default=Path("/var/tmp/rehearsal"), help="where the machines are made")
    chosen = options.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    empty_debian(chosen.folder)
    outside = leave_the_network()
    for shape in chosen.shapes:
        if shape == "containers":
            containers.rehearse(chosen.folder, outside)
        else:
            rehearse(chosen.folder, shape, outside)
        print(f"{shape}: all of it went as it is written.", flush=True)


def rehearse(folder: Path, database: str, outside: int) -> None:
    root = new_machine(folder, database.lower(), f"127.0.0.1 localhost {DOMAIN}\n::1 {DOMAIN}\n")
    source = root / "root/appointments"
    subprocess.run(["git", "clone", "--quiet", ROOT, source], check=True)
    # Visitors come from this process, so it must know the name as well.
    subprocess.run(["mount", "--bind", root / "etc/hosts", "/etc/hosts"], check=True)
    with booted(root, outside, folder / f"{database.lower()}.log") as machine:
        machine.exported = {"DOMAIN": DOMAIN, "REPOSITORY": "/root/appointments"}
        rehearsal = Rehearsal(machine, database, source)
        for step in STEPS:
            began = time.monotonic()
            step(rehearsal)
            print(f"{database}: {step.__name__} ({time.monotonic() - began:.0f} s)", flush=True)
        backups.everything_was_followed(rehearsal, NOT_HERE)


if __name__ == "__main__":
    main()
