"""Processes that start the site from a given environment, and what they say."""

import json
import os
import subprocess
import sys

from django.conf import settings

PRODUCTION = {
    "DEBUG": "off",
    "SECRET_KEY": "a secret for tests",
    "ALLOWED_HOSTS": "book.example.com",
    "SITE_URL": "https://book.example.com",
    "STRIPE_SECRET_KEY": "sk_live_x",
    "STRIPE_WEBHOOK_SECRET": "whsec_x",
    "EMAIL_URL": "smtp+tls://me:pw@smtp.example.com:587",
}
SETTINGS = """
import json, sys
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""
ROUTES = """
import django
django.setup()
from django.urls import get_resolver
print(*[one.pattern for one in get_resolver().url_patterns])
"""


def start(program, *names, **environment):
    """Start the site in a process of its own, with PATH and that environment and nothing else."""
    clean = {"DJANGO_SETTINGS_MODULE": "config.settings", "PATH": os.environ.get("PATH", "")}
    command = [sys.executable, "-c", program, *names]
    return subprocess.run(
        command, env={**clean, **environment}, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )


def starts(*names, **environment):
    process = start(SETTINGS, *names, **environment)
    assert process.stderr.splitlines()[-1:] == []
    return json.loads(process.stdout)


def routes(**environment):
    process = start(ROUTES, **environment)
    assert process.stderr == ""
    return process.stdout.split()


def refusal(**environment):
    """Return the exception's sentence from the last line of the output, which is all that a person reads."""
    process = start(ROUTES, **environment)
    assert process.returncode == 1
    kind, _, sentence = process.stderr.splitlines()[-1].partition(": ")
    assert kind == "django.core.exceptions.ImproperlyConfigured"
    return sentence


def production(**changes):
    return {name: value for name, value in {**PRODUCTION, **changes}.items() if value is not None}
