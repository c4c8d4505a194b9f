"""What people, programs and Stripe are told while PostgreSQL is away."""

import json
import sqlite3

import psycopg
import pytest
from django.db import OperationalError
from django.test import Client
from psycopg import errors
from psycopg_pool import PoolTimeout

from booking.outage import is_away
from tests.factories import in_days, make_provider
from tests.shapes import HTMX, booking_form, booking_json

pytestmark = pytest.mark.django_db

HEADING = "We cannot answer just now"
REFERENCE = "r" * 22


@pytest.fixture
def at():
    return in_days(2, provider=make_provider())


@pytest.fixture
def browser(at, postgres_away):
    """Return a browser that gets the answer to what our code raises, and not the exception."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("address", ["/", f"/payments/{REFERENCE}/", f"/appointments/{REFERENCE}/"])
def test_a_person_reads_that_it_passes(browser, address):
    answer = browser.get(address)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert f'<h1 tabindex="-1">{HEADING}</h1>' in answer.content.decode()


def test_the_page_leads_back_to_the_appointment_that_was_asked_for(browser):
    page = browser.get(f"/payments/{REFERENCE}/").content.decode()
    assert f'href="/appointments/{REFERENCE}/"' in page


def test_htmx_is_told_in_a_line_so_that_what_was_typed_stays(browser, at):
    answer = browser.post("/", booking_form(at=at), headers=HTMX)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.content.decode() == f"{HEADING}. Wait a few seconds and try again. Nothing is booked or paid twice."


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}])
def test_a_program_is_told_to_send_it_again_with_its_key(browser, at, headers):
    answer = browser.post("/api/appointments", booking_json(at=at), content_type="application/json", headers=headers)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    detail = f"{HEADING}. Send it again in a few seconds, and a POST with the same Idempotency-Key."
    assert json.loads(answer.content)["detail"] == detail


def test_it_is_the_same_answer_where_it_is_not_a_view_that_asks_the_database(at, postgres_away):
    """The page of a browser that sent no cookie is made by a middleware, whose exceptions no other middleware sees."""
    answer = Client(raise_request_exception=False, enforce_csrf_checks=True).post("/", booking_form(at=at))
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_staff_who_sign_in_are_told_as_well(browser):
    answer = browser.post("/admin/login/", {"username": "ada", "password": "p"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


@pytest.mark.parametrize(
    ("cause", "passes"),
    [
        (psycopg.OperationalError("the connection is lost"), True),
        (PoolTimeout("couldn't get a connection after 5.00 sec"), True),
        (errors.AdminShutdown(), True),
        (errors.CannotConnectNow("the database system is starting up"), True),
        (errors.TooManyConnections(), True),
        (errors.DiskFull(), False),
        (errors.QueryCanceled(), False),
        (sqlite3.OperationalError("no such table: booking_provider"), False),
    ],
)
def test_a_lost_connection_is_told_from_what_does_not_pass_by_itself(cause, passes):
    error = OperationalError(str(cause))
    error.__cause__ = cause
    assert is_away(error) is passes
