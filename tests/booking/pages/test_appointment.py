"""The page of one appointment is for whoever has its address, and for nobody else."""

import pytest

from tests.booking.pages.moving import POLICY
from tests.factories import in_days, make_appointment
from tests.pages import words

pytestmark = pytest.mark.django_db


def test_even_a_refused_method_on_a_page_of_a_reference_is_private(client, provider):
    row = make_appointment(provider=provider, at=in_days(2, provider=provider))
    response = client.put(f"/appointments/{row.reference}/")
    assert (response.get("X-Robots-Tag"), response.get("Cache-Control")) == ("noindex", "no-store")


# Why its time cannot be changed

ASK = "so the time cannot be changed here. Ask the practice if you would like another."


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        (POLICY, f"Less than 48 hours are left, {ASK}"),
        ("1h 100%", None),
        ("48h 50%", "If your plans change The time cannot be changed here. Ask the practice"),
        ("", "If your plans change The time cannot be changed here. Ask the practice"),
    ],
)
def test_it_says_why_the_time_cannot_be_changed_and_whom_to_call(client, provider, settings, policy, why):
    settings.CANCELLATION_POLICY, settings.PRACTICE_PHONE = policy, "+353 1 555 0100"
    row = make_appointment(provider=provider, at=in_days(1, "23:00", provider=provider), status="confirmed")
    page = client.get(f"/appointments/{row.reference}/")
    next_to_it = words(page).partition("If your plans change")[2].partition("Cancel this appointment")[0]
    assert ((why or "You can change the time until") in words(page), "+353 1 555 0100" in next_to_it) == (
        True,
        why is not None,
    )


def test_without_a_number_it_only_says_why(client, provider, settings):
    settings.CANCELLATION_POLICY, settings.PRACTICE_PHONE = "240h 100%", ""
    row = make_appointment(provider=provider, at=in_days(2, provider=provider), status="confirmed")
    page = client.get(f"/appointments/{row.reference}/")
    assert f"Less than 240 hours are left, {ASK}" in words(page)
    assert "tel:" not in page.content.decode()
