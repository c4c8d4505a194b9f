"""Opening hours and time off, typed in the admin on the provider's clock."""

import re
from datetime import UTC, datetime, time

import pytest
from django.core.exceptions import ValidationError

from booking.models import Provider, TimeOff
from tests.booking.admin.forms import errors, provider_form
from tests.factories import make_provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules")]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([(0, "09:00", "13:00"), (0, "12:00", "17:00")], "Monday 09:00–13:00 and Monday 12:00–17:00 overlap."),
        ([(0, "22:00", "02:00"), (1, "01:00", "09:00")], "Monday 22:00–02:00 and Tuesday 01:00–09:00 overlap."),
        ([(6, "22:00", "02:00"), (0, "01:00", "09:00")], "Sunday 22:00–02:00 and Monday 01:00–09:00 overlap."),
        ([(2, "09:00", "17:00"), (2, "09:00", "17:00")], "Wednesday 09:00–17:00 and Wednesday 09:00–17:00 overlap."),
    ],
)
def test_hours_that_overlap_are_refused(admin_client, rows, sentence):
    hours = [{"weekday": day, "opens": opens, "closes": closes} for day, opens, closes in rows]
    response = admin_client.post("/admin/booking/provider/add/", provider_form(hours=hours))
    [refused] = [inline.formset.non_form_errors() for inline in response.context["inline_admin_formsets"]][:1]
    assert refused == [f"{sentence} Change one of them, or delete it."]
    assert Provider.objects.count() == 0


def test_hours_may_touch_and_run_past_midnight(admin_client):
    rows = [(0, "09:00", "12:00"), (0, "12:00", "17:00"), (0, "22:30", "02:00"), (1, "02:00", "04:00")]
    hours = [{"weekday": day, "opens": opens, "closes": closes} for day, opens, closes in rows]
    assert admin_client.post("/admin/booking/provider/add/", provider_form(hours=hours)).status_code == 302
    assert list(map(str, Provider.objects.get().working_hours.all())) == [
        "Monday 09:00–12:00",
        "Monday 12:00–17:00",
        "Monday 22:30–02:00",
        "Tuesday 02:00–04:00",
    ]


def test_a_whole_day_is_said_in_words(admin_client):
    hours = [{"weekday": 0, "opens": "", "closes": "", "all_day": "on"}]
    assert admin_client.post("/admin/booking/provider/add/", provider_form(hours=hours)).status_code == 302
    assert list(map(str, Provider.objects.get().working_hours.all())) == ["Monday all day"]


def test_time_off_is_on_the_providers_clock_like_the_hours_beside_it(admin_client):
    """Where zone and time off are typed together, the time off is on the clock of the new zone."""
    off = [{"starts_0": "2026-06-02", "starts_1": "10:00", "ends_0": "2026-06-02", "ends_1": "12:00"}]
    form = provider_form(time_off=off, time_zone="Europe/Madrid")
    assert admin_client.post("/admin/booking/provider/add/", form).status_code == 302
    away = TimeOff.objects.get()
    assert away.starts == datetime(2026, 6, 2, 8, 0, tzinfo=UTC)
    page = admin_client.get(f"/admin/booking/provider/{away.provider_id}/change/").content.decode()
    assert re.findall(r'name="time_off-0-(?:starts|ends)_1" value="([^"]*)"', page) == ["10:00:00", "12:00:00"]
    assert "2 Jun 2026 10:00 – 2 Jun 2026 12:00" in page


@pytest.mark.parametrize(
    ("zone", "off", "starts", "ends"),
    [
        pytest.param(
            "Africa/Cairo",
            ("2027-04-30", "00:00", "2027-05-01", "00:00"),
            datetime(2027, 4, 29, 22, tzinfo=UTC),
            datetime(2027, 4, 30, 21, tzinfo=UTC),
            id="a day without a midnight begins at the end of the gap",
        ),
        pytest.param(
            "Europe/Dublin",
            ("2026-10-25", "01:30", "2026-10-25", "01:30"),
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
            id="from the first of two to the later of two",
        ),
        pytest.param(
            "Europe/Dublin",
            ("2027-03-28", "00:00", "2027-03-28", "01:30"),
            datetime(2027, 3, 28, 0, tzinfo=UTC),
            datetime(2027, 3, 28, 1, tzinfo=UTC),
            id="until the end of a gap",
        ),
    ],
)
def test_time_off_may_begin_and_end_when_clocks_change(admin_client, zone, off, starts, ends):
    typed = dict(zip(("starts_0", "starts_1", "ends_0", "ends_1"), off, strict=True))
    form = provider_form(time_off=[typed], time_zone=zone)
    assert admin_client.post("/admin/booking/provider/add/", form).status_code == 302
    away = TimeOff.objects.get()
    assert (away.starts, away.ends) == (starts, ends)
    # What the page shows can be saved again, and is the same time.
    page = admin_client.get(f"/admin/booking/provider/{away.provider_id}/change/").content.decode()
    shown = dict(re.findall(r'name="time_off-0-((?:starts|ends)_[01])" value="([^"]*)"', page))
    again = provider_form(time_off=[{**shown, "id": away.pk, "provider": away.provider_id}], time_zone=zone)
    again["time_off-INITIAL_FORMS"] = 1
    assert admin_client.post(f"/admin/booking/provider/{away.provider_id}/change/", again).status_code == 302
    away.refresh_from_db()
    assert (away.starts, away.ends) == (starts, ends)


def test_time_off_without_a_time_is_refused_in_words(admin_client):
    off = [{"starts_0": "2026-06-02", "starts_1": "", "ends_0": "2026-06-02", "ends_1": "12:00"}]
    response = admin_client.post("/admin/booking/provider/add/", provider_form(time_off=off))
    assert errors(response) == ["Enter a date and a time, like 2026-06-02 and 09:30."]


def test_hours_with_seconds_are_refused():
    provider = make_provider()
    hours = provider.working_hours.model(provider=provider, weekday=0, opens=time(9, 0, 30), closes=time(17))
    with pytest.raises(ValidationError, match="like 09:30"):
        hours.full_clean()


@pytest.mark.parametrize(
    ("zone", "day", "clock"), [("Asia/Tokyo", "0001-01-01", "00:00"), ("America/New_York", "9999-12-31", "23:59")]
)
def test_time_off_at_a_time_that_has_no_instant_is_refused(admin_client, zone, day, clock):
    typed = {"starts_0": day, "starts_1": clock, "ends_0": "2026-06-02", "ends_1": "09:30"}
    answer = admin_client.post("/admin/booking/provider/add/", provider_form(time_off=[typed], time_zone=zone))
    assert answer.status_code == 200
    assert "Enter a date and a time, like 2026-06-02 and 09:30." in answer.content.decode()
