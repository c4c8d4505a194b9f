"""Requests that are refused before any view sees them: from elsewhere while DEBUG is on, too large, or too many."""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from booking import floods, limits
from booking.limits import TooOften
from config import hosts
from config.errors import answer, database_failed, is_program
from config.logs import GetResponse

FROM_ELSEWHERE = """\
DEBUG is on, so this site answers nobody but the machine it runs on.
This request came from elsewhere, or through a proxy.

To serve others, set DEBUG=off, and SECRET_KEY, ALLOWED_HOSTS and SITE_URL as docs/settings.md says.
To look at a development site from another machine, bring its port there: ssh -L 8000:127.0.0.1:8000 this-machine
"""


def loopback_only(get_response: GetResponse) -> GetResponse:
    """While DEBUG is on, answer nobody but this machine, whatever name the Host header gives.

    Pages of errors show the code then, and the keys of the sandbox are known to everybody.
    """
    if not settings.DEBUG:
        raise MiddlewareNotUsed

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_from_elsewhere(request):
            return HttpResponse(FROM_ELSEWHERE, status=403, content_type="text/plain")
        return get_response(request)

    return middleware


def is_from_elsewhere(request: HttpRequest) -> bool:
    """Whether the request was sent by another machine, or may have been, as it came through a proxy.

    Browsers have not spoken HTTP/1.0 for decades, but nginx does to the server behind it, and names no client unless
    it is told to.
    """
    came_from = [request.META.get("REMOTE_ADDR", ""), *forwarded_for(request)]
    return request.META.get("SERVER_PROTOCOL") == "HTTP/1.0" or not all(map(hosts.is_loopback, came_from))


def forwarded_for(request: HttpRequest) -> list[str]:
    """Every address from which proxies say that the request came."""
    names = [*request.headers.get("X-Forwarded-For", "").split(","), request.headers.get("X-Real-IP", "")]
    names += re.findall(r'\bfor="?([^";,\s]*)', request.headers.get("Forwarded", ""), re.IGNORECASE)
    return [limits.without_port(name.strip()) for name in names if name.strip()]


def permissions_policy(get_response: GetResponse) -> GetResponse:
    """Tell the browser with each page which of its abilities none of ours uses, so that no script in one could."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.get("Content-Type", "").startswith("text/html"):
            response["Permissions-Policy"] = settings.PERMISSIONS_POLICY
        return response

    return middleware


class TooMuch:
    """A middleware that refuses a body that is too large, and POSTs of a network that sends too many of them.

    Both are refused before the body is read. A flood of GETs is for the proxy in front to stop, since a count of them
    would be a write to the database for each page.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if announced_bytes(request) > most_bytes(request, view):
            return too_large(request, view)
        if request.method == "POST" and floods.is_counted(view):
            return refuse_flood(request)
        return None


def announced_bytes(request: HttpRequest) -> int:
    """The length of the body. Django reads no more of it than this, and nothing if it is no number."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def most_bytes(request: HttpRequest, view: Callable[..., HttpResponse]) -> int:
    """How large a body may be: as large as a file, where a view takes one and it is from somebody who works here."""
    if takes_a_file(view) and request.user.is_authenticated:
        return settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def takes_a_file(view: Callable[..., HttpResponse]) -> bool:
    return getattr(view, "takes_a_file", False)


def too_large(request: HttpRequest, view: Callable[..., HttpResponse]) -> HttpResponse:
    heading = _("That is more than we can take at once")
    if is_program(request):
        return answer(request, 413, heading, _("Nothing was changed. Send one small JSON object."))
    if not takes_a_file(view):
        sentence = _("Nothing was changed. Go back, shorten what you typed, and try once more.")
    elif request.user.is_authenticated:
        sentence = _("Nothing was changed. Go back, and choose a picture of up to 10 MB.")
    else:
        heading, sentence = _("You are signed out"), _("Nothing was changed. Sign in, and choose the picture again.")
    return answer(request, 413, heading, sentence)


def refuse_flood(request: HttpRequest) -> HttpResponse | None:
    """Count the POST. Returns an answer if it may not be executed, and None if it may."""
    try:
        floods.count_post(request)
    except TooOften as refusal:
        return too_often(request, refusal)
    except DatabaseError as error:
        # Django asks `process_exception` about views only, and this is none.
        if response := database_failed(request, error):
            return response
        raise
    return None


def too_often(request: HttpRequest, refusal: TooOften) -> HttpResponse:
    to_people, to_programs = (
        _(
            "Nothing was changed. More came from your network than we take in a minute. Wait a moment, go back, and "
            "try again: what you typed is still there."
        ),
        _(
            "Nothing was changed. More came from your network than we take in a minute. Send it again after as many "
            "seconds as Retry-After says."
        ),
    )
    sentence = to_programs if is_program(request) else to_people
    response = answer(request, 429, _("That was too much at once"), sentence)
    response["Retry-After"] = refusal.retry_after
    return response
