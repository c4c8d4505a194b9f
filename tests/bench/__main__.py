"""`make bench` measures what the product's pages cost, beside a bare Django view and beside django-appointment."""

import os
import sys
from argparse import ArgumentParser, Namespace

from tests.gunicorn import set_up_django


def arguments() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one size and few rounds, for a look in between")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/performance.md")
    return parser.parse_args()


def main() -> str | None:
    asked = arguments()
    if "DATABASE_URL" not in os.environ:
        return "The bench fills its database: set DATABASE_URL to one that can be thrown away, or run `make bench`."
    set_up_django(EMAIL_URL="dummymail://")
    from tests.bench.bench import QUICK, WHOLE, run  # it imports models, which need Django to be set up

    run(QUICK if asked.quick else WHOLE, write=asked.write or not asked.quick)
    return None


if __name__ == "__main__":
    sys.exit(main())
