"""A site for django-appointment: what `startproject` makes, and what the package's own documents tell to add.

https://django-appt-doc.adamspierredavid.com/getting-started/ has the steps. DEBUG is off, and the database has the same
pool of connections as the product's.
"""

import os

from psycopg.conninfo import conninfo_to_dict

DEBUG = False
SECRET_KEY = "a secret for tests"
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "appointment",
    "django_q",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "tests.bench.peer.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
database = conninfo_to_dict(os.environ["DATABASE_URL"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": database["host"],
        "USER": database["user"],
        "NAME": database["dbname"],
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 8, "timeout": 10}},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TIME_ZONE = "Europe/Dublin"
USE_TZ = True
STATIC_URL = "static/"

# The package's documents recommend Django Q, so that its mails are sent by another process, as the product's are.
Q_CLUSTER = {
    "name": "DjangORM",
    "workers": 4,
    "timeout": 90,
    "retry": 120,
    "queue_limit": 50,
    "bulk": 10,
    "orm": "default",
}
USE_DJANGO_Q_FOR_EMAILS = True
APPOINTMENT_WEBSITE_NAME = "Linden House Practice"
