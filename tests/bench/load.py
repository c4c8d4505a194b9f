"""Four clients send requests on connections that stay open; measured is what the requests cost the server."""

import http.client
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import psutil

from tests.gunicorn import Server

CLIENTS = 4


@dataclass(frozen=True)
class Request:
    path: str
    method: str = "GET"
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cost:
    cpu: float
    """The worker's processor time for one request, user and system together, in milliseconds."""
    rate: float
    """How many requests were answered in a second."""


def measure(server: Server, requests: Sequence[Request], status: int) -> Cost:
    """Send all the requests. Raises RuntimeError if one of them is answered with another status."""
    cpu, began = cpu_seconds(server), time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        statuses = clients.map(send_all, [server] * CLIENTS, (requests[nth::CLIENTS] for nth in range(CLIENTS)))
        answered = sum(statuses, Counter())
    took, cpu = time.perf_counter() - began, cpu_seconds(server) - cpu
    if answered != {status: len(requests)}:
        raise RuntimeError(f"Expected {len(requests)} answers of status {status}, not {dict(answered)}.")
    return Cost(cpu * 1000 / len(requests), len(requests) / took)


def cpu_seconds(server: Server) -> float:
    times = [worker.cpu_times() for worker in psutil.Process(server.pid).children()]
    return sum(one.user + one.system for one in times)


def send_all(server: Server, requests: Sequence[Request]) -> Counter[int]:
    connection = http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=30)
    statuses: Counter[int] = Counter()
    for request in requests:
        connection.request(request.method, request.path, request.body or None, request.headers)
        response = connection.getresponse()
        response.read()
        statuses[response.status] += 1
    connection.close()
    return statuses
