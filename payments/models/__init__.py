from payments.models.payment import Heartbeat, Payment, Refund, WebhookEvent, new_idempotency_key, new_refund_key

__all__ = ["Heartbeat", "Payment", "Refund", "WebhookEvent", "new_idempotency_key", "new_refund_key"]
