"""Small pieces around every request: health checks, settings, the last slash of an address, and answers to HEAD."""

from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse
from django.middleware.common import CommonMiddleware

from booking.in_force import in_force
from booking.models import PracticeSetting
from config.logs import GetResponse


def health(get_response: GetResponse) -> GetResponse:
    """Answer /healthz and /readyz before hosts are checked or https is enforced: a load balancer may use neither.

    /healthz says that this process answers; one that does not should be started again. /readyz says whether visitors
    may be sent here. While the database is away nobody should be, but no process needs to be started again for that.
    """
    answers = {"/healthz": head_like_get(alive), "/readyz": head_like_get(ready)}

    def middleware(request: HttpRequest) -> HttpResponse:
        return answers.get(request.path, get_response)(request)

    return middleware


def alive(request: HttpRequest) -> HttpResponse:
    return plain("ok")


def ready(request: HttpRequest) -> HttpResponse:
    """Say whether the database answers and has every migration of this code.

    It may have others too: they are applied before a release starts, and stay when that release is rolled back.
    """
    try:
        missing = own_migrations() - MigrationRecorder(connection).applied_migrations().keys()
    except DatabaseError:
        return plain("database unreachable", status=503)
    return plain(f"migrations not applied: {len(missing)}", status=503) if missing else plain("ok")


@cache
def own_migrations() -> frozenset[tuple[str, str]]:
    """The app and name of each migration that this code brings. Files of a running process do not change."""
    return frozenset(MigrationLoader(None).disk_migrations)


def plain(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain", headers={"Cache-Control": "no-store"})


def settings_in_force(get_response: GetResponse) -> GetResponse:
    """Have each request go by what the practice has set at its desk, from its beginning to its end."""

    def middleware(request: HttpRequest) -> HttpResponse:
        PracticeSetting.objects.keep_up()
        with in_force.unchanged():
            return get_response(request)

    return middleware


class LastSlash(CommonMiddleware):
    """CommonMiddleware that adds the last slash to an address for GET and HEAD only: a redirect would drop a body."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return request.method in ("GET", "HEAD") and super().should_redirect_with_slash(request)


def head_like_get(get_response: GetResponse) -> GetResponse:
    """Answer HEAD wherever GET is answered, also if a view knows only GET: with the same headers, and no body."""

    def middleware(request: HttpRequest) -> HttpResponse:
        method = request.method
        if method == "HEAD":
            request.method = "GET"
        response = get_response(request)
        request.method = method
        if method == "HEAD" and not response.streaming:
            response.content = b""
        if response.get("Allow") == "GET":
            response["Allow"] = "GET, HEAD"
        return response

    return middleware
