"""A sentence that is said once, with links to where somebody goes on."""

from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class Link(NamedTuple):
    address: str
    words: str


def with_links(sentence: str, *links: Link) -> SafeString:
    """A whole page is loaded, so that a link to a field leads there."""
    shown = format_html_join("", ' <a class="action" href="{}" hx-boost="false">{}</a>', links)
    return format_html("{}{}", sentence, shown)
