"""`expand[]`: ids replaced by the objects they name."""

from collections.abc import Callable

from payments.sandbox import objects, refunds
from payments.sandbox.models import Body, StripeObject
from payments.sandbox.wire import StripeError

EXPANDABLE = {
    "checkout.session": {"line_items": "list", "payment_intent": "payment_intent"},
    "payment_intent": {"latest_charge": "charge"},
    "charge": {"payment_intent": "payment_intent", "refunds": "list"},
    "event": {},
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "refund": {"charge": "charge", "payment_intent": "payment_intent"},
}


def check(kind: str, paths: list[str]) -> None:
    """Stripe names the first segment that leads nowhere, not the whole path."""
    for path in paths:
        reached = kind
        for name in path.split("."):
            if name not in EXPANDABLE.get(reached, {}):
                raise StripeError(f"This property cannot be expanded ({name}).")
            reached = EXPANDABLE[reached][name]


def expand(body: Body, paths: list[str]) -> Body:
    expanded = dict(body)
    for path in paths:
        name, _, rest = path.partition(".")
        expanded[name] = LISTS[name](body["id"]) if name in LISTS else the_object(expanded[name])
        if rest and expanded[name]:
            expanded[name] = expand(expanded[name], [rest])
    return expanded


def the_object(reference: str | Body | None) -> Body | None:
    if isinstance(reference, str):
        body: Body = StripeObject.objects.get(pk=reference).body
        return body
    return reference


def line_items(session_id: str, limit: int = 10, starting_after: str | None = None) -> Body:
    items: list[Body] = StripeObject.objects.get(pk=session_id).internal["line_items"]
    ids = [item["id"] for item in items]
    start = ids.index(starting_after) + 1 if starting_after in ids else 0
    page = items[start : start + limit]
    return objects.list_of(page, f"/v1/checkout/sessions/{session_id}/line_items", has_more=len(items) > start + limit)


LISTS: dict[str, Callable[[str], Body]] = {"line_items": line_items, "refunds": refunds.of_charge}
