"""A browser without JavaScript, and the person before it, who tries again when something goes wrong."""

import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import requests

from tests.soak.practice import Practice

DAY = re.compile(r'href="([^"]+date=\d{4}-\d\d-\d\d)"')
TIME = re.compile(r'href="([^"]+time=[^"]+)"')
# Everybody wants one of the first four free times of a day, so that several want the same time.
WANTED = 4
# A person who sees an error waits so many seconds before each new try, and then gives up.
PAUSES = (0.2, 0.5, 1, 2, 3)


class GaveUp(Exception):
    """All tries went wrong, and the person gives up."""


class Browser:
    """It keeps cookies. What it does depends on `chance`, and `address` is the IP address that it comes from."""

    def __init__(self, practice: Practice, chance: Random, address: str) -> None:
        self.practice, self.chance = practice, chance
        self.http = practice.session_from(address)

    def ask(self, step: str, method: str, path: str, **options: object) -> requests.Response:
        for pause in PAUSES:
            answer = self.try_to(step, method, path, **options)
            if answer is not None and answer.status_code < 500 and not is_under_way(answer):
                return answer
            time.sleep(pause)
        raise GaveUp(step)

    def try_to(self, step: str, method: str, path: str, **options: object) -> requests.Response | None:
        """Return the answer, or None if none came; the site may have done what was asked all the same."""
        url = path if path.startswith("http") else self.practice.address + path
        try:
            answer = self.http.request(method, url, timeout=40, allow_redirects=False, **options)
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
            answer = None
        self.practice.answered(step, answer)
        return answer


def is_under_way(answer: requests.Response) -> bool:
    """Tell whether the site still works on an earlier try of this request, whose answer was cut off."""
    return answer.status_code == 409 and "Retry-After" in answer.headers


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Make all of these calls at the same moment, as in several tabs, and return their answers in that order."""
    with ThreadPoolExecutor(len(calls)) as tabs:
        return [answered.result() for answered in [tabs.submit(call) for call in calls]]
