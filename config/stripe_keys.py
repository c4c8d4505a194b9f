"""Stripe's keys: whether a key is for test or live mode, and made-up keys for a public demo without an account."""

import hmac

from django.core.exceptions import ImproperlyConfigured


def mode(name: str, key: str, *kinds: str) -> str:
    """`test` or `live`, as the key's beginning says. `kinds` are `sk` and `rk` for secret keys, `pk` for public ones.

    Raises ImproperlyConfigured for a text that is no such key. The message names the variable, but not its value.
    """
    for test_or_live in ("test", "live"):
        if key.startswith(tuple(f"{kind}_{test_or_live}_" for kind in kinds)):
            return test_or_live
    raise ImproperlyConfigured(f"{name} starts with {' or '.join(f'{kind}_test_' for kind in kinds)} (or _live_).")


def of_demo(prefix: str, purpose: str, secret_key: str) -> str:
    """A key for a public demo. It is the same in every process, and nobody can guess it without the SECRET_KEY."""
    return prefix + hmac.new(secret_key.encode(), purpose.encode(), "sha256").hexdigest()[:32]
