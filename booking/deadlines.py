"""Until when a time that staff have booked for somebody is kept unpaid: the deadlines that they can choose."""

from datetime import datetime


class NoDeadline(ValueError):
    """Nobody could be asked to pay by then. The message is a sentence for staff."""


def require(deadline: datetime, begins: datetime, now: datetime) -> None:
    """Raise NoDeadline if it is over, or if the appointment begins before it."""
    if deadline <= now:
        raise NoDeadline("That deadline is over. Choose a later one.")
    if deadline > begins:
        raise NoDeadline("The appointment begins before that deadline. Choose an earlier one.")
