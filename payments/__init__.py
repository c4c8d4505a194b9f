"""Taking money with Stripe Checkout, and returning it. This app imports booking; booking never imports this app.

The walk of a payment, and where each part of it is told:

- Somebody presses Pay: `views.checkout` calls `checkout.open_session`, which calls Stripe through `gateway`.
- Stripe sends an event: `views.webhook` stores it in the `ledger`, and `settlement.settle` asks Stripe and confirms the
  appointment. When the client comes back from Stripe's page, `views.success` calls the same `settle`.
- An appointment is cancelled: booking sends a signal, `refunds` returns the money and `closing` closes the session.
- Money that is taken at the practice is written down in `takings`; Stripe has nothing to do with it.
- Somebody asks for a receipt: `receipt_pages` shows it, and `receipts` numbers it and copies what is true then.
- What was cut off on the way is done by `manage.py tick`, which takes the rows in `turns`.

Some words have one meaning here. An appointment is *held* while its time is kept for a client who has still to pay, and
*lapses* if its hold ends unpaid. A payment is *awaited* until Stripe says how it ends, and *settled* when we have asked
and acted on the answer. A refund or a mail is *owed* when its row is written and it is still to be sent.

Whether all of it went right is proved by `audit`. The states and the reasons are in docs/payments.md.
"""
