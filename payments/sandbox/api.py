"""The HTTP API: one operation for each method and path."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from booking import floods
from payments.sandbox import (
    checkout,
    disputes,
    expansion,
    faults,
    lists,
    objects,
    parameters,
    refunds,
    webhooks,
    wire,
)
from payments.sandbox.idempotency import Answer, answer_once, fingerprint
from payments.sandbox.models import Body, StripeObject
from payments.sandbox.wire import ApiRequest, StripeError

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Operation:
    """`accept` checks the parameters and changes nothing; `answer` acts on what `accept` returned."""

    accept: Callable[[Body], Body]
    answer: Callable[..., Body]


def endpoint(**operations: Operation) -> View:
    """A view that answers each of the HTTP methods named with an operation."""

    @floods.uncounted
    @csrf_exempt
    @faults.unreliable
    def view(request: HttpRequest, **ids: str) -> HttpResponse:
        request_id = wire.new_id("req", 14)
        try:
            operation = operations.get(request.method or "")
            answer = run(request, request_id, operation, ids)
        except StripeError as error:
            answer = Answer(error.status, error.body)
        return wire.respond(request, request_id, answer.status, answer.body, **headers_of(answer))

    return view


def headers_of(answer: Answer) -> dict[str, str]:
    """The headers that mark an answer that is given again, and those that say not to repeat a call that failed."""
    replay = {"Idempotent_Replayed": "true", "Original_Request": answer.replay_of} if answer.replay_of else {}
    return {**replay, "Stripe_Should_Retry": "false"} if answer.status == 500 else replay


def run(request: HttpRequest, request_id: str, operation: Operation | None, ids: dict[str, str]) -> Answer:
    if operation is None:
        raise wire.unrecognized_url(request)
    wire.authenticate(request)
    given = wire.parameters(request)
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    accept = partial(operation.accept, given)
    answer = partial(operation.answer, ApiRequest(request_id, key), **ids)
    if key:
        work = faults.with_saved_failures(request, answer)
        return answer_once(key, fingerprint("POST", request.path, given), request_id, accept, work)
    return Answer(200, answer(accept()))


def accept_new_session(given: Body) -> Body:
    accepted = parameters.session(given, int(time.time()))
    expansion.check("checkout.session", accepted.get("expand", []))
    return accepted


def accept_expand(kind: str) -> Callable[[Body], Body]:
    parse = parameters.hash_of(parameters.EXPAND)

    def accept(given: Body) -> Body:
        accepted: Body = parse(given, "")
        expansion.check(kind, accepted.get("expand", []))
        return accepted

    return accept


def accept_page(given: Body) -> Body:
    parse = parameters.hash_of({"limit": parameters.integer(least=1, most=100), "starting_after": parameters.text()})
    accepted: Body = parse(given, "")
    return accepted


def list_webhook_endpoints(cause: ApiRequest, accepted: Body) -> Body:
    """List the only endpoint that there is: the site's. No other can be created."""
    return wire.list_of([objects.webhook_endpoint(sorted(webhooks.SUBSCRIBED_EVENTS))], "/v1/webhook_endpoints")


def create_session(cause: ApiRequest, accepted: Body) -> Body:
    with transaction.atomic():
        return shown(checkout.create(accepted, int(time.time())), accepted)


def retrieve_session(cause: ApiRequest, accepted: Body, session: str) -> Body:
    return shown(checkout.retrieve(session), accepted)


def expire_session(cause: ApiRequest, accepted: Body, session: str) -> Body:
    return shown(checkout.expire(session, cause), accepted)


def list_line_items(cause: ApiRequest, accepted: Body, session: str) -> Body:
    return expansion.list_line_items(checkout.retrieve(session).pk, **accepted)


def accept_new_refund(given: Body) -> Body:
    accepted = parameters.refund(given)
    expansion.check("refund", accepted.get("expand", []))
    return accepted


def create_refund(cause: ApiRequest, accepted: Body) -> Body:
    return shown(refunds.create(accepted, cause), accepted)


def accept_evidence(given: Body) -> Body:
    accepted: Body = parameters.EVIDENCE(given, "")
    expansion.check("dispute", accepted.get("expand", []))
    return accepted


def submit_evidence(cause: ApiRequest, accepted: Body, dispute: str) -> Body:
    evidence = accepted.get("evidence", {}).get("uncategorized_text", "")
    return shown(disputes.submit_evidence(dispute, evidence, cause), accepted)


def close_dispute(cause: ApiRequest, accepted: Body, dispute: str) -> Body:
    return shown(disputes.submit_evidence(dispute, disputes.LOSING, cause), accepted)


def list_of(kind: str, url: str) -> Operation:
    return Operation(partial(lists.accept, kind), lambda cause, accepted: lists.answer(kind, url, accepted))


def retrieve_object(kind: str, param: str) -> Callable[..., Body]:
    def answer(cause: ApiRequest, accepted: Body, **ids: str) -> Body:
        found = StripeObject.objects.filter(pk=ids[param], type=kind).first()
        if found is None:
            raise wire.no_such(kind, ids[param], param=param)
        return shown(found, accepted)

    return answer


def shown(subject: StripeObject, accepted: Body) -> Body:
    return expansion.expand(subject.body, accepted.get("expand", []))


checkout_sessions = endpoint(
    POST=Operation(accept_new_session, create_session), GET=list_of("checkout.session", "/v1/checkout/sessions")
)
checkout_session = endpoint(GET=Operation(accept_expand("checkout.session"), retrieve_session))
checkout_session_expire = endpoint(POST=Operation(accept_expand("checkout.session"), expire_session))
checkout_session_line_items = endpoint(GET=Operation(accept_page, list_line_items))
payment_intent = endpoint(GET=Operation(accept_expand("payment_intent"), retrieve_object("payment_intent", "intent")))
charge = endpoint(GET=Operation(accept_expand("charge"), retrieve_object("charge", "charge")))
refund = endpoint(GET=Operation(accept_expand("refund"), retrieve_object("refund", "refund")))
all_refunds = endpoint(POST=Operation(accept_new_refund, create_refund), GET=list_of("refund", "/v1/refunds"))
payment_intents = endpoint(GET=list_of("payment_intent", "/v1/payment_intents"))
charges = endpoint(GET=list_of("charge", "/v1/charges"))
events = endpoint(GET=list_of("event", "/v1/events"))
event = endpoint(GET=Operation(accept_expand("event"), retrieve_object("event", "id")))
balance_transactions = endpoint(GET=list_of("balance_transaction", "/v1/balance_transactions"))
balance_transaction = endpoint(
    GET=Operation(accept_expand("balance_transaction"), retrieve_object("balance_transaction", "id"))
)
all_disputes = endpoint(GET=list_of("dispute", "/v1/disputes"))
dispute = endpoint(
    GET=Operation(accept_expand("dispute"), retrieve_object("dispute", "dispute")),
    POST=Operation(accept_evidence, submit_evidence),
)
webhook_endpoints = endpoint(GET=Operation(accept_page, list_webhook_endpoints))
dispute_close = endpoint(POST=Operation(accept_expand("dispute"), close_dispute))
unrecognized = endpoint()
