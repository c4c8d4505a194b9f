"""Which languages a practice offers, and which of them is active.

A language is active by its tag, like `en-us`: the language and the country of the practice. For Django it is one of
settings.LANGUAGES, whose words come from the translations of `en`.
"""

from django.conf import settings
from django.utils import translation

from booking.in_force import in_force


def active() -> str:
    """The language that is active, without its country: `en`."""
    return of_tag(active_tag())


def of_practice() -> str:
    """The language of the practice itself, which is the first that it offers."""
    return of_tag(settings.LANGUAGE_CODE)


def of_tag(tag: str) -> str:
    return tag.partition("-")[0]


def active_tag() -> str:
    """The tag that is active, or the practice's own where none is, as in a command."""
    return translation.get_language() or practice_tag()


def practice_tag() -> str:
    return tag_of(of_practice())


def offered() -> list[tuple[str, str]]:
    """The languages that the practice offers, each with its own name: (`es`, `Español`)."""
    return [(of_tag(tag), name) for tag, name in settings.LANGUAGES]


def offered_tags() -> list[tuple[str, str]]:
    """The same languages by their tags: (`es-ie`, `Español`)."""
    return [(tag_of(language), name) for language, name in offered()]


def tag_of(language: str) -> str:
    """The tag under which that language is offered, or else the practice's first: an offer may have been withdrawn."""
    offered = (tag for tag, _ in settings.LANGUAGES if of_tag(tag) == language)
    tag = next(offered, settings.LANGUAGE_CODE)
    # The tags of the settings have the country of the environment.
    country = in_force.set_at_the_desk.values.get("PRACTICE_COUNTRY", "")
    return f"{of_tag(tag)}-{country.lower()}" if country else tag
