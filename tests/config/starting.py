"""Processes that start the site from a given environment, and what they say."""

import json
import multiprocessing
import os
import subprocess
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

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
# Each of its processes begins as a copy of one that has imported these packages, and nothing of ours.
PREPARED = multiprocessing.get_context("forkserver")
PREPARED.set_forkserver_preload(["babel.numbers", "csp.constants", "django.urls", "environ", "pydantic", "stripe"])


def start(program, *names, **environment):
    """Start the site in a process of its own, with PATH and that environment and nothing else."""
    command = [sys.executable, "-c", program, *names]
    return subprocess.run(
        command, env=clean(environment), cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )


def start_prepared(program, *names, **environment):
    """Start the site as `start` does, but in a process that need not import other people's packages first."""
    end, other_end = PREPARED.Pipe(duplex=False)
    process = PREPARED.Process(target=run, args=(other_end, program, names, clean(environment), settings.BASE_DIR))
    process.start()
    other_end.close()
    done = end.recv()
    process.join()
    return done


def run(answers, program, names, environment, folder):
    """Run a program in this process as `python -c` would, and send away how that ended and what it printed."""
    os.environ.clear()
    os.environ |= environment
    os.chdir(folder)
    sys.argv = ["-c", *names]
    status, said, complained = 0, StringIO(), StringIO()
    with redirect_stdout(said), redirect_stderr(complained):
        try:
            exec(program, {"__name__": "__main__"})
        except ImproperlyConfigured:
            status = 1
            traceback.print_exc()
    answers.send(subprocess.CompletedProcess(program, status, said.getvalue(), complained.getvalue()))


def clean(environment):
    return {"DJANGO_SETTINGS_MODULE": "config.settings", "PATH": os.environ.get("PATH", ""), **environment}


def starts(*names, **environment):
    process = start_prepared(SETTINGS, *names, **environment)
    assert process.stderr.splitlines()[-1:] == []
    return json.loads(process.stdout)


def routes(**environment):
    process = start_prepared(ROUTES, **environment)
    assert process.stderr == ""
    return process.stdout.split()


def refusal(**environment):
    """Return the exception's sentence from the last line of the output, which is all that a person reads."""
    process = start_prepared(ROUTES, **environment)
    assert process.returncode == 1
    kind, _, sentence = process.stderr.splitlines()[-1].partition(": ")
    assert kind == "django.core.exceptions.ImproperlyConfigured"
    return sentence


def production(**changes):
    return {name: value for name, value in {**PRODUCTION, **changes}.items() if value is not None}
