"""Four clients visit a site on connections that stay open; measured is what a visit costs, and how long it takes."""

import http.client
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import chain
from statistics import median
from urllib.parse import urlsplit

import psutil
from django.db import connection

from tests.gunicorn import Server

CLIENTS = 4
# Browsers accept compressed answers, and so do the HTTP libraries of programs.
COMPRESSED = {"Accept-Encoding": "gzip, deflate, br"}
COUNT = "X-Count-Statements"
"""The header by which tests/bench/counted.py is asked to count."""


def client(number: int) -> dict[str, str]:
    """The headers of one of 250 clients. Each is in another network, as the measured site trusts one proxy."""
    return {**COMPRESSED, "X-Forwarded-For": f"192.0.2.{number}"}


@dataclass(frozen=True)
class Request:
    path: str
    """Empty for where the answer before it redirected to."""
    method: str = "GET"
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


# Requests that are sent one after the other. A visit of several is measured as one.
Visit = Sequence[Request]


@dataclass(frozen=True)
class Answers:
    """What came of one visit."""

    statuses: set[int]
    took: float
    """From the first request to the end of the last answer, in milliseconds."""
    size: int
    """The bodies as they were sent, in bytes."""
    statements: int
    """How many the requests sent to the database; 0 unless they ask for being counted."""


@dataclass(frozen=True)
class Cost:
    """What the visits of one round cost."""

    cpu: float
    """The worker's processor time for one visit, user and system together, in milliseconds."""
    database: float
    """That of PostgreSQL's processes."""
    rate: float
    """How many visits were answered in a second."""
    answers: list[Answers]

    @property
    def whole(self) -> float:
        return self.cpu + self.database


def measure(server: Server, visits: Sequence[Visit], status: int) -> Cost:
    """Send all the visits. Raises RuntimeError if a request is answered with another status."""
    cpu, database, began = cpu_seconds(server), database_seconds(), time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        shares = (visits[nth::CLIENTS] for nth in range(CLIENTS))
        answers = list(chain.from_iterable(clients.map(send_all, [server] * CLIENTS, shares)))
    took, cpu, database = time.perf_counter() - began, cpu_seconds(server) - cpu, database_seconds() - database
    statuses = set().union(*(answer.statuses for answer in answers))
    if statuses != {status}:
        raise RuntimeError(f"Expected answers of status {status} to {visits[0][0].path}, not {statuses}.")
    return Cost(cpu * 1000 / len(visits), database * 1000 / len(visits), len(visits) / took, answers)


def count_statements(server: Server, visits: Sequence[Visit], status: int) -> int:
    """How many statements a visit sends: the median, because the first ones to a server open its connections."""
    asking = [[replace(request, headers={**request.headers, COUNT: "1"}) for request in visit] for visit in visits]
    return round(median(answer.statements for answer in measure(server, asking, status).answers))


def cpu_seconds(server: Server) -> float:
    return sum(cpu_seconds_of(worker) for worker in psutil.Process(server.pid).children())


def database_seconds() -> float:
    """The processor time of PostgreSQL, with those of its processes that have ended. SQLite is a part of the worker."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        server = psutil.Process(cursor.fetchone()[0]).parent()
    ended = server.cpu_times()
    return sum(map(cpu_seconds_of, server.children())) + ended.children_user + ended.children_system


def cpu_seconds_of(process: psutil.Process) -> float:
    """On Linux, psutil counts in hundredths of a second, in which a bare view answers ten requests.

    Each process has a clock of its own there, which counts nanoseconds. This is how clock_getcpuclockid(3) names it.
    """
    if sys.platform == "linux":
        return time.clock_gettime(~process.pid << 3 | 2)
    times = process.cpu_times()
    return times.user + times.system


def send_all(server: Server, visits: Sequence[Visit]) -> list[Answers]:
    connection = http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=60)
    answers = [send(connection, visit) for visit in visits]
    connection.close()
    return answers


def send(connection: http.client.HTTPConnection, visit: Visit) -> Answers:
    statuses, size, statements, location = set(), 0, 0, ""
    began = time.perf_counter()
    for request in visit:
        connection.request(request.method, request.path or location, request.body or None, request.headers)
        response = connection.getresponse()
        size += len(response.read())
        statuses.add(response.status)
        statements += int(response.headers.get(COUNT, 0))
        location = response.headers.get("Location", "")
    return Answers(statuses, (time.perf_counter() - began) * 1000, size, statements)
