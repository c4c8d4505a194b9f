"""A client is found by any letters of the name or address, in whichever way the database looks for them."""

import pytest
from django.db import connection
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
    newest = search.newest_of_client(Appointment.objects.all(), typed)
    mails = search.of_client(Mail.objects.all(), typed, path="appointment__")
    assert {row.pk for row in appointments} == having
    assert {row.pk for row in newest} == having
    assert {mail.appointment_id for mail in mails} == having


@pytest.mark.parametrize(("typed", "by"), [("ei", ""), ("e@", ""), ("ei e@", "pairs"), ("wei wei@", "triples")])
def test_two_common_words_that_few_texts_have_together_are_found_by_the_index(texts, engine, monkeypatch, typed, by):
    for name, value in {"FEW": 0, "COMMON": 3, "expected": QuerySet.count}.items():
        monkeypatch.setattr(search, name, value)
    statement = str(search.of_client(Appointment.objects.all(), typed, path="").query)
    indexes = [name for name in ("pairs", "triples") if f"booking_{name}" in statement]
    assert indexes == [by for _ in [engine] if engine == "postgresql" and by]


@pytest.mark.parametrize(
    ("typed", "index"), [("wei@example", "booking_appointment_triples"), ("王伟", "booking_appointment_pairs")]
)
def test_postgresql_finds_a_word_by_the_index_of_its_letters(texts, engine, typed, index):
    with connection.cursor() as cursor:
        if engine == "postgresql":  # so few texts are read sooner
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = search.having(search.words_of(typed), "holds").order_by().explain()
    assert {"postgresql": index, "sqlite3": "SCAN booking_appointment"}[engine] in plan


def test_clients_who_have_come_before_are_known_once_each_by_their_last_details(db):
    provider = make_provider()
    clients = [
        ("Jo Malone", "jo@example.com", ""),
        ("Joanna Malone", "Jo+spring@example.com", "+353871234567"),
        ("Joe", "", "+353861234567"),
        ("Joe Bloggs", "", "+353861234567"),
    ]
    for day, (name, email, phone) in enumerate(clients, start=2):
        at = in_days(day, provider=provider)
        make_appointment(provider=provider, at=at, client_name=name, email=email, client_phone=phone)
    assert known("jo") == (["Joe Bloggs", "Joanna Malone"], True)
    assert known("jo", "087 12") == (["Joanna Malone"], True)
    assert known("", "086 123 4567") == (["Joe Bloggs"], True)


def known(*texts):
    """Return the names that the clients are offered by, and whether they are all."""
    found, are_all = search.known_clients(Appointment.objects.all(), *texts)
    return [one.client_name for one in found], are_all


def test_without_a_letter_typed_nobody_is_looked_for(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert known("", " ") == ([], True)


@pytest.fixture
def seven(db):
    """Seven clients, who have booked one after the other. Of the first three all have the same name."""
    provider = make_provider()
    for day, name in enumerate(["Jo", "Jo", "Jo", "Al", "Bo", "Cy", "Di"], start=2):
        at = in_days(day, provider=provider)
        make_appointment(provider=provider, at=at, client_name=name, email=f"{name}{day}@example.com")


def test_at_most_five_known_clients_are_offered_and_it_is_said_that_there_are_more(seven):
    assert known("example") == (["Di", "Cy", "Bo", "Al", "Jo"], False)
    assert known("jo") == (["Jo", "Jo", "Jo"], True)


def test_known_clients_are_looked_for_among_those_who_have_booked_last(seven, monkeypatch):
    monkeypatch.setattr(search, "A_PAGE", 2)
    assert known("example") == (["Di", "Cy"], False)
    assert known("al") == (["Al"], True)


@pytest.mark.parametrize("most", [2, 1000])
def test_known_clients_cost_the_same_however_many_fit(seven, engine, monkeypatch, django_assert_num_queries, most):
    monkeypatch.setattr(search, "FEW", most)
    with django_assert_num_queries({"sqlite3": 3, "postgresql": 4}[engine]):
        known("example")


@pytest.mark.parametrize(("fitting", "all_texts", "soon"), [(100, 200, False), (158, 1000, False), (159, 1000, True)])
def test_a_page_is_filled_from_the_list_if_that_reads_fewer_texts_than_the_index_costs(
    db, monkeypatch, fitting, all_texts, soon
):
    counts = iter([fitting, all_texts])
    monkeypatch.setattr(search, "expected", lambda rows: next(counts))
    assert search.fill_a_page_soon(["jo"]) is soon


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Bo6+spring@Example.com", ["Bo"]),
        ("6@example.com", []),
        ("087 123 4567", ["Al"]),
        ("087 123 456", []),
        ("bo", []),
    ],
)
def test_an_address_or_a_number_is_looked_up_whole(seven, text, names):
    Appointment.objects.filter(client_name="Al").update(client_phone="+353871234567")
    assert [one.client_name for one in search.of_address(Appointment.objects.all(), text)] == names
