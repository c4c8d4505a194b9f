"""Every page, in every state in which a client can meet it.

A state has a name, words that stand on its page, and a function that leads the browser there, mostly by making rows.
Each module here adds its states to STATES when it is imported.
"""

# Each of these adds its states.
from tests.every_page.states import (  # noqa: F401
    appointments,
    choosing,
    desk_appointment,
    desk_away,
    desk_calendar,
    desk_caller,
    desk_day,
    desk_health,
    desk_links,
    desk_money,
    desk_opening,
    desk_people,
    desk_portrait,
    desk_settings,
    hosted,
    logins,
    mails,
    paying,
    receipts,
    refusals,
    waiting,
)
from tests.every_page.states.rows import LONG_ADDRESS, LONG_EMAIL, LONG_NAME
from tests.every_page.states.site import STATES, Site

__all__ = ["LONG_ADDRESS", "LONG_EMAIL", "LONG_NAME", "STATES", "Site"]
