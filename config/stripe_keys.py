"""Stripe's keys: which mode one is of, and those of a public demo, which has no Stripe account."""

import hmac

from django.core.exceptions import ImproperlyConfigured


def mode(name: str, key: str, *kinds: str) -> str:
    """`test` or `live`, as the key's own beginning says. Its kinds are `sk` and `rk` for secret keys, `pk` for public.

    Raises ImproperlyConfigured for what is no such key. The sentence names the variable, but not what it holds.
    """
    for test_or_live in ("test", "live"):
        if key.startswith(tuple(f"{kind}_{test_or_live}_" for kind in kinds)):
            return test_or_live
    raise ImproperlyConfigured(f"{name} starts with {' or '.join(f'{kind}_test_' for kind in kinds)} (or _live_).")


def of_demo(prefix: str, purpose: str, secret_key: str) -> str:
    """A key that is the same in every process, and that nobody can guess without the site's SECRET_KEY."""
    return prefix + hmac.new(secret_key.encode(), purpose.encode(), "sha256").hexdigest()[:32]
