"""All settings, from the environment. With none set, a development site with the embedded Stripe sandbox.

gunicorn runs no system checks, so whatever would make a site unsafe or half-configured is raised here.
"""

import hmac
import os
import re
import warnings
import zoneinfo
from datetime import timedelta
from email.headerregistry import Address
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, unquote, urlsplit

import environ
import idna
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from config import colour

# The system's time-zone data may be older than the pinned tzdata package, which zoneinfo only takes as a fallback.
zoneinfo.reset_tzpath(to=())

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def text(name: str, default: str = "") -> str:
    # Not env.str: it takes a leading $ for the name of another variable, and one secret key in fifty begins with one.
    return os.environ.get(name, default)


def required(name: str) -> str:
    if value := text(name).strip(" ,"):
        return value
    raise ImproperlyConfigured(f"{name} is required when DEBUG is off. Set it in the environment.")


def whole_number(name: str, default: int, *, least: int, most: int) -> int:
    value = text(name, str(default))
    if value.isascii() and value.isdigit() and least <= int(value) <= most:
        return int(value)
    raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}, not {value!r}.")


# What may stand in a header, where anything else would change what the header says.
HOST = r"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])"


def ascii_host(name: str, host: str) -> str:
    """As browsers and headers write it, in lower case: `xn--h1aihe0g.xn--p1ai` for an international name."""
    dot, bare = ("." if host.startswith(".") else ""), host.removeprefix(".")
    try:
        return host.lower() if host.isascii() else dot + idna.encode(bare, uts46=True).decode()
    except idna.IDNAError:
        raise ImproperlyConfigured(f"{name} names a host that cannot be one: {host!r}.") from None


def address(name: str, url: str) -> str:
    """With an ASCII host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be an address like https://book.example.org, not {url!r}.") from None
    # Colons within a host, which only a numeric one has, are ASCII: there is nothing to convert.
    host, colon, port = (parts.netloc, "", "") if parts.netloc.isascii() else parts.netloc.partition(":")
    return url.replace(parts.netloc, ascii_host(name, host) + colon + port, 1)


def origin(name: str, url: str, *, plain_http: bool = False) -> str:
    """Scheme and host of `url`; plain http is for loopback, unless `plain_http` says that nothing real goes there."""
    parts = urlsplit(url)
    secure = parts.scheme == "https" or (parts.scheme == "http" and (plain_http or is_loopback(parts.hostname or "")))
    if secure and re.fullmatch(rf"{HOST}(?::\d{{1,5}})?", parts.netloc):
        return f"{parts.scheme}://{parts.netloc}"
    raise ImproperlyConfigured(f"{name} must be an https address (plain http is for loopback only), not {url!r}.")


def allowed_host(host: str) -> str:
    value = ascii_host("ALLOWED_HOSTS", host)
    if value == "*" or re.fullmatch(HOST, value):
        return value
    raise ImproperlyConfigured(
        f"ALLOWED_HOSTS must be names like book.example.org, without scheme and port, not {host!r}."
    )


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


# The site

DEBUG = env.bool("DEBUG", True)
SECRET_KEY = text("SECRET_KEY") or "for development only: not a secret" if DEBUG else required("SECRET_KEY")
# A `.localhost` name is loopback by definition; with DEBUG on nothing else is served, whatever the environment says.
ALLOWED_HOSTS = (
    ["127.0.0.1", "localhost", ".localhost", "[::1]"]
    if DEBUG
    else [allowed_host(host.strip()) for host in required("ALLOWED_HOSTS").split(",") if host.strip()]
)
SITE_URL = text("SITE_URL", "http://127.0.0.1:8000") if DEBUG else required("SITE_URL")
SITE_URL = address("SITE_URL", SITE_URL.rstrip("/"))
if origin("SITE_URL", SITE_URL) != SITE_URL:
    raise ImproperlyConfigured(f"SITE_URL must be a scheme and a host without a path, not {SITE_URL!r}.")

PRACTICE_NAME = text("PRACTICE_NAME", "Linden House Practice")
if "".join(PRACTICE_NAME.splitlines()) != PRACTICE_NAME:
    # It stands in the headers of mails: a second line there would be a header of somebody's own making.
    raise ImproperlyConfigured(f"PRACTICE_NAME must be one line, not {PRACTICE_NAME!r}.")
# Pages that say "call the practice" show it, and so do mails.
PRACTICE_PHONE = text("PRACTICE_PHONE")
if PRACTICE_PHONE and not re.fullmatch(r"[+(]?\d[\d ()./-]{2,30}", PRACTICE_PHONE, re.ASCII):
    raise ImproperlyConfigured(f"PRACTICE_PHONE must be a number like +353 1 555 0100, not {PRACTICE_PHONE!r}.")
# Any will do: config/colour.py makes readable accents of it.
PRACTICE_COLOUR = text("PRACTICE_COLOUR", colour.DEFAULT)
if not re.fullmatch("#[0-9a-fA-F]{6}", PRACTICE_COLOUR):
    raise ImproperlyConfigured(f"PRACTICE_COLOUR must be a colour like {colour.DEFAULT}, not {PRACTICE_COLOUR!r}.")
PALETTES = {"light": colour.light(PRACTICE_COLOUR), "dark": colour.dark(PRACTICE_COLOUR)}
TIME_ZONE = text("TIME_ZONE", "Europe/Dublin")
if TIME_ZONE not in zoneinfo.available_timezones():
    raise ImproperlyConfigured(f"TIME_ZONE must be a name like Europe/Dublin, not {TIME_ZONE!r}.")
USE_TZ = True
# English with the 24-hour clock.
LANGUAGE_CODE = "en-ie"
USE_I18N = False
CURRENCY = text("CURRENCY", "eur").lower()

# What a client who cancels gets back, by the hours of notice; copied into each appointment when it is booked.
CANCELLATION_POLICY = text("CANCELLATION_POLICY", "48h 100%, 24h 50%")

HOLD_MINUTES = whole_number("HOLD_MINUTES", 15, least=1, most=1440)
SLOT_STEP_MINUTES = whole_number("SLOT_STEP_MINUTES", 15, least=5, most=720)
NOTICE_MINUTES = whole_number("NOTICE_MINUTES", 60, least=0, most=43200)
HORIZON_DAYS = whole_number("HORIZON_DAYS", 60, least=1, most=366)
# How many unpaid or free times one network may begin in a day, and how many coming ones one address may have.
HOLDS_PER_ADDRESS = whole_number("HOLDS_PER_ADDRESS", 10, least=1, most=100_000)
AHEAD_PER_CLIENT = whole_number("AHEAD_PER_CLIENT", 10, least=1, most=100_000)
# How many of the last entries of X-Forwarded-For our own proxies wrote.
TRUSTED_PROXIES = whole_number("TRUSTED_PROXIES", 0, least=0, most=10)

# Stripe

STRIPE_SECRET_KEY = text("STRIPE_SECRET_KEY", "")
STRIPE_WEBHOOK_SECRET = text("STRIPE_WEBHOOK_SECRET", "")
STRIPE_PUBLISHABLE_KEY = text("STRIPE_PUBLISHABLE_KEY", "")
# Stripe takes 30 minutes to 24 hours, counted on its own clock when the call arrives. What is more than 30 is what a
# repeated call may be late by; a minute at either end is what the two clocks may differ by.
CHECKOUT_MINUTES = whole_number("CHECKOUT_MINUTES", 35, least=31, most=1439)
# Time for a payment of the last second to be heard of.
HOLD_OUTLASTS_SESSION = timedelta(minutes=2)
STRIPE_SANDBOX = not STRIPE_SECRET_KEY
# Only the sandbox knows what they are; it reads them when it starts.
STRIPE_SANDBOX_FAULTS = text("STRIPE_SANDBOX_FAULTS").strip()


def sandbox_secret(prefix: str, purpose: str) -> str:
    """A public demo's keys: the same in every process, and only guessable by who knows SECRET_KEY."""
    return prefix + hmac.new(SECRET_KEY.encode(), purpose.encode(), "sha256").hexdigest()[:32]


def stripe_mode(name: str, key: str, *kinds: str) -> str:
    """`test` or `live`, as the key's own beginning says; `kinds` are `sk` and `rk` for secret keys, `pk` for public."""
    for mode in ("test", "live"):
        if key.startswith(tuple(f"{kind}_{mode}_" for kind in kinds)):
            return mode
    raise ImproperlyConfigured(f"{name} starts with {' or '.join(f'{kind}_test_' for kind in kinds)} (or _live_).")


if STRIPE_SANDBOX:
    if not DEBUG and not env.bool("STRIPE_SANDBOX", False):
        raise ImproperlyConfigured(
            "STRIPE_SECRET_KEY is required when DEBUG is off. "
            "For a public demo where no money moves, set STRIPE_SANDBOX=1."
        )
    STRIPE_SECRET_KEY = "sk_test_sandbox" if DEBUG else sandbox_secret("sk_test_", "sandbox key")
    STRIPE_WEBHOOK_SECRET = "whsec_sandbox" if DEBUG else sandbox_secret("whsec_", "sandbox webhook")
else:
    if env.bool("STRIPE_SANDBOX", False):
        raise ImproperlyConfigured("STRIPE_SANDBOX=1 and STRIPE_SECRET_KEY exclude each other: unset one of them.")
    if STRIPE_SANDBOX_FAULTS:
        raise ImproperlyConfigured("STRIPE_SANDBOX_FAULTS are the sandbox's: unset them or STRIPE_SECRET_KEY.")
    if not STRIPE_WEBHOOK_SECRET and not DEBUG:
        raise ImproperlyConfigured("STRIPE_WEBHOOK_SECRET is required with STRIPE_SECRET_KEY when DEBUG is off.")
    if not STRIPE_WEBHOOK_SECRET:
        warnings.warn(
            "STRIPE_WEBHOOK_SECRET is not set: webhooks are answered 503, and only tick settles.", stacklevel=1
        )

if STRIPE_SANDBOX:
    # The site calls itself: a proxy of the environment is not meant for that.
    exempt = text("no_proxy") or text("NO_PROXY")
    os.environ["no_proxy"] = ",".join(filter(None, [exempt, "127.0.0.1", "localhost", urlsplit(SITE_URL).hostname]))

STRIPE_MODE = stripe_mode("STRIPE_SECRET_KEY", STRIPE_SECRET_KEY, "sk", "rk")
STRIPE_LIVEMODE = STRIPE_MODE == "live"
if STRIPE_LIVEMODE and DEBUG:
    raise ImproperlyConfigured("A live Stripe key needs DEBUG=off: error pages would show real payments.")
if STRIPE_PUBLISHABLE_KEY and stripe_mode("STRIPE_PUBLISHABLE_KEY", STRIPE_PUBLISHABLE_KEY, "pk") != STRIPE_MODE:
    raise ImproperlyConfigured("STRIPE_PUBLISHABLE_KEY and STRIPE_SECRET_KEY are of different modes (test and live).")

STRIPE_API_BASE = f"{SITE_URL}/stripe-sandbox" if STRIPE_SANDBOX else "https://api.stripe.com"
STRIPE_API_BASE = address("STRIPE_API_BASE", text("STRIPE_API_BASE", STRIPE_API_BASE).rstrip("/"))
# A practice with Stripe's custom-domain add-on sends its clients there instead of checkout.stripe.com.
STRIPE_CHECKOUT_ORIGIN = text("STRIPE_CHECKOUT_ORIGIN", "https://checkout.stripe.com")
STRIPE_CHECKOUT_ORIGIN = origin("STRIPE_CHECKOUT_ORIGIN", address("STRIPE_CHECKOUT_ORIGIN", STRIPE_CHECKOUT_ORIGIN))

# Django

INSTALLED_APPS = [
    *(["payments.sandbox"] if STRIPE_SANDBOX else []),
    "payments",
    "booking",
    "django_htmx",
    "widget_tweaks",
    "csp",
    "django.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "config.middleware.healthz",
    "config.middleware.access_log",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Below what answers HEAD by itself, above what counts and packs a body.
    "config.middleware.head_like_get",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.LastSlash",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.errors.OwnWords",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
            ],
        },
    }
]

DATABASE_POOL = whole_number("DATABASE_POOL", 8, least=1, most=1000)
DATABASES = {"default": env.db("DATABASE_URL", f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
DATABASE = DATABASES["default"]
if DATABASE.get("ENGINE") == "django.db.backends.sqlite3":
    # IMMEDIATE takes the write lock when a transaction begins: two bookings queue instead of failing half-way.
    DATABASE["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode=WAL"}
    # Tests use a file like everybody else: an in-memory database has no second connection.
    DATABASE["TEST"] = {"NAME": BASE_DIR / "test.sqlite3"}
elif DATABASE.get("ENGINE") == "django.db.backends.postgresql":
    # A socket folder as libpq writes it, `postgres://user@%2Fvar%2Frun%2Fpostgresql/name`, comes through still quoted.
    DATABASE["HOST"] = unquote(DATABASE["HOST"])
    # The pool keeps connections; CONN_MAX_AGE must stay 0 beside it. A lock that takes five seconds is contention.
    DATABASE["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 10},
        "options": "-c lock_timeout=5s",
        **DATABASE.get("OPTIONS", {}),
    }
else:
    raise ImproperlyConfigured("DATABASE_URL must be a sqlite:/// or postgres:// address.")

# Mail


def mail_server(url: str) -> dict[str, Any]:
    try:
        server = dict(env.email_url_config(url))
        return {**server, "EMAIL_HOST": ascii_host("EMAIL_URL", server["EMAIL_HOST"] or "")}
    except (ImproperlyConfigured, ValueError):
        # Not repeated: it holds a password. Nor is what was raised, which may.
        raise ImproperlyConfigured(
            "EMAIL_URL must be an address like smtp+tls://user:password@smtp.example.org:587."
        ) from None


def mail_address(name: str, default: str) -> str:
    value = text(name)
    try:
        if value:
            validate_email(value)
    except ValidationError:
        raise ImproperlyConfigured(f"{name} must be one email address, like name@example.org, not {value!r}.") from None
    mailbox, at, host = value.rpartition("@")
    return mailbox + at + ascii_host(name, host) if value else default


def hours_of_notice(value: str) -> int:
    hours = value.strip()
    if hours.isascii() and hours.isdigit() and 1 <= int(hours) <= 720:
        return int(hours)
    raise ImproperlyConfigured(f"REMINDER_HOURS must be whole numbers from 1 to 720, like '48, 2', not {hours!r}.")


# In development mails are files, to be read at /mail/. Never the console: what is written there is kept as a log.
without_server = f"filemail:///{quote_plus(str(BASE_DIR / 'mail'))}" if DEBUG else "dummymail://"
mail = mail_server(text("EMAIL_URL") or without_server)
vars().update(mail)
EMAIL_FILE_PATH = str(mail["EMAIL_FILE_PATH"])
EMAIL_TIMEOUT = 20
# Longer than a mail server may take with all of its answers: whoever claimed a mail before that sends it no more.
MAIL_SENDING_TAKES = timedelta(minutes=10)
MAILBOX = DEBUG and mail["EMAIL_BACKEND"] == "django.core.mail.backends.filebased.EmailBackend"
MAIL_IS_SENT = mail["EMAIL_BACKEND"] != "django.core.mail.backends.dummy.EmailBackend"
if not DEBUG and not text("EMAIL_URL"):
    warnings.warn("EMAIL_URL is not set: no mail is sent.", stacklevel=1)

host = urlsplit(SITE_URL).hostname or ""
EMAIL_FROM = mail_address("EMAIL_FROM", f"appointments@{'localhost' if is_loopback(host) else host}")
DEFAULT_FROM_EMAIL = str(Address(PRACTICE_NAME, addr_spec=EMAIL_FROM))
SERVER_EMAIL = EMAIL_FROM
# Where the practice itself gets its mail, and where a client's reply goes.
PRACTICE_EMAIL = mail_address("PRACTICE_EMAIL", "")
# How many hours before an appointment its client is reminded: `24`, or `48, 2`, or empty for never.
REMINDER_HOURS = [hours_of_notice(part) for part in text("REMINDER_HOURS", "24").split(",") if part.strip()]

# Static files

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Hashed names and compressed copies from `collectstatic`; with DEBUG on the plain files are served as they are.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# With DEBUG on nothing need be collected; with DEBUG off config/wsgi.py insists on it.
warnings.filterwarnings("ignore", message="No directory at", module="django.core.handlers.base")

# Security

HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
if env.bool("TRUST_X_FORWARDED_PROTO", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    # HSTS for subdomains (W005) and preload (W021) would bind the rest of a practice's domain: not ours to bind.
    "security.W005",
    "security.W021",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # Chromium applies form-action to redirects as well: without JavaScript, Pay is a form that ends at Stripe.
        "form-action": [
            SELF,
            SITE_URL,
            "https://checkout.stripe.com",
            STRIPE_CHECKOUT_ORIGIN,
            origin("STRIPE_API_BASE", STRIPE_API_BASE, plain_http=not STRIPE_LIVEMODE),
        ],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"route_only": {"()": "config.middleware.RouteOnly"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["route_only"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "access": {"level": "INFO"},
        "payments": {"level": "INFO"},
        "booking": {"level": "INFO"},
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # A refusal is an answer like another, and the access log has its line.
        "django.request": {"level": "ERROR"},
        # runserver's own lines hold the address, and with it references; `access` logs the route instead.
        "django.server": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
