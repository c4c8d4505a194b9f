"""Idempotency-Key on each POST of the API: a request that comes again is answered as before, and nothing is done twice.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import hashlib
import re
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from booking.api.problems import Problem
from booking.models import IdempotentRequest, KeyReused, UnderWay

KEY, REPLAYED = "Idempotency-Key", "Idempotent-Replayed"
KEY_PATTERN = "^[!-~]{1,255}$"
Execute = Callable[[], HttpResponse]


def once(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        execute = partial(view, request, *args, **kwargs)
        if request.method != "POST" or KEY not in request.headers:
            return execute()
        try:
            claimed = claim(request)
        except Problem as problem:
            return problem.response()
        return replay(claimed) if claimed.is_answered else answer(claimed, execute)

    return guarded


def claim(request: HttpRequest) -> IdempotentRequest:
    """Raises Problem."""
    key = request.headers[KEY]
    if not re.fullmatch(KEY_PATTERN, key):
        raise Problem(400, f"{KEY} is up to 255 visible ASCII characters. Send a new UUID with each new request.")
    try:
        return IdempotentRequest.objects.claim(key, fingerprint(request))
    except KeyReused:
        raise Problem(422, f"This {KEY} came with another request before. Send a new one with a new request.") from None
    except UnderWay:
        detail = f"The first request with this {KEY} is still being executed. Send it again in a moment."
        raise Problem(409, detail, headers={"Retry-After": "1"}) from None


def fingerprint(request: HttpRequest) -> str:
    return hashlib.sha256(f"{request.method} {request.path}\n".encode() + request.body).hexdigest()


def replay(answered: IdempotentRequest) -> HttpResponse:
    headers = {**answered.headers, REPLAYED: "true"}
    return HttpResponse(answered.body, status=answered.status, headers=headers)


def answer(claimed: IdempotentRequest, execute: Execute) -> HttpResponse:
    """Kept if something was executed: other refusals come before that, and a failure may come at any time."""
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
    """What the appointment that this request makes is called, if it brings a key; see `once`."""
    return IdempotentRequest.objects.reference_for(request.headers[KEY]) if KEY in request.headers else ""
