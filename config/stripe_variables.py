"""What the site reads from the environment about Stripe: the account, or the embedded sandbox in place of it."""

from config import address_kinds, variable_kinds


class Stripe:
    """The practice's Stripe account. With `DEBUG` off, key and webhook secret are required but for a public demo."""

    STRIPE_SECRET_KEY = variable_kinds.Text(
        "The key with which the site calls Stripe. A live key needs `DEBUG` off.",
        bounds="begins with `sk_test_`, `sk_live_`, `rk_test_` or `rk_live_`",
        default_in_words="the embedded sandbox",
        example="rk_test_51Abc",
        secret=True,
    )
    STRIPE_WEBHOOK_SECRET = variable_kinds.Text(
        "The webhook endpoint's secret, which proves that an event comes from Stripe. "
        "Without it webhooks are answered 503, and only the success page and `tick` settle payments.",
        default_in_words="the embedded sandbox's",
        example="whsec_Abc",
        secret=True,
    )
    STRIPE_PUBLISHABLE_KEY = variable_kinds.Text(
        "Not used; only checked to be of the same mode (test or live) as the secret key.",
        bounds="begins with `pk_test_` or `pk_live_`",
        example="pk_test_51Abc",
    )
    STRIPE_API_BASE = address_kinds.Address(
        "Any server that speaks Stripe's API. With a test key it may be asked over plain http.",
        default="https://api.stripe.com",
        default_in_words="Stripe's own API, or the embedded sandbox",
        example="http://127.0.0.1:12111",
    )
    STRIPE_CHECKOUT_ORIGIN = address_kinds.Origin(
        "Your own domain for Stripe's Checkout page, if you have that add-on.",
        default="https://checkout.stripe.com",
        example="https://pay.example.org",
    )


class Sandbox:
    """The embedded Stripe sandbox, in which no money moves. It is on while there is no Stripe key."""

    STRIPE_SANDBOX = variable_kinds.Switch(
        "With `DEBUG` off and no key: a public demo is meant. With a key it must be off.",
        default="off",
        example="on",
    )
    STRIPE_SANDBOX_FAULTS = variable_kinds.Text(
        "Makes the sandbox misbehave, as networks and Stripe do now and then. The same `seed` repeats the same faults. "
        "With a key it must be empty.",
        bounds="`webhook.drop`, `webhook.duplicate`, `webhook.reorder`, `api.timeout`, `api.error`, `api.error_saved` "
        "and `api.missing` are probabilities from 0 to 1; `webhook.delay`, `api.slow` and `session.lifetime` are "
        "seconds, 0 or more; `seed` is a number, 0 or more",
        default_in_words="no faults",
        example="webhook.drop=0.3,api.slow=0.5,seed=7",
    )
    no_proxy = variable_kinds.Text(
        "Hosts that are called without the environment's proxy. The sandbox adds the site's own, which it calls.",
        example="localhost,10.0.0.5",
    )
    NO_PROXY = variable_kinds.Text(
        "The same, where `no_proxy` is empty.",
        example="localhost,10.0.0.5",
    )
