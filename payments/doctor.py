"""Whether this site can do its work: each check yields what it found as a sentence, well or wrong.

The checks do no harm: nothing is made, moved, sent or repaired, and no sentence holds a secret or personal data.
"""

import json
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import NamedTuple

import requests
import tzdata
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse
from django.utils.timesince import timesince

from booking.in_force import SetAtTheDesk
from booking.models import Mail, PracticeSetting, Service
from payments import gateway
from payments.gateway import KeyRefused, StripeUnavailable
from payments.health import OVERDUE, TICK_AT_LEAST_EVERY, settled_long_ago
from payments.ledger import NEEDED_EVENTS
from payments.models import Heartbeat, WebhookEvent

# A new session must last for 30 minutes by Stripe's clock, and we ask for 31 or more by our own. If the clocks differ
# by more than this, Stripe may refuse to open it.
CLOCKS_MAY_DIFFER_BY = timedelta(seconds=30)
STRIPE = "https://api.stripe.com"
ANSWERS_WITHIN = 5
"""Seconds that our own address has for an answer."""


class Finding(NamedTuple):
    is_well: bool
    sentence: str

    @property
    def line(self) -> str:
        return self.sentence if self.is_well else f"WRONG: {self.sentence}"


def well(sentence: str) -> Finding:
    return Finding(True, sentence)


def wrong(sentence: str) -> Finding:
    return Finding(False, sentence)


Check = Callable[[datetime], Iterator[Finding]]


def examine(now: datetime) -> Iterator[Finding]:
    for check in CHECKS:
        try:
            yield from check(now)
        except DatabaseError as error:
            name = check.__name__.replace("_", " ")
            yield wrong(f"The database did not answer about the {name} ({type(error).__name__}).")


def ago(moment: datetime, now: datetime) -> str:
    if now - moment < timedelta(minutes=1):
        return "a moment ago"
    return f"{timesince(moment, now, depth=1)} ago".replace("\xa0", " ")


# Stripe


def key(now: datetime) -> Iterator[Finding]:
    kind = "live key" if settings.STRIPE_LIVEMODE else "test key: no money moves"
    elsewhere = "" if settings.STRIPE_API_BASE == STRIPE else f" Calls go to {settings.STRIPE_API_BASE}, not to Stripe."
    yield well(f"The secret key is a {kind}.{elsewhere}")
    try:
        examined = gateway.examine_key()
    except KeyRefused:
        yield wrong("Stripe does not know the secret key: copy it again from Developers, API keys, in its dashboard.")
    except StripeUnavailable:
        yield wrong("Stripe cannot be reached from here, so nothing of the key could be examined.")
    else:
        yield from permissions(examined.missing)
        yield from clock(examined.clock_ahead)


def permissions(missing: list[str]) -> Iterator[Finding]:
    for permission in missing:
        yield wrong(f"The secret key lacks a permission. Add it in Stripe's dashboard: {permission}.")
    if not missing:
        yield well("It has every permission that is needed.")


def clock(ahead: timedelta | None) -> Iterator[Finding]:
    if ahead is None:
        yield well("Stripe did not say what time it is, so the clock could not be compared.")
    elif abs(ahead) <= CLOCKS_MAY_DIFFER_BY:
        yield well("The clock agrees with Stripe's.")
    else:
        by = f"{abs(ahead).total_seconds():.0f} seconds {'ahead of' if ahead > timedelta() else 'behind'}"
        yield wrong(f"The clock of this machine is {by} Stripe's: let the system set it by itself.")


def webhook_endpoint(now: datetime) -> Iterator[Finding]:
    if not settings.STRIPE_WEBHOOK_SECRET:
        yield wrong("STRIPE_WEBHOOK_SECRET is not set: what Stripe sends is refused, and only tick settles.")
    address = settings.SITE_URL + reverse("payments:webhook")
    try:
        listed = gateway.list_webhook_endpoints()
    except StripeUnavailable:
        yield wrong("Stripe cannot be asked where it sends events.")
        return
    if listed is None:
        yield well("Where Stripe sends events cannot be told: the key may not read Webhook Endpoints, and need not.")
        return
    ours = [endpoint for endpoint in listed if endpoint.url.rstrip("/") == address.rstrip("/")]
    yield from map(examine_endpoint, ours)
    if not ours and settings.HTTPS:
        yield wrong(f"Stripe sends events to no endpoint here. Create one for {address}.")
    elif not ours:
        yield well(f"Stripe itself cannot reach {address}. Whether a program forwards its events cannot be told.")


def examine_endpoint(endpoint: gateway.WebhookEndpoint) -> Finding:
    missing = NEEDED_EVENTS - endpoint.events
    if not endpoint.is_enabled:
        return wrong("The webhook endpoint is disabled at Stripe: enable it in the dashboard.")
    if missing and "*" not in endpoint.events:
        return wrong(f"The webhook endpoint is not subscribed to {', '.join(sorted(missing))}.")
    if endpoint.api_version != gateway.API_VERSION:
        theirs = endpoint.api_version or "the account's own"
        return wrong(
            f"The webhook endpoint's API version is {theirs}, and ours {gateway.API_VERSION}. "
            "A version cannot be changed: create the endpoint anew with ours, and then delete the old one."
        )
    return well("The webhook endpoint is registered for every event that is needed, in our API version.")


def last_webhook(now: datetime) -> Iterator[Finding]:
    heard = WebhookEvent.objects.order_by("-received_at").values_list("received_at", flat=True).first()
    paid = settled_long_ago(now).values_list("paid_at", flat=True).first()
    if paid and (not heard or heard < paid - OVERDUE):
        since = f"none since {ago(heard, now)}" if heard else "none ever"
        yield wrong(f"A payment came {ago(paid, now)}, and of webhooks {since}: is the endpoint right, and its secret?")
    elif heard:
        yield well(f"The last webhook was heard {ago(heard, now)}.")
    else:
        yield well("No webhook was heard yet: the first payment brings one.")


# Beside the site


def last_tick(now: datetime) -> Iterator[Finding]:
    last = Heartbeat.objects.filter(name=Heartbeat.TICK).values_list("at", flat=True).first()
    if last and last > now - TICK_AT_LEAST_EVERY:
        yield well(f"The last tick went round {ago(last, now)}.")
    else:
        when = f"last went round {ago(last, now)}" if last else "never went round"
        yield wrong(f"tick {when}: run `manage.py tick --every 10` as a service.")


def mail_server(now: datetime) -> Iterator[Finding]:
    if not settings.MAIL_IS_SENT:
        yield wrong("No mail is sent, so no client has a confirmation: set EMAIL_URL.")
    elif settings.MAILBOX:
        yield well("Mails are kept at /mail/ and sent to nobody, as DEBUG is on and no EMAIL_URL is set.")
    else:
        yield try_to_connect()


def try_to_connect() -> Finding:
    """An error is told by its name only, because what a mail server says may hold an address."""
    try:
        with closing(get_connection()) as server:
            server.open()
    except OSError as error:
        return wrong(f"The mail server does not take us ({type(error).__name__}): check EMAIL_URL.")
    return well("The mail server takes us.")


def oldest_mail(now: datetime) -> Iterator[Finding]:
    owed = Mail.objects.filter(status=Mail.Status.OWED, first_due_at__lte=now).order_by("first_due_at")
    mail = next((mail for mail in owed if not mail.next_turn(now)), None) if settings.MAIL_IS_SENT else None
    if mail is None:
        yield well("No mail waits to be sent.")
    else:
        finding = well if mail.first_due_at > now - OVERDUE else wrong
        why = f" Its last error: {mail.last_error}." if mail.last_error else ""
        yield finding(f"The oldest mail that was not sent became due {ago(mail.first_due_at, now)}.{why}")


# The site


def time_zone_data(now: datetime) -> Iterator[Finding]:
    version = tzdata.IANA_VERSION
    if zoneinfo.TZPATH:
        yield wrong("Time zones are read from the system's data, which may be older than the one that is installed.")
    elif int(version[:4]) < now.year - 1:
        yield wrong(f"Time-zone data is of {version}: install a newer tzdata, clocks have changed since.")
    else:
        yield well(f"Time-zone data is of {version}.")


def settings_of_the_practice(now: datetime) -> Iterator[Finding]:
    """What cannot be read was written by hand, or by another release."""
    unreadable = SetAtTheDesk.read(PracticeSetting.objects.read_texts()).unreadable
    for sentence in dict.fromkeys(unreadable.values()):
        yield wrong(f"A setting of the desk is not in force: {sentence} Save it anew on the page Settings.")
    if not unreadable:
        yield well("Every setting of the desk can be read.")


def services(now: datetime) -> Iterator[Finding]:
    """Prices are numbers, and CURRENCY may be another since they were typed. Then nobody can book such a service."""
    currency = settings.CURRENCY.upper()
    offered = Service.objects.filter(active=True)
    unsellable = [service.name for service in offered if not service.is_sellable]
    for name in unsellable:
        yield wrong(
            f"{name} cannot be booked: its price or deposit cannot be paid in {currency}. Change it in the admin."
        )
    if not unsellable:
        yield well(f"Every service can be paid in {currency}.")


def migrations(now: datetime) -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    if missing := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield wrong(f"Migrations that were not applied: {len(missing)}. Run `manage.py migrate`.")
    else:
        yield well("Every migration is applied.")


def static_files(now: datetime) -> Iterator[Finding]:
    if settings.DEBUG:
        yield well("Static files are served as they are, as DEBUG is on.")
    elif missing := {path for finder in get_finders() for path, _ in finder.list([])} - collected():
        yield wrong(f"Static files that were not collected: {len(missing)}. Run `manage.py collectstatic`.")
    else:
        yield well("Every static file is collected.")


def collected() -> set[str]:
    try:
        return set(json.loads((settings.STATIC_ROOT / "staticfiles.json").read_text())["paths"])
    except FileNotFoundError:
        return set()


def site_address(now: datetime) -> Iterator[Finding]:
    try:
        answer = requests.get(f"{settings.SITE_URL}/healthz", timeout=ANSWERS_WITHIN, allow_redirects=False)
        said = "" if answer.text == "ok\n" else f"status {answer.status_code}"
    except requests.RequestException as error:
        said = type(error).__name__
    if said:
        advice = "does the site run, and does the name lead to it? If its address is another one, set SITE_URL."
        yield wrong(f"SITE_URL is {settings.SITE_URL}, which does not answer from here ({said}): {advice}")
    else:
        yield well(f"{settings.SITE_URL} answers from here.")


CHECKS: tuple[Check, ...] = (
    migrations,
    key,
    webhook_endpoint,
    last_webhook,
    last_tick,
    mail_server,
    oldest_mail,
    settings_of_the_practice,
    services,
    time_zone_data,
    static_files,
    site_address,
)
