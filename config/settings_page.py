"""The variables of config/environment.py as a page to read: `python -m config.settings_page > docs/settings.md`."""

import shlex
import sys

from config.environment import GROUPS
from config.variable_kinds import Variable

INTRODUCTION = """\
# Settings

All settings come from the environment. None is needed to start: with nothing set, a development site runs with the
embedded Stripe sandbox. A value that cannot be right stops the start with a sentence that names it.

Some of them an owner can also set at the desk, on the page *Settings*: those say so below. What was set there goes
before the environment, in every process within seconds, until it is taken back. These have at most 200 characters.
[desk.md](desk.md#settings) says more.

With `DEBUG` off these are required: [SECRET_KEY](#secret_key), [ALLOWED_HOSTS](#allowed_hosts), [SITE_URL](#site_url);
and, unless [STRIPE_SANDBOX](#stripe_sandbox) says that a public demo is meant, [STRIPE_SECRET_KEY](#stripe_secret_key)
and [STRIPE_WEBHOOK_SECRET](#stripe_webhook_secret).

This page is made of [config/environment.py](../config/environment.py),
[config/practice_variables.py](../config/practice_variables.py) and
[config/stripe_variables.py](../config/stripe_variables.py): change it there, then run
`python -m config.settings_page > docs/settings.md`.
"""
READ_BY_OTHERS = """\
## Read by others

Django, gunicorn, requests and Sentry's SDK read variables of their own, among them `DJANGO_SETTINGS_MODULE`
(`config.settings` unless it is set), `WEB_CONCURRENCY`, `GUNICORN_CMD_ARGS`, `HTTPS_PROXY`, `SENTRY_ENVIRONMENT` and
`SENTRY_RELEASE`.
"""


def page() -> str:
    parts = [INTRODUCTION]
    for group, variables in GROUPS.items():
        parts += [f"## {group.__name__}\n\n{group.__doc__}\n", *map(entry, variables)]
    return "\n".join([*parts, READ_BY_OTHERS])


def entry(variable: Variable) -> str:
    default = f"`{variable.default}`" if variable.default else "empty"
    facts = {
        "Type": variable.kind,
        "Bounds": variable.bounds,
        "Default": variable.default_in_words or default,
        "Example": f"`{variable.name}={shlex.quote(variable.example)}`",
        "Required": "when `DEBUG` is off" if variable.required else "",
        "At the desk": "an owner can set it on the page *Settings*" if variable.at_desk else "",
        "Secret": "show it to nobody" if variable.secret else "",
    }
    written = "".join(f"- {title}: {fact}\n" for title, fact in facts.items() if fact)
    return f"### {variable.name}\n\n{variable.help_text}\n\n{written}"


if __name__ == "__main__":
    sys.stdout.write(page())
