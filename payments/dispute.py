"""Stripe's statuses of a dispute: https://docs.stripe.com/api/disputes/object#dispute_object-status."""

# A dispute that is not decided. Until then the bank has the money, and we return none.
DISPUTED = ("needs_response", "under_review", "appeal_needs_response", "appeal_under_review")
# An inquiry: the bank asks and has taken nothing. Returning all of the money ends it.
INQUIRED = ("warning_needs_response", "warning_under_review")
# The bank keeps the money.
LOST = "lost"
# A dispute or an inquiry that is over.
DECIDED = ("won", LOST, "warning_closed", "prevented")
# The disputes in which a bank holds the money, or has taken it for good.
HELD_BY_A_BANK = (*DISPUTED, LOST)
