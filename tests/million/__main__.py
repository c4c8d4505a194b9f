"""`make million` fills a database with a million appointments, and measures what has to stay quick with them."""

import os
import sys
from argparse import ArgumentParser

from tests.gunicorn import set_up_django
from tests.million.mail_server import slow_mail_server

# As in production there are keys of Stripe's, so that nothing of the sandbox is installed.
KEYS = {"STRIPE_SECRET_KEY": "sk_test_million", "STRIPE_WEBHOOK_SECRET": "whsec_million", "STRIPE_SANDBOX": "off"}


def main() -> str | None:
    parser = ArgumentParser(prog="python -m tests.million", description=__doc__)
    parser.add_argument("--appointments", type=int, default=1_000_000)
    asked = parser.parse_args()
    if "DATABASE_URL" not in os.environ:
        return "This fills its database: set DATABASE_URL to one that can be thrown away, or run `make million`."
    with slow_mail_server() as mail_server:
        set_up_django(**KEYS, EMAIL_URL=mail_server)
        from tests.million.measure import run  # it imports models, which need Django to be set up

        run(asked.appointments)
    return None


if __name__ == "__main__":
    sys.exit(main())
