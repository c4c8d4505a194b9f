"""The site's settings. If nothing is set in the environment, it is a development site with the embedded Stripe sandbox.

config/environment.py declares and reads each variable of the environment; this module checks that the values go
together. gunicorn runs no system checks, so whatever would make a site unsafe or half-configured raises
ImproperlyConfigured when this module is imported.
"""

import os
import warnings
import zoneinfo
from datetime import timedelta
from email.headerregistry import Address
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from booking.in_force import in_force, require_times_to_book
from config import content_security, database, hosts, languages, logs, stripe_keys
from config.environment import AT_THE_DESK, BASE_DIR, Environment

# zoneinfo prefers the system's time-zone data, which may be older than the tzdata package. So it may look nowhere else.
zoneinfo.reset_tzpath(to=())

env = Environment()

# The site

DEBUG = env.DEBUG
# config/environment.py says that this and the next two are required with DEBUG off.
SECRET_KEY = env.SECRET_KEY or "for development only: not a secret"
# A `.localhost` name is loopback by definition. With DEBUG on nothing else is served, whatever the environment says.
ALLOWED_HOSTS = ["127.0.0.1", "localhost", ".localhost", "[::1]"] if DEBUG else env.ALLOWED_HOSTS
SITE_URL = env.SITE_URL
if hosts.origin("SITE_URL", SITE_URL) != SITE_URL:
    raise ImproperlyConfigured(f"SITE_URL must be a scheme and a host without a path, not {SITE_URL!r}.")
HTTPS = SITE_URL.startswith("https://")

# The practice

PRACTICE_NAME = env.PRACTICE_NAME
PRACTICE_ADDRESS, PRACTICE_PHONE = env.PRACTICE_ADDRESS, env.PRACTICE_PHONE
PRACTICE_COUNTRY = env.PRACTICE_COUNTRY
PRACTICE_COLOUR = env.PRACTICE_COLOUR
PRACTICE_LOGO = env.PRACTICE_LOGO
TIME_ZONE = env.TIME_ZONE
USE_TZ = True
# A language is offered with the practice's country, like en-ie, so that dates and times are written as they are there.
LANGUAGES = [(f"{code}-{PRACTICE_COUNTRY.lower()}", languages.NAMES[code]) for code in env.LANGUAGES]
LANGUAGE_CODE = LANGUAGES[0][0]
SET_AT_THE_DESK = AT_THE_DESK
LOCALE_PATHS = [BASE_DIR / "locale"]
# booking/money.py checks that prices can be counted in it.
CURRENCY = env.CURRENCY.lower()
CANCELLATION_POLICY = env.CANCELLATION_POLICY
# Nobody has to decide on it at the desk any more.
POLICY_IS_DECIDED = "CANCELLATION_POLICY" in os.environ
CONFIRMATION_LINE, TAX_LINE = env.CONFIRMATION_LINE, env.TAX_LINE

HOLD_MINUTES = env.HOLD_MINUTES
SLOT_STEP_MINUTES = env.SLOT_STEP_MINUTES
# A practice that sets the grid itself wants its times to be seen: docs/decisions/0027-fewer-times.md.
EVERY_TIME_IS_SHOWN = "SLOT_STEP_MINUTES" in os.environ
NOTICE_MINUTES, HORIZON_DAYS = env.NOTICE_MINUTES, env.HORIZON_DAYS
require_times_to_book(NOTICE_MINUTES, HORIZON_DAYS)
HOLDS_PER_ADDRESS, AHEAD_PER_CLIENT = env.HOLDS_PER_ADDRESS, env.AHEAD_PER_CLIENT
KEEP_PERSONAL_DATA_MONTHS = env.KEEP_PERSONAL_DATA_MONTHS
POSTS_PER_MINUTE = env.POSTS_PER_MINUTE
TRUSTED_PROXIES = env.TRUSTED_PROXIES

# Stripe

STRIPE_SECRET_KEY = env.STRIPE_SECRET_KEY
STRIPE_WEBHOOK_SECRET = env.STRIPE_WEBHOOK_SECRET
STRIPE_PUBLISHABLE_KEY = env.STRIPE_PUBLISHABLE_KEY
CHECKOUT_MINUTES = env.CHECKOUT_MINUTES
# How long a time is kept after its Checkout Session has ended: we may not know yet of a payment of the last second.
HOLD_OUTLASTS_SESSION = timedelta(minutes=2)
STRIPE_SANDBOX = not STRIPE_SECRET_KEY
# payments/sandbox/faults.py parses this when the site starts, and refuses a fault that it does not know.
STRIPE_SANDBOX_FAULTS = env.STRIPE_SANDBOX_FAULTS.strip()

if STRIPE_SANDBOX:
    if not DEBUG and not env.STRIPE_SANDBOX:
        raise ImproperlyConfigured(
            "STRIPE_SECRET_KEY is required when DEBUG is off. "
            "For a public demo where no money moves, set STRIPE_SANDBOX=1."
        )
    STRIPE_SECRET_KEY = "sk_test_sandbox" if DEBUG else stripe_keys.of_demo("sk_test_", "sandbox key", SECRET_KEY)
    STRIPE_WEBHOOK_SECRET = "whsec_sandbox" if DEBUG else stripe_keys.of_demo("whsec_", "sandbox webhook", SECRET_KEY)
    # The site calls its own sandbox over HTTP, and must not do that through a proxy that the environment names.
    exempt = [env.no_proxy or env.NO_PROXY, "127.0.0.1", "localhost", urlsplit(SITE_URL).hostname]
    os.environ["no_proxy"] = ",".join(filter(None, exempt))
else:
    if env.STRIPE_SANDBOX:
        raise ImproperlyConfigured("STRIPE_SANDBOX=1 and STRIPE_SECRET_KEY exclude each other: unset one of them.")
    if STRIPE_SANDBOX_FAULTS:
        raise ImproperlyConfigured("STRIPE_SANDBOX_FAULTS are the sandbox's: unset them or STRIPE_SECRET_KEY.")
    if not STRIPE_WEBHOOK_SECRET and not DEBUG:
        raise ImproperlyConfigured("STRIPE_WEBHOOK_SECRET is required with STRIPE_SECRET_KEY when DEBUG is off.")
    if not STRIPE_WEBHOOK_SECRET:
        warnings.warn(
            "STRIPE_WEBHOOK_SECRET is not set: webhooks are answered 503, and only tick settles.", stacklevel=1
        )

STRIPE_MODE = stripe_keys.mode("STRIPE_SECRET_KEY", STRIPE_SECRET_KEY, "sk", "rk")
STRIPE_LIVEMODE = STRIPE_MODE == "live"
if STRIPE_LIVEMODE and DEBUG:
    raise ImproperlyConfigured("A live Stripe key needs DEBUG=off: error pages would show real payments.")
if STRIPE_PUBLISHABLE_KEY and stripe_keys.mode("STRIPE_PUBLISHABLE_KEY", STRIPE_PUBLISHABLE_KEY, "pk") != STRIPE_MODE:
    raise ImproperlyConfigured("STRIPE_PUBLISHABLE_KEY and STRIPE_SECRET_KEY are of different modes (test and live).")

# The pages at which staff look at a payment. The sandbox has none.
STRIPE_DASHBOARD = "" if STRIPE_SANDBOX else f"https://dashboard.stripe.com/{'' if STRIPE_LIVEMODE else 'test/'}"

STRIPE_API_BASE = env.STRIPE_API_BASE
if STRIPE_SANDBOX and "STRIPE_API_BASE" not in os.environ:
    STRIPE_API_BASE = f"{SITE_URL}/stripe-sandbox"
# A practice with Stripe's custom-domain add-on sends its clients there instead of checkout.stripe.com.
STRIPE_CHECKOUT_ORIGIN = env.STRIPE_CHECKOUT_ORIGIN

# Monitoring. Where one of these is not set, what it needs is not even imported.

SENTRY_DSN = env.SENTRY_DSN
METRICS_PORT = env.METRICS_PORT
METRICS_HOST = env.METRICS_HOST
LOGGING = logs.configuration(env.LOG_FORMAT, SENTRY_DSN)

# Django

INSTALLED_APPS = [
    *(["payments.sandbox"] if STRIPE_SANDBOX else []),
    "staff",
    "payments",
    "booking",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
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
    # This stands outermost, since any of the others may answer with words of ours.
    "config.language_choice.begin_in_the_practices_own",
    "config.guards.loopback_only",
    "config.middleware.health",
    "config.logs.access_log",
    *(["config.sentry.remember_request"] if SENTRY_DSN else []),
    *(["config.metrics.seconds_by_route"] if METRICS_PORT else []),
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # This stands below WhiteNoise, which answers HEAD by itself, and above what compresses a body and sets its length.
    "config.middleware.head_like_get",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.guards.permissions_policy",
    # This stands below what answers without a database, and above what asks it first.
    "config.middleware.settings_in_force",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.language_choice.Language",
    "config.middleware.LastSlash",
    # This stands above what reads the body of a POST.
    "config.guards.TooMuch",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.errors.ErrorPages",
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

# The database

DATABASE_POOL = env.DATABASE_POOL
DATABASES = {"default": database.with_options(env.DATABASE_URL, DATABASE_POOL, test_file=BASE_DIR / "test.sqlite3")}

# Mail

# In development, mails are files that can be read at /mail/. They are not printed, since a console's output may be kept
# as a log.
mail_server = env.EMAIL_URL
mail = mail_server or {
    "EMAIL_BACKEND": f"django.core.mail.backends.{'filebased' if DEBUG else 'dummy'}.EmailBackend",
    "EMAIL_FILE_PATH": str(BASE_DIR / "mail"),
}
vars().update(mail)
EMAIL_FILE_PATH = str(mail["EMAIL_FILE_PATH"])
EMAIL_TIMEOUT = 20
# A process that has claimed a mail for so long and not sent it has crashed, and another one sends it. Even a slow mail
# server takes less time.
MAIL_SENDING_TAKES = timedelta(minutes=10)
MAILBOX = DEBUG and mail["EMAIL_BACKEND"] == "django.core.mail.backends.filebased.EmailBackend"
MAIL_IS_SENT = mail["EMAIL_BACKEND"] != "django.core.mail.backends.dummy.EmailBackend"
if not DEBUG and not mail_server:
    warnings.warn("EMAIL_URL is not set: no mail is sent.", stacklevel=1)

host = urlsplit(SITE_URL).hostname or ""
EMAIL_FROM = env.EMAIL_FROM or f"appointments@{'localhost' if hosts.is_loopback(host) else host}"
DEFAULT_FROM_EMAIL = str(Address(PRACTICE_NAME, addr_spec=EMAIL_FROM))
SERVER_EMAIL = EMAIL_FROM
PRACTICE_EMAIL = env.PRACTICE_EMAIL
REMINDER_HOURS = env.REMINDER_HOURS
# Of a time that was given back, the next one who waits is told so long after the one before, and between these hours.
WAITING_PAUSE, WAITING_HOURS = timedelta(minutes=30), (8, 20)

# Static files

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Hashed names and compressed copies from `collectstatic`; with DEBUG on the plain files are served as they are.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# WhiteNoise warns if nothing was collected. With DEBUG on that is fine; with DEBUG off config/wsgi.py refuses to start.
warnings.filterwarnings("ignore", message="No directory at", module="django.core.handlers.base")

# Security

SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = timedelta(days=365) // timedelta(seconds=1)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
if env.TRUST_X_FORWARDED_PROTO:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# No page of ours uses any of these, so no script that gets into one could.
PERMISSIONS_POLICY = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
# Only who works at the practice has a session. It ends so many hours after they signed in, or when the browser is
# closed. Then the row is of no use any more, but Django needs an end for it.
SESSION_COOKIE_AGE = timedelta(hours=env.STAFF_SESSION_HOURS or 14 * 24) // timedelta(seconds=1)
SESSION_EXPIRE_AT_BROWSER_CLOSE = not env.STAFF_SESSION_HOURS
LOGIN_URL = "staff:login"
LOGIN_REDIRECT_URL = "staff:day"
# What a telephone's authenticator calls the site. The admin lists who has a second factor, and shows none of the keys.
OTP_TOTP_ISSUER = lambda _device: in_force.PRACTICE_NAME  # noqa: E731 - django-otp calls what can be called
OTP_ADMIN_HIDE_SENSITIVE_DATA = True
# The admin and the desk ask for these wherever a password is set.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{validator}"}
    for validator in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
# One file at a time, and in memory, so that nothing fills a disk. The picture may have 10 MB (booking/pictures.py); the
# rest is what a form sends around it. config/guards.py lets such a body in only where a file is expected.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 10_100_000
DATA_UPLOAD_MAX_NUMBER_FILES = 1
SILENCED_SYSTEM_CHECKS = [
    # HSTS for subdomains (W005) and preload (W021) would bind the rest of the practice's domain as well.
    "security.W005",
    "security.W021",
]
CONTENT_SECURITY_POLICY = content_security.policy(
    SITE_URL,
    "https://checkout.stripe.com",
    STRIPE_CHECKOUT_ORIGIN,
    hosts.origin("STRIPE_API_BASE", STRIPE_API_BASE, plain_http=not STRIPE_LIVEMODE),
)
# In whose frames the booking page may be shown: docs/embedding.md.
EMBED_ON = env.EMBED_ON
