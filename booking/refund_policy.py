"""A cancellation policy as data: `48h 100%, 24h 50%`. What comes of it for an appointment is in cancellation.py.

With that policy, a client who cancels 48 hours before the appointment or sooner gets all of the price back, from then
until 24 hours before it half of it, and later nothing. An empty policy never returns anything.
"""

import re
from functools import lru_cache
from itertools import pairwise

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# People also write `48 hours 100%` or `48h100 %`, which can mean nothing else.
NOTICE_AND_SHARE = re.compile(r"(\d{1,4})\s*(?:h|hours?)\s*(\d{1,4})\s*%", re.ASCII | re.IGNORECASE)

# An appointment keeps its policy in a column of so many characters, and no other setting needs more.
LONGEST = 200

Shares = tuple[tuple[int, int], ...]
"""Pairs of hours and percent, the longest notice first."""


class NoPolicy(ValueError):
    """A text that is no policy. The message is a sentence for staff that says what is wrong with it.

    It is translated only when it is read, since the settings of the site are not there yet while they are read.
    """

    def __init__(self, sentence: Promise, **facts: object) -> None:
        super().__init__()
        self.sentence, self.facts = sentence, facts

    def __str__(self) -> str:
        return str(self.sentence) % self.facts


@lru_cache
def parse(policy: str) -> Shares:
    """Read a policy. Raises NoPolicy, also if it gives back as much or more for less notice."""
    shares = tuple(read_part(part.strip()) for part in policy.split(",") if part.strip())
    for earlier, later in pairwise(shares):
        require_falling(earlier, later)
    return shares


def read_part(part: str) -> tuple[int, int]:
    match = NOTICE_AND_SHARE.fullmatch(part)
    if not match:
        raise NoPolicy(_("“%(part)s” cannot be read. Write it like 48h 100%%, 24h 50%%."), part=part)
    hours, share = int(match[1]), int(match[2])
    if share > 100:
        raise NoPolicy(_("%(share)s%% is more than all of it. Write 100%% at most."), share=share)
    if not share:
        raise NoPolicy(_("0%% is nothing, as it is without a word. Leave “%(part)s” out."), part=part)
    return hours, share


def require_falling(earlier: tuple[int, int], later: tuple[int, int]) -> None:
    hours, share = later
    if hours >= earlier[0]:
        sentence = _("%(later)sh cannot stand after %(earlier)sh. Begin with the longest notice, and name each once.")
        raise NoPolicy(sentence, later=hours, earlier=earlier[0])
    if share >= earlier[1]:
        sentence = _("%(later)s%% cannot stand after %(earlier)s%%. For less notice, less has to come back.")
        raise NoPolicy(sentence, later=share, earlier=earlier[1])


def as_kept(policy: str) -> str:
    """The policy as it is kept, however it was typed. Raises NoPolicy, also for one that is too long to be kept."""
    kept = ", ".join(f"{hours}h {share}%" for hours, share in parse(policy))
    if len(kept) > LONGEST:
        raise NoPolicy(_("These are more steps than we can keep. Leave some out."))
    return kept
