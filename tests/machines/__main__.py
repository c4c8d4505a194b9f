"""`make machines` runs the site on several machines, stops, kills and replaces them while clients come, and audits it.

Three web processes and two ticks, each on a machine of its own, behind nginx with the configuration of deploy/, on one
PostgreSQL. A machine is a network namespace, so this needs root.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.gunicorn import set_up_django
from tests.machines.network import DATABASE_URL, IN_A_WORLD_OF_ITS_OWN

# The programs that are needed, and the packages of Debian that have them.
PROGRAMS = {
    "ip": "iproute2",
    "nginx": "nginx",
    "openssl": "openssl",
    "unshare": "util-linux",
    "setpriv": "util-linux",
    "mount": "mount",
}
# Seconds after which a round is ended and has failed.
A_ROUND_TAKES = 1800
# How many lines about what went wrong are printed, and the file of a round that has them all.
LINES, RESULT = 30, "result.json"


def arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.machines", description=__doc__)
    parser.add_argument("--times", type=int, default=10, help="how many rounds, each from an empty database")
    parser.add_argument("--at-once", type=int, default=6, help="how many clients at the same moment")
    parser.add_argument("--seed", type=int, default=7, help="of the first round; each other one has the next number")
    parser.add_argument("--folder", type=Path, help="for itself: play one round, in a world of its own, in this folder")
    return parser.parse_args()


def main() -> str | None:
    asked = arguments()
    if asked.folder:
        return play(asked)
    if lacking := list(missing()):
        return "\n".join(lacking)
    rounds = []
    for seed in range(asked.seed, asked.seed + asked.times):
        rounds.append(play_in_a_world_of_its_own(asked, seed))
        print(f"\n{table(rounds)}", flush=True)
    failed = sum(one["verdict"] != "well" for one in rounds)
    return f"FAILED: {failed} of {len(rounds)} rounds." if failed else None


def missing() -> Iterator[str]:
    """Yield a sentence for each thing that is needed and is not there."""
    if os.geteuid():
        yield "Root is needed, to make network namespaces: sudo make machines"
    packages = {package for program, package in PROGRAMS.items() if not shutil.which(program)}
    if packages:
        yield f"Programs are missing. On Debian: apt-get install {' '.join(sorted(packages))}"
    elif not os.geteuid() and subprocess.run([*IN_A_WORLD_OF_ITS_OWN, "true"], check=False).returncode:
        yield "Root may not make namespaces here: perhaps this is a container without the capability SYS_ADMIN."


def play_in_a_world_of_its_own(asked: Namespace, seed: int) -> dict[str, object]:
    """Play a round, print what went wrong, and return its row of the table."""
    folder = Path(tempfile.mkdtemp(prefix="machines"))
    told = [f"--folder={folder}", f"--seed={seed}", f"--at-once={asked.at_once}"]
    with suppress(subprocess.TimeoutExpired):
        command = [*IN_A_WORLD_OF_ITS_OWN, sys.executable, "-m", "tests.machines", *told]
        subprocess.run(command, timeout=A_ROUND_TAKES, check=False)
    written = folder / RESULT
    row, wrong = json.loads(written.read_text()) if written.exists() else ({}, ["The round did not come to its end."])
    if wrong:
        print("\n".join(wrong[:LINES]), f"{len(wrong)} lines in all; the logs are in {folder}.", sep="\n")
    else:
        shutil.rmtree(folder)
    return {"seed": seed, **row, "verdict": "FAILED" if wrong else "well"}


def play(asked: Namespace) -> None:
    set_up_django(EMAIL_URL="dummymail://", DATABASE_URL=DATABASE_URL)
    from tests.machines.round import play_round  # it imports models, which need Django to be set up

    (asked.folder / RESULT).write_text(json.dumps(play_round(asked)))


def table(rounds: list[dict[str, object]]) -> str:
    columns = max((list(one) for one in rounds), key=len)
    lines = [columns, ["---"] * len(columns), *([str(one.get(name, "")) for name in columns] for one in rounds)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
