"""/healthz says whether this process answers, and /readyz whether visitors may be sent to it."""

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from tests.config.starting import start

pytestmark = pytest.mark.django_db

ADDRESSES = ["/healthz", "/readyz"]
BOTH = """
import django
django.setup()
from django.test import Client
for address in ("/healthz", "/readyz"):
    answer = Client().get(address)
    print(answer.status_code, answer.content.decode().strip())
"""


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3:8000", "anything.example.org", "bad_host", "[::1]"])
def test_health_is_answered_for_any_host_without_a_redirect(client, settings, address, host):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["book.example.com"], True
    response = client.get(address, headers={"host": host})
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert (response["Content-Type"], response["Cache-Control"]) == ("text/plain", "no-store")


@pytest.mark.parametrize("address", ADDRESSES)
def test_health_takes_any_method_of_a_load_balancer(client, address):
    looked, posted = client.head(address), client.post(address)
    assert (looked.status_code, looked.content, posted.status_code) == (200, b"", 200)


def test_another_address_is_redirected_to_https_and_for_another_host_refused(client, settings):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["book.example.com"], True
    assert client.get("/healthz/", headers={"host": "book.example.com"}).status_code == 301
    redirected = client.get("/", headers={"host": "book.example.com"})
    assert (redirected.status_code, redirected["Location"]) == (301, "https://book.example.com/")
    assert client.get("/", headers={"host": "evil.example.org"}, secure=True).status_code == 400


def test_a_process_is_alive_without_asking_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/healthz")


def test_readiness_asks_the_database_for_nothing_but_its_migrations(client, django_assert_num_queries):
    client.get("/readyz")
    with django_assert_num_queries(2):
        client.get("/readyz")


def test_without_its_database_a_process_is_alive_but_not_ready(tmp_path):
    process = start(BOTH, DATABASE_URL=f"sqlite:///{tmp_path / 'no such folder' / 'x.sqlite3'}")
    assert (process.stdout.splitlines(), process.returncode) == (["200 ok", "503 database unreachable"], 0)


def test_without_a_migration_of_its_own_a_process_is_not_ready(client):
    MigrationRecorder(connection).record_unapplied("booking", "0002_no_overlap")
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"migrations not applied: 1\n")
    assert client.get("/healthz").status_code == 200


def test_a_release_that_was_rolled_back_is_ready_beside_the_migrations_of_the_newer_one(client):
    MigrationRecorder(connection).record_applied("booking", "9999_of_a_later_release")
    assert client.get("/readyz").content == b"ok\n"
