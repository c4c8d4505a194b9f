"""What the header of the desk needs to know."""

from django import template
from django.contrib.auth.models import AnonymousUser, User

from staff import access

register = template.Library()


@register.filter
def pages_of(user: User | AnonymousUser) -> list[tuple[str, str]]:
    """The label and the address of each page that somebody may open."""
    return access.pages_of(user)
