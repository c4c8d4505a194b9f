"""`make abuse` attacks the site in the ways that docs/abuse.md names, and says what became of each.

It prints a line for each attack: what its client was told, and whether anything was lost that a client had been
promised. It exits 1 if anything is not as it should be. nginx takes part with the configuration of deploy/ where it is
installed, and the full disk needs root.
"""

import sys
from argparse import ArgumentParser
from importlib import import_module

from tests.abuse import proxy
from tests.abuse.stage import Finding, Stage, stage
from tests.gunicorn import collect_static_files

ATTACKS = ("floods", "guesses", "oversize", "slow", "disk", "away", "clock", "lies", "debugging")
MARKS = {True: "ok   ", False: "WRONG"}


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.abuse", description=__doc__)
    parser.add_argument("attacks", nargs="*", metavar="attack", help=f"of {', '.join(ATTACKS)}; all, if none is named")
    asked = parser.parse_args()
    if unknown := set(asked.attacks) - set(ATTACKS):
        parser.error(f"There is no attack {', '.join(sorted(unknown))}.")
    if not proxy.is_there():
        print("There is no nginx on the PATH, so gunicorn stands alone.")
    collect_static_files()
    with stage() as here:
        found = [one for name in asked.attacks or ATTACKS for one in carry_out(name, here)]
    wrong = sum(not one.is_right for one in found)
    print(f"\n{len(found)} attacks: {f'{wrong} are WRONG' if wrong else 'all are as they should be'}.")
    return 1 if wrong else 0


def carry_out(name: str, here: Stage) -> list[Finding]:
    module = import_module(f"tests.abuse.{name}")
    print(f"\n{module.__doc__}", flush=True)
    found = []
    for one in module.attack(here):
        print(f"  {MARKS[one.is_right]}  {one.attack} → {one.told} | lost: {one.lost}", flush=True)
        found.append(one)
    return found


if __name__ == "__main__":
    sys.exit(main())
