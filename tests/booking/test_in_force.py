"""What is set at the desk goes before the environment, in every process, and only if it can be read."""

import threading
import time

import pytest
import requests
from django.db import DatabaseError, InterfaceError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from booking import in_force as module
from booking import languages
from booking.in_force import in_force
from booking.models import PracticeSetting, SetMeanwhile
from tests.factories import book, in_days, make_provider, make_service
from tests.gunicorn import collect_static_files, gunicorn
from tests.manage import manage
from tests.pages import Page
from tests.staff import somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return somebody("Owner")


def put(by, **texts):
    PracticeSetting.objects.change(texts, by, known=PracticeSetting.objects.newest())


def by_hand(**texts):
    """Write rows as nobody at the desk could, and have this process read them."""
    for name, text in texts.items():
        PracticeSetting.objects.create(name=name, text=text, at="2026-06-01T12:00Z", by_name="by hand")
    in_force.take(PracticeSetting.objects.read_texts())


def test_what_is_set_is_in_force_and_the_rest_is_the_environments(owner, settings):
    settings.PRACTICE_NAME, settings.NOTICE_MINUTES = "Linden House", 60
    put(owner, PRACTICE_NAME="Oak Street Clinic")
    assert (in_force.PRACTICE_NAME, in_force.NOTICE_MINUTES) == ("Oak Street Clinic", 60)


def test_it_is_read_as_the_environment_is(owner):
    put(owner, REMINDER_HOURS="48, 2", HOLD_MINUTES="20", PRACTICE_COUNTRY="us")
    assert (in_force.REMINDER_HOURS, in_force.HOLD_MINUTES, in_force.PRACTICE_COUNTRY) == ([48, 2], 20, "US")


def test_what_is_left_to_the_environment_again_is_the_environments(owner, settings):
    settings.HOLD_MINUTES = 15
    put(owner, HOLD_MINUTES="20")
    put(owner, HOLD_MINUTES=None)
    assert in_force.HOLD_MINUTES == 15
    assert [(each.text, each.by_name) for each in PracticeSetting.objects.all()] == [
        ("20", "somebody"),
        (None, "somebody"),
    ]


def test_nothing_is_written_over_what_somebody_else_has_set_meanwhile(owner):
    put(owner, HOLD_MINUTES="20")
    with pytest.raises(SetMeanwhile):
        PracticeSetting.objects.change({"HOLD_MINUTES": "30"}, owner, known=0)
    assert in_force.HOLD_MINUTES == 20


@pytest.mark.django_db(transaction=True)
def test_of_two_who_set_something_in_the_same_moment_only_one_does(owner, together):
    def setting(minutes):
        try:
            PracticeSetting.objects.change({"HOLD_MINUTES": minutes}, owner, known=0)
        except SetMeanwhile:
            return "too late"
        return minutes

    answers = together(*(lambda minutes=minutes: setting(minutes) for minutes in ("20", "30", "40")))
    assert answers.count("too late") == 2
    assert [one.text for one in PracticeSetting.objects.all()] == [one for one in answers if one != "too late"]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("HOLD_MINUTES", "0"),
        ("CANCELLATION_POLICY", "48h 101%"),
        ("PRACTICE_COLOUR", "green"),
        ("PRACTICE_NAME", "two\nlines"),
        ("PRACTICE_COUNTRY", "XX"),
        ("SECRET_KEY", "a secret"),
        ("A_LATER_SETTING", "1"),
    ],
)
def test_what_cannot_be_read_is_not_in_force(name, wrong, settings, client):
    was = getattr(settings, name, None)
    by_hand(**{name: wrong, "PRACTICE_PHONE": "+353 1 555 0100"})
    assert getattr(settings, name, None) == was
    assert list(in_force.set_at_the_desk.unreadable) == [name]
    assert in_force.PRACTICE_PHONE == "+353 1 555 0100"
    assert client.get("/").status_code == 200
    if hasattr(type(in_force), name):
        assert getattr(in_force, name) == was


@pytest.mark.parametrize(
    ("texts", "notice", "horizon"),
    [
        ({"NOTICE_MINUTES": "2880"}, 60, 2),
        ({"HORIZON_DAYS": "2"}, 2880, 60),
        ({"NOTICE_MINUTES": "2880", "HORIZON_DAYS": "2"}, 60, 60),
    ],
)
def test_what_leaves_no_time_to_book_with_what_the_environment_says_since_is_not_in_force(
    texts, notice, horizon, settings
):
    settings.NOTICE_MINUTES, settings.HORIZON_DAYS = notice, horizon
    by_hand(**texts, HOLD_MINUTES="20")
    now = {name: getattr(in_force, name) for name in ("NOTICE_MINUTES", "HORIZON_DAYS", "HOLD_MINUTES")}
    assert now == {"NOTICE_MINUTES": notice, "HORIZON_DAYS": horizon, "HOLD_MINUTES": 20}
    sentence = "NOTICE_MINUTES must be shorter than HORIZON_DAYS: with 2880 minutes and 2 days no time could be booked."
    assert in_force.set_at_the_desk.unreadable == dict.fromkeys(texts, sentence)


def test_a_process_asks_at_the_beginning_of_a_request_but_not_of_each(owner, client, monkeypatch):
    monkeypatch.setattr(in_force, "read_again_at", module.AT_ONCE)
    with CaptureQueriesContext(connection) as first:
        client.get("/")
    with CaptureQueriesContext(connection) as second:
        client.get("/")
    asked = ["practicesetting" in each["sql"] for each in first.captured_queries]
    assert asked.count(True) == 1
    assert len(second.captured_queries) == len(first.captured_queries) - 1


def test_nothing_changes_in_the_middle_of_a_request(owner):
    put(owner, HOLD_MINUTES="20")
    with in_force.unchanged():
        in_force.known = module.SetAtTheDesk.read({"HOLD_MINUTES": "30"})
        assert in_force.HOLD_MINUTES == 20
    assert in_force.HOLD_MINUTES == 30


def test_who_sets_something_goes_by_it_at_once(owner):
    with in_force.unchanged():
        put(owner, HOLD_MINUTES="20")
        assert in_force.HOLD_MINUTES == 20


def test_a_slow_read_does_not_undo_what_was_saved_meanwhile(owner, monkeypatch):
    monkeypatch.setattr(in_force, "read_again_at", time.monotonic() - 60)

    def slowly():
        texts = PracticeSetting.objects.read_texts()
        put(owner, HOLD_MINUTES="20")
        return texts

    in_force.keep_up(slowly)
    assert in_force.HOLD_MINUTES == 20


def test_who_saves_goes_by_it_at_once_though_somebody_else_reads_faster(owner):
    def slowly():
        faster = threading.Thread(target=in_force.read, args=[lambda: {"HOLD_MINUTES": "30"}])
        faster.start()
        faster.join(timeout=10)
        return {"HOLD_MINUTES": "20"}

    put(owner, HOLD_MINUTES="10")
    with in_force.unchanged():
        in_force.read(slowly)
        assert in_force.HOLD_MINUTES == 30


def away(error=DatabaseError):
    raise error


@pytest.mark.parametrize("error", [DatabaseError, InterfaceError])
def test_what_is_known_stays_in_force_while_the_database_is_away(owner, monkeypatch, error):
    put(owner, HOLD_MINUTES="20")
    monkeypatch.setattr(in_force, "read_again_at", time.monotonic() - 60)
    in_force.keep_up(lambda: away(error))
    assert (in_force.HOLD_MINUTES, in_force.is_known) == (20, True)


def test_a_process_that_knows_nothing_yet_asks_again_a_second_later(monkeypatch):
    monkeypatch.setattr(in_force, "read_again_at", module.AT_ONCE)
    in_force.keep_up(away)
    assert 0 < in_force.read_again_at - time.monotonic() <= 1
    in_force.read_again_at -= 1
    in_force.keep_up(lambda: {"HOLD_MINUTES": "20"})
    assert in_force.HOLD_MINUTES == 20


def test_another_country_writes_dates_and_times_by_its_customs(owner, client, settings):
    settings.LANGUAGES, settings.LANGUAGE_CODE = [("en-ie", "English"), ("es-ie", "Español")], "en-ie"
    put(owner, PRACTICE_COUNTRY="US")
    assert (languages.tag_of("es"), languages.practice_tag()) == ("es-us", "en-us")
    with translation.override(None):
        assert client.get("/", headers={"Accept-Language": "es"})["Content-Language"] == "es-us"
        page = client.get("/", {"language": "en"})
        assert page["Content-Language"] == "en-us"
        assert [text for text in ("English", "Español") if text in page.content.decode()] == ["English", "Español"]
        assert page.content.decode().count('aria-current="true"') == 1
        client.post("/language/", {"language": "es-us"}, headers={"Referer": "/"})
        assert client.get("/")["Content-Language"] == "es-us"


def test_a_hold_lasts_as_long_as_its_client_was_told(owner, settings):
    settings.HOLD_MINUTES = 15
    provider = make_provider(services=[make_service()])
    held = book(provider, in_days(2, provider=provider))
    told = held.held_at_least_until
    put(owner, HOLD_MINUTES="60")
    held.refresh_from_db()
    assert held.held_at_least_until == told == held.hold_expires_at


@pytest.mark.django_db(transaction=True)
def test_another_process_sees_it_within_seconds(owner, database_url):
    make_provider()
    collect_static_files()
    put(owner, PRACTICE_NAME="Linden House")
    with gunicorn(workers=1, DATABASE_URL=database_url) as server:
        assert "Linden House" in requests.get(server.address, timeout=20).text
        put(owner, PRACTICE_NAME="Oak Street Clinic")
        give_up = time.monotonic() + 15
        while "Oak Street Clinic" not in requests.get(server.address, timeout=20).text:
            assert time.monotonic() < give_up
            time.sleep(0.5)


@pytest.mark.django_db(transaction=True)
def test_this_process_sees_what_another_has_set(client, database_url, monkeypatch):
    make_provider()
    somebody("Owner")
    setting = (
        "from booking.models import PracticeSetting; from django.contrib.auth.models import User; "
        "PracticeSetting.objects.change({'PRACTICE_NAME': 'Oak Street Clinic'}, User.objects.get(), known=0)"
    )
    assert manage("shell", "--no-imports", "-c", setting, DATABASE_URL=database_url).returncode == 0
    monkeypatch.setattr(in_force, "read_again_at", time.monotonic() - 60)
    assert "Oak Street Clinic" in Page(client.get("/")).text
