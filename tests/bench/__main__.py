"""`make bench`: what a page of the product costs beside a bare Django view, under the same gunicorn and database."""

import os
import sys

import django

from tests.gunicorn import PRODUCTION


def main() -> str | None:
    if "DATABASE_URL" not in os.environ:
        return "The bench fills its database: set DATABASE_URL to one that can be thrown away, or run `make bench`."
    # The site that fills the diary has the settings of the one that is measured.
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "SITE_URL": "http://127.0.0.1", "STRIPE_SANDBOX": "1"}
    # All of the load comes from one network.
    os.environ |= {**PRODUCTION, "HOLDS_PER_ADDRESS": "100000"}
    django.setup()
    from tests.bench.rounds import run  # its models need the line above

    run()
    return None


if __name__ == "__main__":
    sys.exit(main())
