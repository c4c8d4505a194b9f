"""`make soak` lets in thousands of random clients while Stripe fails and processes are killed.

At the end, `audit --stripe` must find nothing wrong. With the same seed, the clients make the same choices, Stripe's
events meet the same faults, and the same kinds of process are killed. Only the order in which threads and processes
work is another one each time.
"""

import os
import sys
from argparse import ArgumentParser, Namespace

from tests.gunicorn import set_up_django


def arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--clients", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--at-once", type=int, default=16, help="how many clients at the same moment")
    parser.add_argument("--kills", type=int, help="one for every 60 clients, if not given")
    parser.add_argument("--short", action="store_true", help="too short to meet everything")
    return parser.parse_args()


def main() -> str | None:
    asked = arguments()
    if "DATABASE_URL" not in os.environ:
        return "The soak fills its database: set DATABASE_URL to one that can be thrown away, or run `make soak`."
    # Without any EMAIL_URL the settings warn that no mail is sent. tests/soak/settings.py names the soak's mail server.
    set_up_django(EMAIL_URL="dummymail://")
    from tests.soak.soak import run  # it imports models, which need Django to be set up

    return run(asked)


if __name__ == "__main__":
    sys.exit(main())
