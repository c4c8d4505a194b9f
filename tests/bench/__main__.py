"""`make bench` measures what a page of the product costs beside a bare Django view on the same server and database."""

import os
import sys

from tests.gunicorn import ROOM_FOR_ALL, set_up_django


def main() -> str | None:
    if "DATABASE_URL" not in os.environ:
        return "The bench fills its database: set DATABASE_URL to one that can be thrown away, or run `make bench`."
    set_up_django(**ROOM_FOR_ALL)
    from tests.bench.rounds import run  # it imports models, which need Django to be set up

    run()
    return None


if __name__ == "__main__":
    sys.exit(main())
