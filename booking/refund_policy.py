"""A cancellation policy as data: `48h 100%, 24h 50%`. What comes of it for an appointment is in cancellation.py.

With that policy, a client who cancels 48 hours before the appointment or sooner gets all of the price back, from then
until 24 hours before it half of it, and later nothing. An empty policy never returns anything.
"""

import re
from functools import lru_cache
from itertools import pairwise

NOTICE_AND_SHARE = re.compile(r"(\d{1,4})h\s+(\d{1,3})%", re.ASCII)


@lru_cache
def parse(policy: str) -> tuple[tuple[int, int], ...]:
    """Read a policy as pairs of hours and percent, the longest notice first.

    Raises ValueError for a text that is no policy, whose pairs are not in that order, or that gives back as much or
    more for less notice.
    """
    found = [NOTICE_AND_SHARE.fullmatch(part.strip()) for part in policy.split(",") if part.strip()]
    shares = tuple((int(match[1]), int(match[2])) for match in found if match)
    falling = all(later < earlier for step in pairwise(shares) for earlier, later in zip(*step, strict=True))
    if len(shares) < len(found) or not falling or not all(0 < percent <= 100 for _, percent in shares):
        raise ValueError(policy)
    return shares
