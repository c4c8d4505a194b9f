"""What may go wrong with a call to Stripe, told apart by what the caller can do about it.

None of these exceptions carries Stripe's own message, which may repeat what a client typed or a part of our secret key.
"""

from django.utils.translation import gettext as _


class StripeUnavailable(Exception):
    """Stripe did not answer, or its answer does not say what happened, so the caller may conclude nothing from it.

    Its text is what the client reads. `reason` is what staff and the ledger of events read, and `remedy` tells staff
    what to do.
    """

    reason = "Stripe could not be asked about it."
    remedy = "Try again in a minute."

    def __str__(self) -> str:
        return _("Stripe cannot be reached at the moment. Your time is still kept. Try again in a minute.")


class RateLimited(StripeUnavailable):
    """Stripe answered 429: it wants fewer calls from us, whatever they are about."""


class SameCallUnderWay(StripeUnavailable):
    """Stripe answered 409: it is still at work on the same call, made under the same idempotency key by another tab."""


class SavedFailure(StripeUnavailable):
    """Stripe failed and saved that answer under the call's idempotency key, where it stays for a day.

    Repeated under the same key the call only gets the same answer, so it needs another key. What it asked for may have
    been done all the same.
    """


class KeyRefused(StripeUnavailable):
    """Stripe refuses our secret key, or the key lacks a permission: until somebody mends that, no call will succeed."""

    remedy = "Whoever runs this site mends that in Stripe’s dashboard, under API keys."

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = f"Stripe refuses our secret key: {reason}."

    def __str__(self) -> str:
        return _(
            "Payment is not available just now. Nothing was charged, and your time is still kept. Please get in touch "
            "with us."
        )


class InvalidRequest(Exception):
    """Stripe answered 400 or 404: it refuses this very call and always will. `code` and `param` are Stripe's."""

    def __init__(self, code: str, param: str) -> None:
        super().__init__(f"{code} {param}".strip())
        self.code, self.param = code, param


class WebhookRefused(Exception):
    """A request to our webhook that Stripe did not sign for us, that it signed too long ago, or that cannot be read."""
