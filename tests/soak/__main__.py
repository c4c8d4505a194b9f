"""`make soak`: thousands of random clients, with faults on and processes killed; `audit --stripe` must find nothing.

The seed repeats what the clients want, what befalls Stripe's events and which process is killed; how threads and
processes share the work among themselves is never the same twice.
"""

import os
import sys
from argparse import ArgumentParser, Namespace

import django

from tests.gunicorn import PRODUCTION


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
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "SITE_URL": "http://127.0.0.1", "STRIPE_SANDBOX": "1"}
    # The mail server is the soak's own; this only says that there is one.
    os.environ |= {**PRODUCTION, "EMAIL_URL": "dummymail://"}
    django.setup()
    from tests.soak.soak import run  # its models need the line above

    return run(asked)


if __name__ == "__main__":
    sys.exit(main())
