"""The first free time of many offers, read together, is the one that each diary finds by itself."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from booking.models.offers import Offer
from booking.schedule.diary import Diary
from booking.schedule.first_free import first_free, key_of
from tests.booking.clock import NOW, instant
from tests.factories import make_appointment, make_provider, make_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("default_rules")]

# Noon on an ordinary Monday, and the days before clocks go forward and back in Dublin.
MOMENTS = [NOW, instant("2027-03-27T12:00+00:00"), instant("2026-10-24T12:00+01:00")]
ZONES = ["Europe/Dublin", "America/Santiago", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Kiritimati"]
HOURS = [[], [("09:00", "10:30")], [("22:00", "02:00")], [("00:30", "02:30"), ("14:00", "15:00")]]
days = st.sampled_from([0, 1, 3, 4, 5, 14, 15, 16, 59, 61])
practices = st.lists(
    st.fixed_dictionaries(
        {
            "zone": st.sampled_from(ZONES),
            "hours": st.sampled_from(HOURS),
            "away": st.tuples(days, days).map(sorted),
            "booked": st.lists(st.integers(0, 200), max_size=6, unique=True),
            "status": st.sampled_from(["confirmed", "held", "cancelled"]),
        }
    ),
    min_size=1,
    max_size=3,
)
rules = st.fixed_dictionaries(
    {
        "NOTICE_MINUTES": st.sampled_from([0, 60, 7 * 24 * 60]),
        "HORIZON_DAYS": st.sampled_from([1, 4, 10, 60]),
        "SLOT_STEP_MINUTES": st.sampled_from([15, 45]),
    }
)


def make(practice, now):
    """Return the offers of a practice: everybody offers half an hour, and a whole one with a buffer."""
    services = [make_service(minutes=30), make_service(name="Long", minutes=60, buffer=20, position=1)]
    offers = []
    for number, facts in enumerate(practice):
        provider = make_provider(name=f"Provider {number}", services=services, zone=facts["zone"], hours=facts["hours"])
        first, last = (now + timedelta(days=day) for day in facts["away"])
        if first < last:
            provider.time_off.create(starts=first, ends=last)
        for quarter in facts["booked"]:
            at = now + timedelta(minutes=37 + quarter * 30)
            make_appointment(
                provider=provider,
                at=at,
                status=facts["status"],
                reference=f"{number}-{quarter}",
                hold_minutes=quarter - 50,
            )
        offers += [Offer(provider, service) for service in services]
    return offers


@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(practices, rules, st.sampled_from(MOMENTS))
def test_all_together_find_what_each_finds_alone(settings, time_machine, practice, rules, now):
    own = [f"{number}-{quarter}" for number in range(3) for quarter in range(0, 200, 2)]
    time_machine.move_to(now, tick=False)
    for name, value in rules.items():
        setattr(settings, name, value)
    with transaction.atomic():
        offers = make(practice, now)
        alone = {key_of(offer): Diary(offer.provider, offer.service, now, own).next_free() for offer in offers}
        assert first_free(offers, now, own) == {key: free for key, free in alone.items() if free}
        transaction.set_rollback(True)


def test_nobody_is_asked_for_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert first_free([], NOW) == {}
