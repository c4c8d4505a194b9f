"""Lists of objects: the newest first, a page at a time, from before or after an object that the caller names."""

from typing import Any

from django.db.models import Q, QuerySet

from payments.sandbox import expansion, parameters, wire
from payments.sandbox.models import Body, StripeObject
from payments.sandbox.wire import no_such

# The keys of each kind of object by which a list may be filtered, beside `created`.
FILTERS = {
    "checkout.session": ("payment_intent", "status"),
    "payment_intent": (),
    "charge": ("payment_intent",),
    "refund": ("charge", "payment_intent"),
    "dispute": ("charge", "payment_intent"),
    "event": ("type",),
    "balance_transaction": ("currency", "source", "type"),
}
MOMENT = parameters.integer(least=0)
AGE = parameters.hash_of(dict.fromkeys(("gt", "gte", "lt", "lte"), MOMENT))


def age(value: Any, param: str) -> Body:
    """The parameter `created` as Django's look-ups: a moment in seconds since 1970, or bounds to it."""
    bounds = AGE(value, param) if isinstance(value, dict) else {"exact": MOMENT(value, param)}
    return {f"created__{bound}": moment for bound, moment in bounds.items()}


def accept(kind: str, given: Body) -> Body:
    page = {"limit": parameters.integer(least=1, most=100), "created": age}
    page |= dict.fromkeys(("starting_after", "ending_before"), parameters.text())
    chosen = dict.fromkeys(FILTERS[kind], parameters.text())
    accepted: Body = parameters.hash_of({**parameters.EXPAND, **page, **chosen})(given, "")
    accepted["expand"] = [path.removeprefix("data.") for path in accepted.get("expand", [])]
    expansion.check(kind, accepted["expand"])
    return accepted


def answer(kind: str, url: str, accepted: Body) -> Body:
    chosen = {f"body__{name}": accepted[name] for name in FILTERS[kind] if name in accepted}
    rows = StripeObject.objects.filter(type=kind, **chosen, **accepted.get("created", {})).order_by("-created", "-pk")
    limit = accepted.get("limit", 10)
    found = list(page(rows, kind, accepted)[: limit + 1])
    data = [expansion.expand(row.body, accepted["expand"]) for row in found[:limit]]
    newest_first = data[::-1] if "ending_before" in accepted else data
    return wire.list_of(newest_first, url, has_more=len(found) > limit)


def page(rows: QuerySet[StripeObject], kind: str, accepted: Body) -> QuerySet[StripeObject]:
    """The rows after or before the object that the caller names, beginning with those that are next to it."""
    if "ending_before" in accepted:
        anchor = anchor_of(kind, accepted, "ending_before")
        return rows.filter(Q(created__gt=anchor.created) | Q(created=anchor.created, pk__gt=anchor.pk)).reverse()
    if "starting_after" in accepted:
        anchor = anchor_of(kind, accepted, "starting_after")
        return rows.filter(Q(created__lt=anchor.created) | Q(created=anchor.created, pk__lt=anchor.pk))
    return rows


def anchor_of(kind: str, accepted: Body, param: str) -> StripeObject:
    anchor = StripeObject.objects.filter(type=kind, pk=accepted[param]).first()
    if anchor is None:
        raise no_such(kind, accepted[param], param=param)
    return anchor
