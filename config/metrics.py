"""How long requests take, by route, for Prometheus. Imported only where METRICS_PORT is set.

Under gunicorn each worker counts in a file of its own, and they share a port: whichever of them Prometheus reaches adds
up what all have counted. gunicorn.conf.py takes the hooks at the end of this module.
"""

import os
import shutil
import tempfile
import time
from itertools import count
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import Histogram, values
from prometheus_client.multiprocess import MultiProcessCollector

from config.logs import GetResponse, route

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# From a page that costs nothing to the longest that anybody waits for Stripe.
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)

request_seconds = Histogram(
    "http_request_duration_seconds",
    "How long requests took, by the route that matched.",
    ["method", "route", "status"],
    buckets=SECONDS,
)


def seconds_by_route(get_response: GetResponse) -> GetResponse:
    """A middleware that counts each request. Every label has few values, whatever visitors send."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = get_response(request)
        method = request.method if request.method in METHODS else "other"
        labels = (method, route(request), f"{response.status_code // 100}xx")
        request_seconds.labels(*labels).observe(time.perf_counter() - started)
        return response

    return middleware


# Hooks of gunicorn


def when_ready(server: Any) -> None:
    """Make the folder for the files of the workers, which are forked after this and inherit the variable."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="metrics-")


def pre_fork(server: Any, worker: Any) -> None:
    """Give the worker the lowest number that no other has, and so the file of one that has ended.

    What that one has counted stays, and workers that come and go for months leave no files behind.
    """
    taken = {other.number for other in server.WORKERS.values()}
    worker.number = next(number for number in count() if number not in taken)


def post_worker_init(worker: Any) -> None:
    from payments.metrics import serve  # noqa: PLC0415 - it imports models

    values.ValueClass = values.MultiProcessValue(lambda: worker.number)
    serve(settings.METRICS_PORT, MultiProcessCollector(None))


def on_exit(server: Any) -> None:
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
