"""The parameter `expand[]`, by which ids in an answer are replaced by the objects that they name."""

from collections.abc import Callable

from payments.sandbox import refunds, wire
from payments.sandbox.models import Body, StripeObject
from payments.sandbox.wire import StripeError

# For each type of object the keys that can be expanded, each with the type that is reached by it.
EXPANDABLE = {
    "checkout.session": {"line_items": "list", "payment_intent": "payment_intent"},
    "payment_intent": {"latest_charge": "charge"},
    "charge": {"balance_transaction": "balance_transaction", "payment_intent": "payment_intent", "refunds": "list"},
    "balance_transaction": {"source": "charge"},
    "event": {},
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "refund": {
        "balance_transaction": "balance_transaction",
        "charge": "charge",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
    },
}


def check(kind: str, paths: list[str]) -> None:
    """Refuse a path that leads nowhere. Stripe names the first segment that cannot be expanded, not the whole path."""
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
        expanded[name] = LISTS[name](body["id"]) if name in LISTS else fetched(expanded[name])
        if rest and expanded[name]:
            expanded[name] = expand(expanded[name], [rest])
    return expanded


def fetched(reference: str | Body | None) -> Body | None:
    if isinstance(reference, str):
        body: Body = StripeObject.objects.get(pk=reference).body
        return body
    return reference


def list_line_items(session_id: str, limit: int = 10, starting_after: str | None = None) -> Body:
    items: list[Body] = StripeObject.objects.get(pk=session_id).internal["line_items"]
    ids = [item["id"] for item in items]
    start = ids.index(starting_after) + 1 if starting_after in ids else 0
    page = items[start : start + limit]
    return wire.list_of(page, f"/v1/checkout/sessions/{session_id}/line_items", has_more=len(items) > start + limit)


LISTS: dict[str, Callable[[str], Body]] = {"line_items": list_line_items, "refunds": refunds.list_of_charge}
