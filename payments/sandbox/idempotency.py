"""The header Idempotency-Key: the answer to the first request with a key is kept, and given again to the others.

A request first claims the key, in a row. What it does and the answer to it are then written in one transaction, so a
process that dies meanwhile has done nothing, and another request may take its claim over.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from django.db import OperationalError, transaction
from django.utils import timezone

from booking.outage import is_away
from payments.sandbox.models import Body, IdempotentRequest
from payments.sandbox.wire import StripeError, unknown_error

logger = logging.getLogger(__name__)
Accepted = TypeVar("Accepted")

# Longer than a request takes: a claim so old without an answer was left behind by a process that died.
CLAIM_LASTS = timedelta(minutes=1)


@dataclass(frozen=True)
class Answer:
    status: int
    body: Body
    replay_of: str = ""
    """The id of the request that was answered first, if this is its answer again."""


def fingerprint(method: str, path: str, parameters: Body) -> str:
    asked = json.dumps([method, path, parameters], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()


def answer_once(
    key: str,
    fingerprint: str,
    request_id: str,
    validate: Callable[[], Accepted],
    execute: Callable[[Accepted], Body],
) -> Answer:
    """Execute a request, unless its key has an answer. If the request is not valid, the key may be used again."""
    row, fresh = claim(key, fingerprint, request_id)
    if row.status is not None:
        return Answer(row.status, row.body, replay_of=row.request_id)
    if not fresh:
        take_over(row)
    try:
        accepted = validate()
    except StripeError:
        row.delete()
        raise
    return execute_and_keep(row, lambda: execute(accepted))


def claim(key: str, fingerprint: str, request_id: str) -> tuple[IdempotentRequest, bool]:
    if len(key) > 255:
        raise StripeError("Idempotency keys must be at most 255 characters long.")
    row, fresh = IdempotentRequest.objects.get_or_create(
        key=key, defaults={"fingerprint": fingerprint, "request_id": request_id}
    )
    if row.fingerprint != fingerprint:
        raise StripeError(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request.",
            kind="idempotency_error",
        )
    return row, fresh


def take_over(row: IdempotentRequest) -> None:
    """Claim a key that a dead process left behind. As long as that process may be alive, it is a conflict (409)."""
    now = timezone.now()
    abandoned = IdempotentRequest.objects.filter(pk=row.pk, status=None, claimed_at__lt=now - CLAIM_LASTS)
    if not abandoned.update(claimed_at=now):
        raise StripeError(
            "There is currently another in-progress request using this Idempotent Key (that probably means you "
            f"submitted twice, and the other request is still going through): {row.key}. Please try again later.",
            status=409,
            kind="idempotency_error",
            code="idempotency_key_in_use",
        )


def execute_and_keep(row: IdempotentRequest, execute: Callable[[], Body]) -> Answer:
    try:
        with transaction.atomic():
            return keep(row, answer_to(execute))
    except OperationalError as error:
        if is_away(error):
            raise
        # A row stayed locked for too long. Nothing was done, so nothing is kept, and the key may be used again.
        row.delete()
        raise StripeError(
            "This object cannot be accessed right now because another API request or Stripe process is currently "
            "accessing it. Please retry the request.",
            status=429,
            code="lock_timeout",
        ) from error
    except Exception:
        # Stripe keeps a 500 as well, and repeats it.
        logger.exception("a sandbox request failed")
        return keep(row, Answer(500, unknown_error().body))


def answer_to(execute: Callable[[], Body]) -> Answer:
    try:
        return Answer(200, execute())
    except StripeError as error:
        return Answer(error.status, error.body)


def keep(row: IdempotentRequest, answer: Answer) -> Answer:
    row.status, row.body = answer.status, answer.body
    row.save(update_fields=["status", "body"])
    return answer
