"""The Idempotency-Key header on each POST of the API: a request that is sent again is answered as before.

A program whose request got no answer can send it again with the same key, and nothing is done twice.
https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import hashlib
import re
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from booking.api.problems import Problem
from booking.models import IdempotentRequest, KeyReused, UnderWay

IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED = "Idempotency-Key", "Idempotent-Replayed"
KEY_PATTERN = "^[!-~]{1,255}$"


def idempotent(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorate a view so that of several requests with one key, only the first is executed."""

    @wraps(view)
    def execute_or_replay(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        execute = partial(view, request, *args, **kwargs)
        if request.method != "POST" or IDEMPOTENCY_KEY not in request.headers:
            return execute()
        try:
            claimed = claim(request)
        except Problem as problem:
            return problem.response()
        if claimed.is_answered:
            headers = {**claimed.headers, IDEMPOTENT_REPLAYED: "true"}
            return HttpResponse(claimed.body, status=claimed.status, headers=headers)
        return execute_and_keep_answer(execute, claimed)

    return execute_or_replay


def claim(request: HttpRequest) -> IdempotentRequest:
    """Return the row of this key: answered before, or claimed for this request to be executed.

    Raises Problem if the key is malformed, came with another request before, or if the first one is still under way.
    """
    key = request.headers[IDEMPOTENCY_KEY]
    if not re.fullmatch(KEY_PATTERN, key):
        detail = _("%(header)s is up to 255 visible ASCII characters. Send a new UUID with each new request.")
        raise Problem(400, detail % {"header": IDEMPOTENCY_KEY})
    fingerprint = hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.body).hexdigest()
    try:
        return IdempotentRequest.objects.claim(key, fingerprint)
    except KeyReused:
        detail = _("This %(header)s came with another request before. Send a new one with a new request.")
        raise Problem(422, detail % {"header": IDEMPOTENCY_KEY}) from None
    except UnderWay:
        detail = _("The first request with this %(header)s is still being executed. Send it again in a moment.")
        raise Problem(409, detail % {"header": IDEMPOTENCY_KEY}, headers={"Retry-After": "1"}) from None


def execute_and_keep_answer(execute: Callable[[], HttpResponse], claimed: IdempotentRequest) -> HttpResponse:
    """Execute the request, and keep its answer if it was a success or a conflict (409).

    Other refusals come before anything is done, so the key is free again. After a failure nobody knows how far the
    request came, so it may be executed again at once.
    """
    try:
        response = execute()
    except Exception:
        claimed.give_up()
        raise
    if response.status_code >= 500:
        claimed.give_up()
    elif response.status_code < 400 or response.status_code == 409:
        claimed.keep_answer(response.status_code, dict(response.headers), response.content.decode())
    else:
        claimed.forget()
    return response


def reference_for(request: HttpRequest) -> str:
    """The reference for the appointment that this request books; empty if the request brings no key.

    It belongs to the key, so a request that is executed again after its process died finds what it booked before.
    """
    if IDEMPOTENCY_KEY not in request.headers:
        return ""
    return IdempotentRequest.objects.reference_for(request.headers[IDEMPOTENCY_KEY])
