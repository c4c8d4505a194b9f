"""A database that is full or can only be read: whoever asks is told when to try again, and nothing is half done.

What is told while PostgreSQL is away is tested in test_database_away.py.
"""

import json
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection
from django.test import Client
from django.utils import timezone

from booking.models import Appointment, Mail
from config.outages import outage_of
from payments.models import Heartbeat, WebhookEvent
from tests.config.starting import start
from tests.factories import in_days, make_appointment, make_provider, make_service
from tests.payments.events import post_event, signed_event
from tests.shapes import HTMX, booking_form, booking_json

PROBLEM = "application/problem+json"
FULL = "We cannot save anything at the moment"
AWAY = "We cannot answer just now"


@pytest.fixture
def provider(transactional_db, settings):
    """A consultation with Dr Ada Byrne is free of charge, so that it is confirmed at once and a mail is owed."""
    settings.PRACTICE_PHONE = "+353 1 555 0100"
    return make_provider(services=[make_service(price="0.00")])


# Full


@pytest.fixture
def room_again(transactional_db, engine):
    """Return a function that ends what `disk_full` began."""
    return {"sqlite3": pages_again, "postgresql": extend_again}[engine]


@pytest.fixture
def disk_full(room_again, engine):
    """Return a function from whose call on there is room for no further row, as on a disk that is full."""
    yield {"sqlite3": no_more_pages, "postgresql": refuse_to_extend}[engine]
    room_again()


def no_more_pages():
    """Let SQLite's file grow no more, and fill what is left in it."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE filler (room BLOB)")
        [pages] = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        for size in (4000, 400, 40):
            with suppress(OperationalError):
                while True:
                    cursor.execute("INSERT INTO filler VALUES (zeroblob(%s))", [size])


def pages_again():
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1000000000")
        cursor.execute("DROP TABLE IF EXISTS filler")


GROWING = ("booking_appointment", "payments_webhookevent")


def refuse_to_extend():
    """Let PostgreSQL say what it says when a table cannot grow."""
    run(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$",
        *[f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} EXECUTE FUNCTION full_disk()" for table in GROWING],
    )


def extend_again():
    run("DROP FUNCTION IF EXISTS full_disk CASCADE")


def run(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def wishes(provider):
    """Return the bodies of bookings that fill a disk soon: each with the longest note, and for a client of its own."""
    times = [in_days(2, f"{hour:02}:{minute}", provider=provider) for hour in range(9, 17) for minute in ("00", "30")]
    details = {"service": "consultation", "note": "x" * 1000}
    return [booking_json(at=at, email=f"jo{number}@example.com", **details) for number, at in enumerate(times)]


def book(wish):
    return Client().post("/api/appointments", wish, "application/json")


def book_until_full(provider):
    """Return the statuses of the answers, the last answer, and the wish that it refused."""
    statuses = []
    for wish in wishes(provider):
        answer = book(wish)
        statuses.append(answer.status_code)
        if answer.status_code != 201:
            return statuses, answer, wish
    raise AssertionError("The disk is not full.")


def test_on_a_full_disk_a_booking_is_503_and_whoever_has_one_keeps_it(provider, disk_full):
    disk_full()
    statuses, answer, _ = book_until_full(provider)
    assert statuses == [201] * (len(statuses) - 1) + [503]
    assert (answer["Content-Type"], answer["Retry-After"]) == (PROBLEM, "60")
    assert answer.json()["detail"] == (
        "We cannot save anything at the moment. Nothing was changed. If you were paying, your payment is safe and we "
        "will find it. Try again in a few minutes, or call us on +353 1 555 0100."
    )
    confirmations = Mail.objects.filter(kind=Mail.Kind.CONFIRMED)
    assert (Appointment.objects.count(), confirmations.count()) == (len(statuses) - 1, len(statuses) - 1)


def test_a_person_reads_so_on_a_page_and_over_htmx_in_a_line(provider, disk_full):
    disk_full()
    _, _, wish = book_until_full(provider)
    form = booking_form(at=wish["appointment_time"], email=wish["client_email"], note="x" * 1000)
    page, line = Client().post("/", form), Client().post("/", form, headers=HTMX)
    assert [answer.status_code for answer in (page, line)] == [503, 503]
    assert [answer["Retry-After"] for answer in (page, line)] == ["60", "60"]
    assert f">{FULL}</h1>" in page.content.decode()
    assert line.content.decode().startswith(f"{FULL}. Nothing was changed.") is True


def test_on_a_full_disk_all_that_only_reads_goes_on(provider, disk_full):
    disk_full()
    book_until_full(provider)
    pages = ["/", "/?provider=dr-ada-byrne&service=consultation", "/api/providers", "/healthz", "/admin/login/"]
    assert [Client().get(page).status_code for page in pages] == [200] * len(pages)


def test_once_there_is_room_again_the_same_booking_goes_through(provider, disk_full, room_again):
    disk_full()
    statuses, _, wish = book_until_full(provider)
    room_again()
    assert (book(wish).status_code, Appointment.objects.count()) == (201, len(statuses))


def test_on_a_full_disk_a_request_with_a_key_can_be_sent_again_later(provider, disk_full, room_again, time_machine):
    disk_full()
    _, _, wish = book_until_full(provider)
    key = {"Idempotency-Key": "1"}
    refused = Client().post("/api/appointments", wish, "application/json", headers=key)
    room_again()
    time_machine.move_to(timezone.now() + timedelta(minutes=1))
    again = [Client().post("/api/appointments", wish, "application/json", headers=key) for _ in range(2)]
    assert (refused.status_code, [answer.status_code for answer in again]) == (503, [201, 201])
    assert again[1]["Idempotent-Replayed"] == "true"
    assert Appointment.objects.filter(client_email=wish["client_email"]).count() == 1


def test_on_a_full_disk_stripe_is_told_to_send_its_event_again(disk_full, room_again):
    disk_full()
    for number in range(1, 100):
        event = signed_event("cs_test_1", event_id=f"evt_{number}")
        answer = post_event(*event)
        if answer.status_code != 200:
            break
    assert (answer.status_code, WebhookEvent.objects.count()) == (503, number - 1)
    room_again()
    assert (post_event(*event).status_code, WebhookEvent.objects.count()) == (200, number)


def test_tick_goes_on_through_a_full_disk_and_does_afterwards_what_it_could_not(provider, disk_full, room_again):
    late = make_appointment(provider=provider, at=in_days(4, provider=provider), hold_minutes=-1)
    disk_full()
    call_command("tick")
    room_again()
    call_command("tick")
    late.refresh_from_db()
    assert (late.status, Heartbeat.objects.count()) == ("expired", 1)


# Only to be read


@pytest.fixture
def read_only(transactional_db, engine):
    """Return a function from whose call on nothing can be written, as on a machine that stands in for a failed one."""
    before, after = {
        "sqlite3": ("PRAGMA query_only = on", "PRAGMA query_only = off"),
        "postgresql": ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off"),
    }[engine]
    yield lambda: run(before)
    run(after)


@pytest.mark.parametrize("address", ["/", "/appointments/find/", "/payments/guessed/checkout/", "/admin/login/"])
def test_where_nothing_can_be_written_a_press_is_503_and_nothing_is_done(provider, read_only, address):
    read_only()
    answer = Client().post(address, {"client_email": "jo@example.com", "username": "owner", "password": "x"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert f">{FULL}</h1>" in answer.content.decode()


def test_where_nothing_can_be_written_programs_and_stripe_read_so_in_their_own_shape(provider, read_only):
    read_only()
    for answer in (book(wishes(provider)[0]), post_event(*signed_event("cs_test_1"))):
        assert (answer.status_code, answer["Content-Type"], answer["Retry-After"]) == (503, PROBLEM, "60")


def test_the_log_names_the_error_and_nothing_that_was_typed(provider, read_only, caplog):
    read_only()
    Client().post("/", booking_form(at="x", email="jo@example.com"))
    assert [line.getMessage() for line in caplog.records if line.name == "config.errors"] == [
        f"The database failed: {'SQLITE_READONLY' if connection.vendor == 'sqlite' else 'ReadOnlySqlTransaction'}"
    ]
    assert "jo@example.com" not in caplog.text


# Away

ASK = """
import json, threading, warnings
warnings.simplefilter("ignore")
import django
django.setup()
from django.test import Client

def ask(number, method, *request):
    answer = getattr(Client(raise_request_exception=False), method)(*request, HTTP_HOST="localhost")
    answers[number] = [answer.status_code, answer.get("Retry-After", ""), answer.content.decode()]

answers = {}
asked = [("get", "/"), ("post", "/api/appointments", "{}", "application/json"), ("get", "/readyz")]
threads = [threading.Thread(target=ask, args=(number, *request)) for number, request in enumerate(asked)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(json.dumps([answers[number] for number in range(3)]))
"""


def test_a_file_of_sqlite_that_cannot_be_opened_is_away_as_well():
    process = start(ASK, DATABASE_URL="sqlite:////nowhere/db.sqlite3")
    page, program, ready = json.loads(process.stdout)
    assert [page[:2], program[:2], ready[0]] == [[503, "5"], [503, "5"], 503]
    assert f">{AWAY}</h1>" in page[2]
    assert json.loads(program[2])["detail"].startswith(f"{AWAY}. Send it again in a few seconds") is True


def test_a_table_that_is_missing_is_a_mistake_of_ours_and_no_outage(db):
    with pytest.raises(DatabaseError) as error, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM nowhere")
    assert outage_of(error.value) is None


# What the site writes to beside its database


def test_a_log_that_cannot_be_written_keeps_nobody_from_an_answer(tmp_path):
    """Every write to /dev/full fails as on a full disk."""
    program = ASK.replace("import json", "import sys\nsys.stderr = open('/dev/full', 'w')\nimport json", 1)
    process = start(program, DATABASE_URL=f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    assert [status for status, *_ in json.loads(process.stdout)] == [500, 500, 503]


def test_a_mail_that_cannot_be_written_stays_owed_until_it_can(provider, settings, tmp_path):
    settings.EMAIL_BACKEND, settings.MAIL_IS_SENT = "django.core.mail.backends.filebased.EmailBackend", True
    (tmp_path / "mail").write_text("This is no folder.")
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    assert book(wishes(provider)[0]).status_code == 201
    call_command("tick")
    confirmation = Mail.objects.get(kind=Mail.Kind.CONFIRMED)
    assert (confirmation.status, confirmation.attempts) == ("owed", 1)
    (tmp_path / "mail").unlink()
    Mail.objects.filter(pk=confirmation.pk).update(due_at=timezone.now())
    call_command("tick")
    confirmation.refresh_from_db()
    assert (confirmation.status, len(list((tmp_path / "mail").iterdir()))) == ("sent", 1)
