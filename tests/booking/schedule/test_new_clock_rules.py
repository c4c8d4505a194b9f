"""A country changes the rules of its clocks after somebody has booked: the agreed clock time stays.

Paraguay did so in October 2024, and here it does so on 1 June 2026. By the old rules, Asunción is four hours behind UTC
from March to October and three in the other months; by the new rules it is always three.
"""

import zoneinfo
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from booking import zones
from booking.mail.sending import send_due
from booking.models import Appointment, Mail, NotMovable, SlotTaken, TimeOff
from booking.schedule import new_clock_rules
from payments.audit import audit
from tests.factories import make_appointment, make_provider, make_service
from tests.shapes import slots_address

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_in_dublin", "default_rules", "rules_of_before")]

ASUNCION = "America/Asuncion"
BEFORE, AFTER = "<-04>4<-03>,M10.1.0/0,M3.4.0/0", "<-03>3"
# Clocks show ten at both, by the old rules and by the new ones.
TEN_BEFORE, TEN_AFTER = datetime(2026, 6, 10, 14, tzinfo=UTC), datetime(2026, 6, 10, 13, tzinfo=UTC)
HOUR = timedelta(hours=1)


def zone_file(rule):
    """Return the file of a zone that has always had that POSIX rule, in version 2 of its format (RFC 8536)."""
    offset = int(rule.partition(">")[2].partition("<")[0]) * -3600
    name = rule.partition(">")[0].removeprefix("<").encode() + b"\0"
    header = b"TZif2" + bytes(15) + b"".join(count.to_bytes(4, "big") for count in (0, 0, 0, 0, 1, len(name)))
    block = offset.to_bytes(4, "big", signed=True) + bytes(2) + name
    return (header + block) * 2 + f"\n{rule}\n".encode()


@pytest.fixture
def publish(tmp_path, monkeypatch):
    """Install another edition of the rules, as if the site had been started anew with it."""
    (tmp_path / "America").mkdir()

    def install(edition, rule):
        (tmp_path / ASUNCION).write_bytes(zone_file(rule))
        zoneinfo.reset_tzpath([tmp_path])
        ZoneInfo.clear_cache()
        monkeypatch.setattr(zones, "RULES", edition)

    yield install
    zoneinfo.reset_tzpath(to=())
    ZoneInfo.clear_cache()


@pytest.fixture
def rules_of_before(publish):
    publish("2026a", BEFORE)


@pytest.fixture
def dr_sosa():
    service = make_service(minutes=60)
    return make_provider(name="Dr Sosa", zone=ASUNCION, services=[service], hours=[("08:00", "17:00")])


def fetched(appointment):
    return Appointment.objects.select_related("provider", "service").get(pk=appointment.pk)


def follow():
    return new_clock_rules.keep_agreed_times(timezone.now())


def on_wall(appointment):
    row = fetched(appointment)
    return f"{row.appointment_time.astimezone(row.provider.zone):%H:%M}"


def test_the_agreed_time_is_kept_and_not_its_instant(publish, dr_sosa):
    booked = make_appointment(provider=dr_sosa, at=TEN_BEFORE, status="confirmed")
    publish("2026b", AFTER)
    assert on_wall(booked) == "11:00"
    assert follow() == 1
    row = fetched(booked)
    assert (row.appointment_time, row.end, row.blocked_until) == (TEN_AFTER, TEN_AFTER + HOUR, TEN_AFTER + HOUR)
    assert (on_wall(booked), row.sequence, row.zone_rules) == ("10:00", 1, "2026b")


def test_its_time_is_not_sold_again_and_it_still_ends_within_hours(publish, dr_sosa, client):
    """On that day only the hour from ten, which was agreed, is taken. Nine and eleven are free."""
    make_appointment(provider=dr_sosa, at=TEN_BEFORE, status="confirmed")
    publish("2026b", AFTER)
    follow()
    answer = client.get(slots_address("dr-sosa", date="2026-06-10")).json()
    clocks = [slot[11:16] for slot in answer["slots"]]
    assert [clock for clock in ("09:00", "09:15", "10:00", "10:45", "11:00", "16:00") if clock in clocks] == [
        "09:00",
        "11:00",
        "16:00",
    ]


def test_done_again_it_changes_nothing(publish, dr_sosa):
    booked = make_appointment(provider=dr_sosa, at=TEN_BEFORE, status="confirmed")
    publish("2026b", AFTER)
    follow()
    mails = Mail.objects.count()
    assert follow() == 0
    assert (fetched(booked).sequence, Mail.objects.count()) == (1, mails)


def test_without_new_rules_it_costs_two_questions(dr_sosa, django_assert_num_queries):
    make_appointment(provider=dr_sosa, at=TEN_BEFORE, status="confirmed")
    with django_assert_num_queries(2):
        assert follow() == 0


def test_an_older_edition_on_another_machine_moves_nothing_back(publish, dr_sosa):
    booked = make_appointment(provider=dr_sosa, at=TEN_BEFORE, status="confirmed")
    publish("2026b", AFTER)
    follow()
    publish("2026a", BEFORE)
    assert follow() == 0
    assert fetched(booked).appointment_time == TEN_AFTER


def test_rules_that_change_another_country_leave_it_alone(publish):
    dublin = make_provider(name="Dr Byrne")
    booked = make_appointment(provider=dublin, at=TEN_BEFORE, status="confirmed")
    publish("2026b", AFTER)
    assert follow() == 1
    row = fetched(booked)
    assert (row.appointment_time, row.sequence, row.zone_rules) == (TEN_BEFORE, 0, "2026b")
    assert Mail.objects.count() == 0


def test_the_client_is_told_and_their_calendar_moves(publish, dr_sosa, mailoutbox):
    make_appointment(provider=dr_sosa, at=TEN_BEFORE, status="confirmed")
    publish("2026b", AFTER)
    follow()
    send_due(timezone.now())
    [letter] = mailoutbox
    assert letter.subject == "Your appointment stays at 10:00, although clocks change"
    assert "the time that was agreed: Wednesday 10 June 2026, 10:00 Asuncion time (UTC-3)" in letter.body
    [invitation] = [part for part in letter.attachments if part.get_content_type() == "text/calendar"]
    said = invitation.get_payload(decode=True).decode()
    assert ("SEQUENCE:1" in said, "METHOD:REQUEST" in said, "DTSTART:20260610T130000Z" in said) == (True, True, True)


def test_reminders_are_of_the_new_instant(publish, dr_sosa):
    booked = make_appointment(provider=dr_sosa, at=TEN_BEFORE, status="confirmed")
    publish("2026b", AFTER)
    follow()
    reminders = Mail.objects.filter(appointment=booked, kind=Mail.Kind.REMINDER, sequence=1)
    assert [mail.due_at for mail in reminders] == [TEN_AFTER - timedelta(hours=24)]


def test_a_hold_moves_without_a_mail(publish, dr_sosa):
    held = make_appointment(provider=dr_sosa, at=TEN_BEFORE)
    publish("2026b", AFTER)
    follow()
    assert (fetched(held).appointment_time, fetched(held).status) == (TEN_AFTER, "held")
    assert Mail.objects.count() == 0


@pytest.mark.parametrize("status", ["cancelled", "expired"])
def test_what_is_over_stays_as_it_was(publish, dr_sosa, status):
    over = make_appointment(provider=dr_sosa, at=TEN_BEFORE, status=status)
    publish("2026b", AFTER)
    assert follow() == 0
    assert fetched(over).appointment_time == TEN_BEFORE


def test_what_has_begun_by_either_rules_stays_as_it_was(publish, dr_sosa):
    begun = make_appointment(provider=dr_sosa, at=timezone.now() - HOUR, status="confirmed")
    publish("2026b", AFTER)
    follow()
    assert (fetched(begun).sequence, fetched(begun).zone_rules) == (0, "2026b")


@pytest.mark.parametrize(("first", "second"), [(BEFORE, AFTER), (AFTER, BEFORE)], ids=["sooner", "later"])
def test_a_full_day_moves_as_a_whole(publish, dr_sosa, first, second):
    """Each appointment is in the way of another one, until it has moved itself."""
    publish("2026a", first)
    clocks = range(8, 17)
    day = [datetime(2026, 6, 10, hour, tzinfo=ZoneInfo(ASUNCION)).astimezone(UTC) for hour in clocks]
    booked = [make_appointment(provider=dr_sosa, at=moment, status="confirmed") for moment in day]
    publish("2026b", second)
    assert follow() == 9
    assert [on_wall(one) for one in booked] == [f"{hour:02}:00" for hour in clocks]


def test_one_that_would_overlap_stays_and_is_listed_for_staff_and_in_the_audit(
    publish, dr_sosa, admin_client, settings
):
    settings.PRACTICE_EMAIL = "desk@example.com"
    booked = make_appointment(provider=dr_sosa, at=TEN_BEFORE, status="confirmed", price=0)
    publish("2026b", AFTER)
    newer = make_appointment(provider=dr_sosa, at=TEN_AFTER, status="confirmed", email="bo@example.com", price=0)
    assert follow() == 0
    assert fetched(booked).appointment_time == TEN_BEFORE
    line = f"Appointment {booked.pk} is not at its agreed time: another is there, or tick does not run."
    assert list(audit(timezone.now())) == [line]
    page = admin_client.get("/admin/booking/appointment/?agreed=elsewhere").content.decode()
    assert ("jo@example.com" in page, "bo@example.com" in page) == (True, False)
    [told] = Mail.objects.exclude(kind=Mail.Kind.REMINDER)
    assert (told.kind, told.reader, told.appointment_id) == ("in the way", "practice", booked.pk)
    follow()
    assert Mail.objects.exclude(kind=Mail.Kind.REMINDER).count() == 1
    newer.cancel()
    assert follow() == 1
    assert fetched(booked).appointment_time == TEN_AFTER
    assert list(audit(timezone.now())) == []


def test_what_the_client_moved_is_kept_at_the_time_they_chose(publish, dr_sosa):
    booked = make_appointment(provider=dr_sosa, at=TEN_BEFORE, status="confirmed", price=0)
    fetched(booked).reschedule(TEN_BEFORE + 2 * HOUR)
    publish("2026b", AFTER)
    follow()
    assert on_wall(booked) == "12:00"


def test_a_zone_that_staff_change_does_not_change_what_was_agreed(publish, dr_sosa):
    booked = make_appointment(provider=dr_sosa, at=TEN_BEFORE, status="confirmed")
    dr_sosa.time_zone = "Europe/Madrid"
    dr_sosa.save()
    publish("2026b", AFTER)
    follow()
    assert fetched(booked).appointment_time == TEN_AFTER


def test_time_off_is_kept_on_the_wall_as_well(publish, dr_sosa):
    dr_sosa.time_off.create(starts=TEN_BEFORE, ends=TEN_BEFORE + HOUR)
    publish("2026b", AFTER)
    assert follow() == 1
    away = TimeOff.objects.get()
    assert (away.starts, away.ends) == (TEN_AFTER, TEN_AFTER + HOUR)
    assert follow() == 0


@pytest.mark.django_db(transaction=True)
def test_a_round_of_tick_does_it(publish, dr_sosa):
    booked = make_appointment(provider=dr_sosa, at=TEN_BEFORE, status="confirmed", price=0)
    publish("2026b", AFTER)
    call_command("tick")
    assert fetched(booked).appointment_time == TEN_AFTER


def test_two_rounds_at_once_move_it_once(publish, dr_sosa):
    """The second round has read the row before the first one moved it."""
    booked = make_appointment(provider=dr_sosa, at=TEN_BEFORE, status="confirmed")
    publish("2026b", AFTER)
    second = fetched(booked)
    follow()
    with pytest.raises((NotMovable, SlotTaken)):
        second.keep_wall_time()
    assert fetched(booked).sequence == 1


@settings(deadline=None)
@given(st.sampled_from(sorted(zones.names())), st.integers(0, 20 * 365 * 24 * 4))
def test_by_the_rules_that_wrote_it_the_wall_gives_its_instant_back(key, quarters):
    """This is so in every zone, and in both hours of a clock time that comes twice."""
    moment = datetime(2026, 1, 1, tzinfo=UTC) + quarters * timedelta(minutes=15)
    assert zones.instant_of(zones.on_wall(moment, ZoneInfo(key)), ZoneInfo(key)) == moment


@settings(deadline=None)
@given(st.sampled_from(sorted(zones.names())), st.sampled_from(sorted(zones.names())), st.integers(0, 20 * 365 * 24))
def test_by_other_rules_the_wall_shows_the_same_time_or_the_end_of_a_gap(key, other, hours):
    moment = datetime(2026, 1, 1, tzinfo=UTC) + hours * HOUR
    wall = zones.on_wall(moment, ZoneInfo(key))
    instant = zones.instant_of(wall, ZoneInfo(other))
    shown = instant.astimezone(ZoneInfo(other)).replace(tzinfo=None)
    meant = datetime.fromisoformat(wall).replace(tzinfo=None)
    before = (instant - timedelta(seconds=1)).astimezone(ZoneInfo(other)).replace(tzinfo=None)
    assert shown == meant or before < meant < shown
