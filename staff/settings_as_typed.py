"""A practice's settings as its owners type and read them: each is a text, as it would be written in the environment."""

from collections.abc import Mapping
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from booking import customs

Texts = Mapping[str, str | None]
"""What is set at the desk, by the names of settings. None is what was left to the environment."""


class Step(NamedTuple):
    """A setting that changes: what it was and what it becomes, in words."""

    name: str
    was: str
    becomes: str


def of_environment(name: str) -> str:
    """What the environment says of a setting. Of the grid it says nothing unless it was set there."""
    if name == "SLOT_STEP_MINUTES" and not settings.EVERY_TIME_IS_SHOWN:
        return ""
    value = getattr(settings, name)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def in_force_by(texts: Texts, name: str) -> str:
    """What is in force of a setting when these texts are set. One that cannot be read is not in force."""
    text = texts.get(name)
    return of_environment(name) if text is None or not is_readable(name, text) else text


def is_readable(name: str, text: str) -> bool:
    try:
        settings.SET_AT_THE_DESK[name].read(text)
    except ImproperlyConfigured:
        return False
    return True


def in_words(name: str, text: str) -> str:
    if name == "SLOT_STEP_MINUTES" and not text:
        return _("one time for the length of each visit")
    if name == "PRACTICE_COUNTRY":
        return country(text)
    return text or pgettext("setting", "nothing")


def country(code: str) -> str:
    return str(customs.locale().territories.get(code, code))


def is_policy_decided(texts: Texts) -> bool:
    """Whether anybody has said what comes back to who cancels, in the environment or at the desk."""
    return settings.POLICY_IS_DECIDED or "CANCELLATION_POLICY" in texts


def steps(changes: Texts, texts: Texts) -> list[Step]:
    """What these changes would do to what is set."""
    return [step(name, texts, {**texts, **changes}) for name in changes]


def step(name: str, before: Texts, after: Texts) -> Step:
    """What becomes of one setting between these texts and those."""
    return Step(name, in_words(name, in_force_by(before, name)), in_words(name, in_force_by(after, name)))
