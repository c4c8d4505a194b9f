"""What the header of the desk needs to know."""

from typing import Literal

from django import template
from django.template import Context

from staff import access

register = template.Library()


@register.simple_tag(takes_context=True)
def pages_of_desk(context: Context) -> list[tuple[str, str, Literal["page", "true", ""]]]:
    """The label and the address of each page that somebody may open, and whether it is the present one.

    That is what `aria-current` says: `page` on the page itself, and `true` on a page below it.
    """
    request = context["request"]
    pages = access.pages_of(request.user)
    return [(label, address, nearness(address, request.path)) for label, address in pages]


def nearness(address: str, path: str) -> Literal["page", "true", ""]:
    """How near a page is to the present path. All pages of the desk are below the day, so that is only itself."""
    if address == path:
        return "page"
    return "true" if path.startswith(address) and address != access.address_of("staff:day") else ""
