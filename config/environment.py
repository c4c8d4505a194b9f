"""Everything that the product reads from the environment, variable by variable.

Those of the practice are in practice_variables.py, and Stripe's in stripe_variables.py.

config/settings.py takes each value from here and checks whether the values go together. config/settings_page.py makes
docs/settings.md of these declarations, so write their texts for somebody who sets up a site.
"""

from pathlib import Path
from typing import Any

from config import address_kinds, practice_variable_kinds, variable_kinds
from config.practice_variables import Practice, Times
from config.stripe_variables import Sandbox, Stripe

BASE_DIR = Path(__file__).resolve().parent.parent


class Site:
    """Where the site is, and how it is reached."""

    DEBUG = variable_kinds.Switch(
        "For development: only the machine itself is answered, and error pages show the code. "
        "A production site has it off.",
        default="on",
        example="off",
    )
    SECRET_KEY = variable_kinds.Text(
        "Signs cookies and tokens. Make a long random one, and give the same to every process and to nobody else.",
        default_in_words="a fixed one that is no secret",
        example="a-random-text-of-fifty-characters-or-more",
        required=True,
        secret=True,
    )
    ALLOWED_HOSTS = address_kinds.HostNames(
        "The names under which the site is served; one that begins with a dot includes its subdomains. "
        "It is not read while `DEBUG` is on.",
        default_in_words="loopback names",
        example="book.example.org, www.example.org",
        required=True,
    )
    SITE_URL = address_kinds.Address(
        "The site's own address, which every absolute address is made of. "
        "https turns on redirect, secure cookies and HSTS.",
        bounds="a scheme and a host, without a path",
        default="http://127.0.0.1:8000",
        example="https://book.example.org",
        required=True,
    )
    TRUST_X_FORWARDED_PROTO = variable_kinds.Switch(
        "Whether the header `X-Forwarded-Proto` is believed. "
        "Switch it on behind a proxy that sets this header itself, and only then.",
        default="off",
        example="on",
    )
    TRUSTED_PROXIES = variable_kinds.WholeNumber(
        "How many of the last entries of `X-Forwarded-For` your own proxies wrote. "
        "Behind one proxy it must be 1, or all clients count as one.",
        between=(0, 10),
        default="0",
        example="1",
    )
    EMBED_ON = address_kinds.Origins(
        "The sites of the practice that may show the booking page in a frame on pages of their own, as "
        "[embedding.md](embedding.md) says. No other site may, and no other page.",
        default_in_words="no site",
        example="https://www.example.org, https://example.org",
    )
    PORT = variable_kinds.WholeNumber(
        "The port on which `make run` serves the site. A production server is told by an option of its own.",
        between=(1, 65_535),
        default="8000",
        example="9000",
    )


class Limits:
    """How much one client may take and send. Staff who are signed in have no such limits."""

    HOLDS_PER_ADDRESS = variable_kinds.WholeNumber(
        "How many times one network may take in a day without paying online: unpaid, free, or paid at the practice.",
        between=(1, 100_000),
        default="10",
        example="20",
    )
    AHEAD_PER_CLIENT = variable_kinds.WholeNumber(
        "How many coming appointments one email address may have. What staff book at the desk does not count.",
        between=(1, 100_000),
        default="10",
        example="5",
    )
    POSTS_PER_MINUTE = variable_kinds.WholeNumber(
        "How many forms, presses of a button and POSTs to the API one network may send in a minute.",
        between=(1, 100_000),
        default="60",
        example="120",
    )


class Staff:
    """Those who work at the practice and sign in to the desk or the admin."""

    STAFF_SESSION_HOURS = variable_kinds.WholeNumber(
        "How many hours after signing in one has to sign in again; with 0, when the browser is closed. "
        "Where several people share a machine, it should be no longer than a day at work.",
        between=(0, 8760),
        default="12",
        example="9",
    )


class Mail:
    """How mail is sent, from whom, and when."""

    EMAIL_URL = variable_kinds.MailServer(
        "The mail server. With `DEBUG` off and none named, no mail is sent.",
        bounds="`smtp://`, `smtp+tls://` (STARTTLS) or `smtp+ssl://`; `dummymail://` for none",
        default_in_words="a mailbox at `/mail/` while `DEBUG` is on, otherwise none",
        example="smtp+tls://user:password@smtp.example.org:587",
        secret=True,
    )
    EMAIL_FROM = address_kinds.EmailAddress(
        "The address that mail is from, under the practice's name.",
        default_in_words="`appointments@` the site's host",
        example="hello@example.org",
    )
    PRACTICE_EMAIL = address_kinds.EmailAddress(
        "Where the practice gets its own mail, and clients' replies.",
        example="desk@example.org",
    )
    REMINDER_HOURS = variable_kinds.Hours(
        "How many hours before an appointment its client is reminded. Two numbers are two reminders, empty is none.",
        default="24",
        example="48, 2",
        at_desk=True,
    )


class Database:
    """Where everything is kept, and how long."""

    DATABASE_URL = variable_kinds.Database(
        "The database: SQLite for one machine, PostgreSQL for any number. "
        "A SQLite path has four slashes where it begins at the root: `sqlite:////var/lib/practice/db.sqlite3`.",
        default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}",
        default_in_words="a SQLite file, `db.sqlite3` beside `manage.py`",
        example="postgres://user:password@host/name",
        secret=True,
    )
    DATABASE_POOL = variable_kinds.WholeNumber(
        "The most PostgreSQL connections of one process.",
        between=(1, 1000),
        default="8",
        example="16",
    )
    KEEP_PERSONAL_DATA_MONTHS = practice_variable_kinds.Months(
        "So many months after an appointment has ended, or was cancelled or given back, tick erases who it was with: "
        "name, address, phone number and note. Its time and its amounts stay. Empty or 0 erases nothing by itself.",
        between=(0, 600),
        default="0",
        example="36",
    )


class Monitoring:
    """How the site is seen from outside. docs/monitoring.md says what each of these shows, and what to do about it."""

    LOG_FORMAT = variable_kinds.OneOf(
        "In which form the log is written: for people, or as one JSON object a line for programs that collect logs.",
        choices=("text", "json"),
        default="text",
        example="json",
    )
    SENTRY_DSN = variable_kinds.SentryDsn(
        "The Sentry project that is told of failures: where in the code, at which route, and nothing of a person.",
        default_in_words="nobody is told",
        example="https://key@o1.ingest.sentry.io/42",
        secret=True,
    )
    METRICS_PORT = variable_kinds.WholeNumber(
        "gunicorn answers Prometheus at this port, and `tick --every` at the next one; 0 is neither. "
        "Let nobody else reach them.",
        between=(0, 65_534),
        default="0",
        example="9100",
    )
    METRICS_HOST = address_kinds.IpAddress(
        "The address of this machine at which these ports are open. In a container it must be `0.0.0.0`.",
        default="127.0.0.1",
        example="10.0.0.5",
    )


class Environment(Site, Practice, Times, Limits, Staff, Stripe, Sandbox, Mail, Database, Monitoring):
    """All variables. On an instance, the attribute with the name of a variable is its value in the environment."""


GROUPS = {
    group: [each for each in vars(group).values() if isinstance(each, variable_kinds.Variable)]
    for group in Environment.__bases__
}
# booking/in_force.py looks there first for each of these.
AT_THE_DESK: dict[str, Any] = {each.name: each for group in GROUPS.values() for each in group if each.at_desk}
