"""Parts of pages that are rendered once for everybody, and given again for as long as they would say the same."""

import re
from collections.abc import Hashable, Iterable
from functools import lru_cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
# The space before a line of a template. Browsers show none of it, and a part is given again a thousand times.
INDENTATION = re.compile(r"\n\s+")


@register.simple_tag
def remembered(template_name: str, shown: Hashable) -> SafeString:
    """Render a template that sees nothing but `shown`, or give again what it was rendered to for an equal value.

    So what is given again is never outdated: whatever it says is part of `shown`, which the page has read just now. The
    template must not ask the clock, the settings or the database either. While DEBUG is on, nothing is remembered, so
    that an edited template is seen at once.
    """
    return each_remembered(template_name, [shown])


@register.simple_tag
def each_remembered(template_name: str, all_shown: Iterable[Hashable]) -> SafeString:
    """Render the template for each of these in turn, or give again what it was rendered to."""
    render = rendered.__wrapped__ if settings.DEBUG else rendered
    language = translation.get_language()
    return mark_safe("".join(render(template_name, shown, language) for shown in all_shown))  # noqa: S308 - it is safe already


@lru_cache(maxsize=1024)
def rendered(template_name: str, shown: Hashable, language: str) -> SafeString:
    """Render it in the language that is active, which has to be given since it is part of what is remembered."""
    return mark_safe(INDENTATION.sub("\n", render_to_string(template_name, {"shown": shown})))  # noqa: S308 - a template has escaped it
