"""Taking money with Stripe Checkout, and returning it. This app imports booking; booking never imports this app.

The walk of a payment, and where each part of it is told:

- Somebody presses Pay: `views.checkout` calls `checkout.open_session`, which calls Stripe through `gateway`.
- Stripe sends an event: `views.webhook` stores it in the `ledger`, and `settlement.settle` asks Stripe, confirms the
  appointment and thereby owes the mail. Back from Stripe's page, `views.success` calls the same `settle`.
- An appointment is cancelled: booking sends a signal, `refunds` returns the money and `closing` closes the session.
- What was cut off on the way is done by `manage.py tick`, which takes the rows in `turns`.

Whether all of it went right is proved by `audit`. The states and the reasons are in docs/payments.md.
"""
