"""A Stripe of our own, for a site without an account there: its API, its hosted payment page and its signed webhooks.

The product calls it over HTTP with the official SDK and knows nothing of it. No money moves. What of Stripe is missing
here is refused and never ignored.
"""
