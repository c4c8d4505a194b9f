"""Stripe's own SDK, told to call the sandbox of a site."""

from stripe import StripeClient

KEY = "sk_test_sandbox"


def stripe_client(site: str, key: str = KEY, **options) -> StripeClient:
    """Return a client that calls the site at that address; `options` are those of the SDK."""
    return StripeClient(key, base_addresses={"api": f"{site}/stripe-sandbox"}, **options)
