"""Everything that the product reads from the environment, variable by variable. Stripe's are in stripe_variables.py.

config/settings.py takes each value from here and checks whether the values go together. config/settings_page.py makes
docs/settings.md of these declarations, so write their texts for somebody who sets up a site.
"""

from pathlib import Path

from booking import colour
from config import address_kinds, languages, practice_variable_kinds, variable_kinds
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


class Practice:
    """Who is booked here, and on what terms."""

    PRACTICE_NAME = variable_kinds.OneLine(
        "What the practice is called on pages, in mails and at Stripe.",
        default="Linden House Practice",
        example="Oak Street Clinic",
        at_desk=True,
    )
    PRACTICE_ADDRESS = variable_kinds.OneLine(
        "The practice's postal address, which stands on receipts.",
        example="12 Oak Street, Dublin 2, D02 X285",
        at_desk=True,
    )
    PRACTICE_PHONE = practice_variable_kinds.TelephoneNumber(
        'At the foot of pages and mails, for whoever reads "call the practice".',
        example="+353 1 555 0100",
        at_desk=True,
    )
    PRACTICE_COLOUR = practice_variable_kinds.Colour(
        "The colour of links, buttons, free days and the icon. Any will do: shades that can be read are made of it.",
        default=colour.DEFAULT,
        example="#7a3b69",
        at_desk=True,
    )
    PRACTICE_LOGO = practice_variable_kinds.LogoFile(
        "The logo, 36 px high in the header of pages instead of the name, on a light ground where the page is dark. "
        "Mails show it too if it is a PNG or a JPEG, which all mail programs read. It is read when the site starts.",
        bounds="200 KB; a path that does not begin with / begins at the project's folder",
        default_in_words="the name in letters",
        example="static/icon.svg",
    )
    PRACTICE_COUNTRY = practice_variable_kinds.Country(
        "Where the practice is. A phone number without a country's prefix is one of this country, and its public "
        "holidays are offered as time off. Its customs also say how dates, times and prices are written.",
        default="IE",
        example="US",
        at_desk=True,
    )
    LANGUAGES = practice_variable_kinds.Languages(
        "The languages in which clients and staff may read the site. The first is the practice's own: mail to the "
        "practice is written in it, and so is each page for a browser that asks for none of them.",
        default=",".join(languages.NAMES),
        example="en,es",
    )
    TIME_ZONE = practice_variable_kinds.TimeZone(
        "The practice's time zone. A new provider has it as well, until another is chosen.",
        default="Europe/Dublin",
        example="America/New_York",
    )
    CURRENCY = variable_kinds.Text(
        "What prices are in. An appointment keeps the currency that it was booked in.",
        bounds="one of `aud`, `cad`, `chf`, `czk`, `dkk`, `eur`, `gbp`, `jpy`, `nok`, `nzd`, `pln`, `sek`, `usd`",
        default="eur",
        example="usd",
    )
    CANCELLATION_POLICY = practice_variable_kinds.CancellationPolicy(
        "What a client who cancels gets back, by the notice given. The default gives back all with 48 hours' notice, "
        "half with 24 and nothing with less; empty, nothing ever. "
        "An appointment keeps the policy under which it was booked.",
        bounds="pairs of hours, from 0 to 9999, and percent, from 1 to 100, both falling from pair to pair",
        default="48h 100%, 24h 50%",
        example="72h 100%, 24h 25%",
        at_desk=True,
    )
    CONFIRMATION_LINE = variable_kinds.OneLine(
        "A sentence of the practice's own, on the page and in the mail that confirm an appointment.",
        example="Please ring the upper bell, and come five minutes early.",
        at_desk=True,
    )
    TAX_LINE = variable_kinds.OneLine(
        "What a receipt has to say of taxes: a number, or why there is no tax on the price.",
        example="VAT number IE1234567T",
        at_desk=True,
    )


class Times:
    """Which times are on offer, and how long one is kept for a client who has not paid yet."""

    HOLD_MINUTES = variable_kinds.WholeNumber(
        "How many minutes a time is kept unpaid.",
        between=(1, 1440),
        default="15",
        example="20",
        at_desk=True,
    )
    # Stripe takes 30 minutes to 24 hours, counted on its own clock from when the call arrives. The bounds leave a
    # minute at either end for clocks that differ. A call that is repeated later names the same end, so only the minutes
    # above 30 are left for repeating it.
    CHECKOUT_MINUTES = variable_kinds.WholeNumber(
        "How many minutes a time is kept once Stripe's Checkout page is open, which closes after that.",
        between=(31, 1439),
        default="35",
        example="45",
    )
    SLOT_STEP_MINUTES = variable_kinds.WholeNumber(
        "The grid of times: how many minutes lie between one start on offer and the next. "
        "If it is set, pages show each of them, and otherwise one for the length of each visit.",
        between=(5, 720),
        default="15",
        example="30",
        at_desk=True,
    )
    NOTICE_MINUTES = variable_kinds.WholeNumber(
        "How soon: an appointment can be booked until so many minutes before it begins.",
        between=(0, 43_200),
        default="60",
        example="120",
        at_desk=True,
    )
    HORIZON_DAYS = variable_kinds.WholeNumber(
        "How far ahead: an appointment can be booked up to so many days before it begins.",
        between=(1, 366),
        default="60",
        example="90",
        at_desk=True,
    )


class Limits:
    """How much one client may take and send. Staff who are signed in have no such limits."""

    HOLDS_PER_ADDRESS = variable_kinds.WholeNumber(
        "How many unpaid or free times one network may take in a day.",
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
    """Where everything is kept."""

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
