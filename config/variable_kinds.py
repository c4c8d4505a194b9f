"""The kinds of environment variable there are: each turns a variable's text into a value, or refuses it.

config/environment.py declares the variables with these kinds, as a model is declared with fields. Text that cannot be
read raises ImproperlyConfigured, with a sentence that names the variable and says what would be right.
"""

import os
import re
from abc import ABC, abstractmethod
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import unquote

import environ
from django.core.exceptions import ImproperlyConfigured

from booking.refund_policy import LONGEST
from booking.text import forbidden_characters
from config import hosts

Value = TypeVar("Value")
django_environ = environ.Env()


@dataclass
class Variable(ABC, Generic[Value]):
    """An environment variable, declared as a class attribute of the same name.

    On an instance of that class the attribute is the variable's value, read from the environment each time. `default`
    and `example` are written as they would be in the environment; the other texts are Markdown, for people.
    """

    kind: ClassVar[str]

    name: str = field(init=False)
    help_text: str
    _: KW_ONLY
    bounds: str = ""
    default: str = ""
    default_in_words: str = ""
    """For a default that depends on other variables, or that says too little by itself."""
    example: str
    required: bool = False
    """With DEBUG off the variable has no default and may not be empty."""
    at_desk: bool = False
    """An owner can set it at the desk as well. Then the environment's value is in force until somebody does."""
    secret: bool = False
    """The page of settings says that the value is to be shown to nobody."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, env: Any, owner: type) -> Value:
        if not self.required or env.DEBUG:
            return self.read(self.short_enough(os.environ.get(self.name, self.default)))
        if text := os.environ.get(self.name, "").strip(" ,"):
            return self.read(text)
        raise ImproperlyConfigured(f"{self.name} is required when DEBUG is off. Set it in the environment.")

    def short_enough(self, text: str) -> str:
        """The text, if it is no longer than one that is typed at the desk, where the page shows and sends it again."""
        if self.at_desk and len(text) > LONGEST:
            raise ImproperlyConfigured(f"{self.name} must have at most {LONGEST} characters, not {len(text)}.")
        return text

    @abstractmethod
    def read(self, text: str) -> Value:
        """Turn the text of the environment, or of the default, into the value. Raises ImproperlyConfigured."""


class Switch(Variable[bool]):
    kind = "a switch: `on`, `true`, `yes` or `1`; `off`, `false`, `no` or `0`"

    def read(self, text: str) -> bool:
        # django-environ reads the environment itself, and takes the text where the variable is not set.
        return bool(django_environ.get_value(self.name, cast=bool, default=text, parse_default=True))


class Text(Variable[str]):
    """Any text, as it stands in the environment.

    django-environ does not read it, since that takes a text with a leading $ for the name of another variable. One
    secret key in fifty begins with a $.
    """

    kind = "text"

    def read(self, text: str) -> str:
        return text


@dataclass(kw_only=True)
class OneOf(Variable[str]):
    kind = "a word"
    choices: tuple[str, ...]

    def __post_init__(self) -> None:
        self.bounds = f"one of {', '.join(f'`{choice}`' for choice in self.choices)}"

    def read(self, text: str) -> str:
        if text in self.choices:
            return text
        raise ImproperlyConfigured(f"{self.name} must be one of {', '.join(self.choices)}, not {text!r}.")


class OneLine(Variable[str]):
    """A text that stands in a mail's headers, where a second line would be a header of its own."""

    kind = "text of one line"

    def read(self, text: str) -> str:
        if forbidden_characters(text):
            raise ImproperlyConfigured(f"{self.name} must be one line without control characters, not {text!r}.")
        if self.default and not text.strip():
            raise ImproperlyConfigured(f"{self.name} must not be empty. Without it, it is {self.default!r}.")
        return text


@dataclass(kw_only=True)
class WholeNumber(Variable[int]):
    kind = "a whole number"
    between: tuple[int, int]
    """The least and the greatest number that is allowed."""

    def __post_init__(self) -> None:
        least, most = self.between
        self.bounds = f"from {least} to {most}"

    def read(self, text: str) -> int:
        least, most = self.between
        if text.isascii() and text.isdigit() and least <= int(text) <= most:
            return int(text)
        raise ImproperlyConfigured(f"{self.name} must be a whole number {self.bounds}, not {text!r}.")


def separated(text: str) -> list[str]:
    """The entries of a list, which commas separate. An empty one is none."""
    return [part.strip() for part in text.split(",") if part.strip()]


class Hours(Variable[list[int]]):
    kind = "whole numbers from 1 to 720, separated by commas"

    def read(self, text: str) -> list[int]:
        parts = separated(text)
        for part in parts:
            if not (part.isascii() and part.isdigit() and 1 <= int(part) <= 720):
                raise ImproperlyConfigured(
                    f"{self.name} must be whole numbers from 1 to 720, like '48, 2', not {part!r}."
                )
        return [int(part) for part in parts]


class MailServer(Variable[dict[str, Any]]):
    """Django's settings for sending mail, read from one address."""

    kind = "the address of a mail server"

    def read(self, text: str) -> dict[str, Any]:
        if not text:
            return {}
        try:
            server = dict(django_environ.email_url_config(text))
            return {**server, "EMAIL_HOST": hosts.ascii_host(self.name, server["EMAIL_HOST"] or "")}
        except (ImproperlyConfigured, ValueError):
            # The address holds a password, and the first exception may repeat it: neither is shown.
            raise ImproperlyConfigured(
                f"{self.name} must be an address like smtp+tls://user:password@smtp.example.org:587."
            ) from None


class SentryDsn(Variable[str]):
    kind = "the DSN of a project, as Sentry shows it"

    def read(self, text: str) -> str:
        if not text or re.fullmatch(r"https?://[^\s/@]+@[^\s/@]+/(\S+/)?\d+", text):
            return text
        # It holds a key, so it is not shown.
        raise ImproperlyConfigured(f"{self.name} must be an address like https://key@o1.ingest.sentry.io/42.")


class Database(Variable[dict[str, Any]]):
    """An entry of Django's DATABASES, read from one address."""

    kind = "a `sqlite:///` or `postgres://` address"

    def read(self, text: str) -> dict[str, Any]:
        # django-environ reads the environment itself, and takes the text where the variable is not set.
        database = dict(django_environ.db(self.name, text))
        match database.get("ENGINE"):
            case "django.db.backends.sqlite3":
                return database
            case "django.db.backends.postgresql":
                # The host may be a socket's folder, as in `postgres://user@%2Fvar%2Frun%2Fpostgresql/name`, and is
                # still quoted here.
                return {**database, "HOST": unquote(database["HOST"])}
        raise ImproperlyConfigured(f"{self.name} must be a sqlite:/// or postgres:// address.")
