"""Requests that are refused before any view sees them: those from elsewhere while DEBUG is on."""

import re

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from booking import limits
from config import hosts
from config.middleware import GetResponse

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
    """Tell the browser which of its abilities no page of ours uses, so that no script in one could."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Permissions-Policy"] = settings.PERMISSIONS_POLICY
        return response

    return middleware
