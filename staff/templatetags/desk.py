"""What pages of the desk need to know: which page of its menu is open, and by whose clock a time is written."""

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from django import template
from django.http import HttpRequest
from django.template import Context

from booking import zones
from booking.in_force import in_force
from booking.templatetags.wording import zone_city
from staff import access

register = template.Library()
# The pages of one service or provider whose addresses are not below that of the page to which they belong.
BELONG_TO_SERVICES = ("staff:provider", "staff:add-service", "staff:add-provider")


@register.simple_tag(takes_context=True)
def pages_of_desk(context: Context) -> list[tuple[str, str, Literal["page", "true", ""]]]:
    """The label and the address of each page that somebody may open, and whether it is the present one.

    That is what `aria-current` says: `page` on the page itself, and `true` on a page below it.
    """
    request = context["request"]
    pages = access.pages_of(request.user)
    return [(label, address, nearness(address, request)) for label, address in pages]


def nearness(address: str, request: HttpRequest) -> Literal["page", "true", ""]:
    """How near a page is to the present one. All pages of the desk are below the day, so that is only itself."""
    if address == request.path:
        return "page"
    below = request.path.startswith(address) and address != access.address_of("staff:day")
    return "true" if below or (address == access.address_of("staff:services") and is_of_services(request)) else ""


def is_of_services(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.view_name in BELONG_TO_SERVICES


@register.filter
def clock_elsewhere(zone: ZoneInfo, moment: datetime) -> str:
    """Name a zone as `Madrid time` where its clock is not the practice's at that moment, or else return nothing."""
    return zone_city(zone, moment) if zones.differ(zone, in_force.zone, moment) else ""
