"""Floods of POSTs: what changes something is counted by the network it comes from, in rows that all processes share."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from booking.limits import network_of
from booking.models import Limit, Tries

MINUTE = timedelta(minutes=1)


def count_post(request: HttpRequest) -> None:
    """Count a POST against the limit of its network; clients whose network nobody can tell count as one.

    Staff have no limit. Raises TooOften.
    """
    network = network_of(request)
    if network is not None:
        Tries.objects.take(Limit("post", settings.POSTS_PER_MINUTE, MINUTE), network, timezone.now())


def uncounted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view for programs that prove by a signature or a key who they are. Their POSTs are not counted."""
    view.posts_are_counted = False  # type: ignore[attr-defined]  # a mark of ours, which mypy cannot know
    return view


def is_counted(view: Callable[..., HttpResponse]) -> bool:
    return getattr(view, "posts_are_counted", True)
