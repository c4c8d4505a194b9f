"""Brute force: a stranger guesses the owner's password at the admin's sign-in page."""

from collections.abc import Callable, Iterator

import requests

from tests.abuse.site import ATTACKER, CLIENT, OTHER, Answer, Site, at_once, session_of
from tests.abuse.stage import Finding, Stage, audited, finding, limited

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
        yield guesses(site, "as many names from one network", one_network, BY_NETWORK)
        yield guesses(site, "the owner's name from as many networks", one_name, BY_NAME)
        answer = sign_in(site, session_of(CLIENT))
        yield finding(site, "The owner meanwhile, in a browser that is new", answer, answer.status_code == 429)
        answer = sign_in(site, owners)
        what = "The owner meanwhile, where they have signed in before"
        yield finding(site, what, f"302 to {answer.headers.get('Location')}", answer.status_code == 302)
        yield audited(site)


def one_network(number: int) -> tuple[str, str]:
    return f"name{number}", ATTACKER


def one_name(number: int) -> tuple[str, str]:
    return "owner", f"127.7.7.{number + 1}"


def guesses(site: Site, what: str, who: Callable[[int], tuple[str, str]], most: int) -> Finding:
    """Guess 30 times. One or two more than the most may be looked at, since a try is forgotten now and then."""

    def guess(number: int) -> Answer:
        name, network = who(number)
        return sign_in(site, session_of(network), name, f"guess {number}")

    return limited(site, f"30 guesses with {what}", at_once(30, guess, threads=4), (most, most + 2))


def sign_in(site: Site, browser: requests.Session, name: str = "owner", password: str = PASSWORD) -> Answer:
    return site.submit(browser, LOGIN, username=name, password=password)
