"""A Stripe of our own, for a site without an account there: its API, its hosted payment page and its signed webhooks.

The product calls it over HTTP with the official SDK, and does not know that it is not Stripe. No money moves. A call or
a parameter of Stripe's that the sandbox does not know is refused and never ignored.
"""
