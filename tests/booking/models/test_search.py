"""A client is found by any letters of the name or address, in whichever way the database looks for them."""

import pytest
from django.db.models import QuerySet
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from booking.models import Appointment, Mail, search
from booking.text import folded
from tests.factories import in_days, make_appointment, make_provider

CLIENTS = [
    ("Zoë O’Neill", "zoe@example.com"),
    ("王伟", "wei@example.com"),
    ("", "100%_sure@example.com"),
    ("Jo Jo", "jo+mary@example.org"),
]
# Few rows are looked up by the keys of their appointments. If not, the index is taken or all texts are read.
WAYS = {"by keys": (1000, 10_000), "by the index": (0, 10_000), "by reading": (0, -1)}


@pytest.fixture(params=list(WAYS))
def way(request, monkeypatch):
    few, common = WAYS[request.param]
    monkeypatch.setattr(search, "FEW", few)
    monkeypatch.setattr(search, "COMMON", common)


@pytest.fixture
def texts(db):
    """The texts of all clients, by the keys of their appointments. Each client has two appointments and four mails."""
    provider = make_provider()
    for day, (name, email) in enumerate(2 * CLIENTS, start=2):
        at = in_days(day, provider=provider)
        appointment = make_appointment(provider=provider, at=at, client_name=name, email=email)
        for kind in (Mail.Kind.RETURNED, Mail.Kind.CANCELLED):
            Mail.objects.enqueue(appointment, kind)
    return {row.pk: folded(f"{row.client_name} {row.client_email}") for row in Appointment.objects.all()}


@example("zoe o'neill")
@example("ZOË example")
@example("王伟")
@example("%_")
@example("e\\")
@example("z")
@example("jo mary")
@hypothesis_settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text("zoe n'王%_\\@jm", min_size=1, max_size=6))
def test_the_rows_are_those_whose_text_has_each_word(texts, way, typed):
    words = folded(typed).split()
    having = {pk for pk, text in texts.items() if all(word in text for word in words)}
    appointments = search.of_client(Appointment.objects.all(), typed, path="")
    mails = search.of_client(Mail.objects.all(), typed, path="appointment__")
    assert {row.pk for row in appointments} == having
    assert {mail.appointment_id for mail in mails} == having


@pytest.mark.parametrize(("typed", "on_postgresql"), [("ei", False), ("e@", False), ("ei e@", True)])
def test_two_common_words_that_few_texts_have_together_are_found_by_the_index(
    texts, engine, monkeypatch, typed, on_postgresql
):
    for name, value in {"FEW": 0, "COMMON": 3, "expected": QuerySet.count}.items():
        monkeypatch.setattr(search, name, value)
    statement = str(search.of_client(Appointment.objects.all(), typed, path="").query)
    assert ("booking_pairs" in statement) == {"postgresql": on_postgresql, "sqlite3": False}[engine]


def test_clients_who_have_come_before_are_known_once_each_by_their_last_details(db):
    provider = make_provider()
    known = [
        ("Jo Malone", "jo@example.com", ""),
        ("Joanna Malone", "Jo+spring@example.com", "+353871234567"),
        ("Joe", "", "+353861234567"),
        ("Joe Bloggs", "", "+353861234567"),
    ]
    for day, (name, email, phone) in enumerate(known, start=2):
        at = in_days(day, provider=provider)
        make_appointment(provider=provider, at=at, client_name=name, email=email, client_phone=phone)
    rows = Appointment.objects.all()
    assert [one.client_name for one in search.known_clients(rows, "jo")] == ["Joe Bloggs", "Joanna Malone"]
    assert [one.client_name for one in search.known_clients(rows, "jo", "087 12")] == ["Joanna Malone"]
    assert [one.client_name for one in search.known_clients(rows, "", "086 123 4567")] == ["Joe Bloggs"]


def test_without_a_letter_typed_nobody_is_looked_for(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert search.known_clients(Appointment.objects.all(), "", " ") == []


def test_at_most_five_known_clients_are_offered(db):
    provider = make_provider()
    for day in range(2, 9):
        make_appointment(provider=provider, at=in_days(day, provider=provider), email=f"jo{day}@example.com")
    found = search.known_clients(Appointment.objects.all(), "example")
    assert [one.client_email for one in found] == [f"jo{day}@example.com" for day in (8, 7, 6, 5, 4)]
