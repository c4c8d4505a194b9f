"""Brute force: a stranger guesses the owner's password at the admin's sign-in page."""

from collections.abc import Iterator

import requests

from tests.abuse.site import CLIENT, OTHER, Answer, Site, at_once, session_of
from tests.abuse.stage import Finding, Stage, audited, finding, statuses

LOGIN = "/admin/login/?next=/admin/"
PASSWORD = "a long and unusual one"
# As many as booking/sign_in.py allows a network and a name in ten minutes.
BY_NETWORK, BY_NAME = 20, 10


def attack(stage: Stage) -> Iterator[Finding]:
    with stage.site("postgresql") as site:
        site.environment["DJANGO_SUPERUSER_PASSWORD"] = PASSWORD
        site.manage("createsuperuser", "--no-input", "--username=owner", "--email=owner@example.com")
        site.book(site.slots()[0])
        owners = session_of(OTHER)
        sign_in(site, owners)
        owners.cookies.pop("sessionid")
        yield guesses(site, "30 names from one network", lambda number: (f"name{number}", "127.6.6.6"), BY_NETWORK)
        yield guesses(
            site, "the owner's name from 30 networks", lambda number: ("owner", f"127.7.7.{number + 1}"), BY_NAME
        )
        answer = sign_in(site, session_of(CLIENT))
        yield finding(site, "The owner meanwhile, in a browser that is new", answer, answer.status_code == 429)
        answer = sign_in(site, owners)
        what = "The owner meanwhile, where they have signed in before"
        yield finding(site, what, f"302 to {answer.headers.get('Location')}", answer.status_code == 302)
        yield audited(site)


def guesses(site: Site, what: str, of, most: int) -> Finding:
    """Guess 30 times at once. One more than the most may be looked at, since a try is forgotten now and then."""

    def guess(number: int) -> Answer:
        name, network = of(number)
        return sign_in(site, session_of(network), name, f"guess {number}")

    answers = at_once(30, guess, threads=4)
    refused = [answer for answer in answers if answer.status_code == 429]
    looked_at = len(answers) - len(refused)
    is_right = (
        most <= looked_at <= most + 2 and statuses(answers) == {200, 429} and "Retry-After" in refused[-1].headers
    )
    return finding(
        site, f"Guesses with {what}: {looked_at} looked at", refused[-1] if refused else answers[-1], is_right
    )


def sign_in(site: Site, browser: requests.Session, name: str = "owner", password: str = PASSWORD) -> Answer:
    return site.submit(browser, LOGIN, username=name, password=password)
