"""Every call to Stripe's API. No other package imports the stripe SDK, and a test keeps it so.

Callers write `gateway.create_session(…)` and catch the exceptions of failures.py, never one of the SDK's. What an
answer means for an appointment is decided elsewhere: see settlement.py and reconciliation.py.

Make no call inside a database transaction, because an answer may take fifteen seconds. Where a person waits for the
answer, make the calls inside `within`, which limits how many seconds they may take.
"""

from payments.gateway.calls import client
from payments.gateway.deadlines import A_MOMENT, AS_LONG_AS_A_PAGE_WAITS, within
from payments.gateway.events import read_event
from payments.gateway.failures import (
    InvalidRequest,
    KeyRefused,
    RateLimited,
    SavedFailure,
    StripeUnavailable,
    WebhookRefused,
)
from payments.gateway.fees import FeeAtStripe, PageOfFees, list_fees
from payments.gateway.key_examination import (
    API_VERSION,
    WebhookEndpoint,
    examine_key,
    list_webhook_endpoints,
)
from payments.gateway.money import MoneyAtStripe, RefundAtStripe, create_refund, read_money
from payments.gateway.sessions import (
    Session,
    SessionAtStripe,
    create_session,
    expire_session,
    list_sessions,
    retrieve_session,
    session_of,
)

__all__ = [
    "API_VERSION",
    "AS_LONG_AS_A_PAGE_WAITS",
    "A_MOMENT",
    "FeeAtStripe",
    "InvalidRequest",
    "KeyRefused",
    "MoneyAtStripe",
    "PageOfFees",
    "RateLimited",
    "RefundAtStripe",
    "SavedFailure",
    "Session",
    "SessionAtStripe",
    "StripeUnavailable",
    "WebhookEndpoint",
    "WebhookRefused",
    "client",
    "create_refund",
    "create_session",
    "examine_key",
    "expire_session",
    "list_fees",
    "list_sessions",
    "list_webhook_endpoints",
    "read_event",
    "read_money",
    "retrieve_session",
    "session_of",
    "within",
]
