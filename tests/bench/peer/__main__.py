"""Fill the database of django-appointment. This runs in the virtual environment of that package."""

import json
import sys

import django


def main(product_url: str, clients: str) -> None:
    django.setup()
    from tests.bench.peer.practice import fill  # it imports models, which need Django to be set up

    print(json.dumps(fill(product_url, int(clients))))


if __name__ == "__main__":
    main(*sys.argv[1:])
