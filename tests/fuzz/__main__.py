"""`make fuzz`: schemathesis reads openapi.json, and sends a served site both what it allows and what it forbids."""

import os
import subprocess
import sys
from argparse import ArgumentParser

from tests.fuzz.run import fuzz
from tests.gunicorn import ROOM_FOR_ALL, collect_static_files, gunicorn


def main() -> int | str:
    parser = ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=2000, help="for each operation, and again for their sequences")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    if "DATABASE_URL" not in os.environ:
        return "This fills its database: set DATABASE_URL to one that can be thrown away, or run `make fuzz`."
    for command in (["migrate", "--verbosity=0"], ["demo", "--empty"]):
        subprocess.run([sys.executable, "manage.py", *command], check=True)
    collect_static_files()
    with gunicorn(**ROOM_FOR_ALL) as server:
        return fuzz(server.address, cases=asked.cases, seed=asked.seed)


if __name__ == "__main__":
    sys.exit(main())
