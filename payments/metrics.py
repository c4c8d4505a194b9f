"""Figures for Prometheus, read from the rows whenever it asks. Imported only where METRICS_PORT is set.

As the rows are the queue, they say truly what is owed, whichever process is asked and whichever was started anew.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from socket import AF_INET, AF_INET6
from threading import Thread
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Min, QuerySet
from django.utils import timezone
from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import ThreadingWSGIServer
from prometheus_client.registry import Collector

from booking.models import Appointment, LinksRequest, Mail
from payments.models import Heartbeat, Payment, Refund, WebhookEvent


def owed(now: datetime) -> dict[str, tuple[QuerySet, str]]:
    """All that tick has to do by now, and the column that says since when."""
    refunds = Refund.objects.filter(status=Refund.Status.OWED).exclude(payment__dispute__in=Payment.FROZEN)
    mails = Mail.objects.not_sent_since(now) if settings.MAIL_IS_SENT else Mail.objects.none()
    return {
        "hold to lapse": (Appointment.objects.lapsed(now), "hold_expires_at"),
        "payment to ask about": (Payment.objects.open().filter(expires_at__lte=now), "expires_at"),
        "refund": (refunds, "created_at"),
        "event": (WebhookEvent.objects.filter(processed_at=None), "received_at"),
        "mail": (mails, "first_due_at"),
        "links": (LinksRequest.objects.filter(answered_at=None), "asked_at"),
    }


def figures(now: datetime) -> Iterator[Metric]:
    booked = Appointment.objects.count()
    yield CounterMetricFamily("booking_appointments", "Appointments that were ever booked.", booked)
    # Only money that has come has an intent, and these have an index.
    paid = Payment.objects.filter(payment_intent_id__gt="").count()
    yield CounterMetricFamily("booking_payments", "Payments that ever came.", paid)
    yield from figures_of_what_is_owed(now)
    last_round = Heartbeat.objects.filter(name=Heartbeat.TICK).values_list("at", flat=True).first()
    moment = last_round.timestamp() if last_round else 0
    yield GaugeMetricFamily("booking_tick_last_round_timestamp_seconds", "When tick last went round, or 0.", moment)


def figures_of_what_is_owed(now: datetime) -> Iterator[Metric]:
    counts = GaugeMetricFamily("booking_owed", "How many of these tick has to do by now.", labels=["what"])
    ages = GaugeMetricFamily("booking_owed_oldest_seconds", "For how long the oldest is owed, or 0.", labels=["what"])
    for what, (rows, since) in owed(now).items():
        found = rows.aggregate(count=Count("pk"), oldest=Min(since))
        counts.add_metric([what], found["count"])
        ages.add_metric([what], (now - found["oldest"]).total_seconds() if found["oldest"] else 0)
    yield counts
    yield ages


class Rows(Collector):
    def collect(self) -> Iterable[Metric]:
        """The figures, and whether the database could be asked for them. Each scrape comes in a thread of its own."""
        try:
            found = list(figures(timezone.now()))
        except DatabaseError:
            found = []
        finally:
            connection.close()
        return [*found, GaugeMetricFamily("booking_database_up", "1 if the database answers, or 0.", int(bool(found)))]


class Handler(WSGIRequestHandler):
    timeout = 10
    """Seconds that Prometheus has to send its question."""

    def log_message(self, *args: object) -> None:
        """Say nothing: the log is about visitors."""


class Server(ThreadingWSGIServer):
    address_family = AF_INET6 if ":" in settings.METRICS_HOST else AF_INET
    # All workers of gunicorn share one port, and all ticks of a machine another. The system chooses who answers.
    allow_reuse_port = True


def serve(port: int, *others: Collector) -> None:
    """Answer Prometheus at that port, in a thread. Raises OSError if another program has the port."""
    registry = CollectorRegistry()
    for collector in (Rows(), *others):
        registry.register(collector)
    server = make_server(settings.METRICS_HOST, port, make_wsgi_app(registry), Server, Handler)
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
