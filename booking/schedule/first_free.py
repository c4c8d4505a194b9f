"""The first free time of each of many offers: what the start page says below every name.

Most providers have a free time within a few days, so few days are read for all of them, and more only for those who
have none by then. That takes as many queries as there are spans, however many offers there are.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from booking.models.offers import Offer
from booking.schedule.diary import Diary, Reach, read_together

# From now on. The last span is always the horizon.
SPANS = (timedelta(days=4), timedelta(days=15))

Key = tuple[int, int]
"""The keys of a provider and of a service."""


def first_free(offers: Iterable[Offer], now: datetime, own_references: Collection[str] = ()) -> dict[Key, datetime]:
    """The first free time of each offer that has one, in UTC. Holds among `own_references` do not count as taken."""
    found: dict[Key, datetime] = {}
    waiting = list(offers)
    for reach in reaches(Reach.of_clients()):
        diaries = [Diary(offer.provider, offer.service, now, own_references, reach=reach) for offer in waiting]
        read_together(diaries)
        free = [(offer, diary.next_free()) for offer, diary in zip(waiting, diaries, strict=True)]
        found |= {key_of(offer): moment for offer, moment in free if moment}
        waiting = [offer for offer, moment in free if not moment]
    return found


def reaches(whole: Reach) -> list[Reach]:
    """The spans that follow each other from the notice to the horizon."""
    ends = [span for span in SPANS if whole.notice < span < whole.horizon] + [whole.horizon]
    return [Reach(notice, horizon) for notice, horizon in pairwise([whole.notice, *ends])]


def key_of(offer: Offer) -> Key:
    return offer.provider.id, offer.service.id
