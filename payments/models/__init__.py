"""What we know of Stripe: a row for each Checkout Session, each refund, and each event that Stripe sent.

Beside these is a row for each amount that was taken at the practice, of which Stripe knows nothing, and for each
receipt.

All amounts in these rows are in minor units of the currency (cents), as in Stripe's API.
"""

from payments.models.examination import Examination
from payments.models.heartbeat import Heartbeat
from payments.models.payment import Payment, new_idempotency_key, sum_of_refunds
from payments.models.receipt import NumberedYear, Receipt
from payments.models.refund import Refund, new_refund_key
from payments.models.statements import lock_payment, mark_untouched, read_payments
from payments.models.taking import NeverEdited, Taking
from payments.models.webhook_event import WebhookEvent

__all__ = [
    "Examination",
    "Heartbeat",
    "NeverEdited",
    "NumberedYear",
    "Payment",
    "Receipt",
    "Refund",
    "Taking",
    "WebhookEvent",
    "lock_payment",
    "mark_untouched",
    "new_idempotency_key",
    "new_refund_key",
    "read_payments",
    "sum_of_refunds",
]
