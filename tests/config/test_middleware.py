"""What surrounds every request: headers, and errors in our own words."""

import re
from http import HTTPStatus
from itertools import product

import pytest
from django.conf import settings as django_settings
from django.test import Client

from tests.factories import in_days, make_appointment, make_provider
from tests.pages import Page

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def provider():
    return make_provider()


@pytest.fixture
def held(provider):
    return make_appointment(provider=provider, at=in_days(2, provider=provider), client_name="Jo Malone")


@pytest.fixture
def forgiving():
    """Return a browser that gets a 500 where our code raises, and not the exception."""
    return Client(raise_request_exception=False)


# Headers


def directives(response):
    parts = [part.split() for part in response["Content-Security-Policy"].split(";")]
    return {name: set(values) for name, *values in parts}


def test_the_policy_allows_our_own_files_and_nothing_inline(client, provider):
    policy = directives(client.get("/"))
    form_action = policy.pop("form-action")
    assert "https://checkout.stripe.com" in form_action
    assert form_action >= {"'self'", django_settings.SITE_URL}
    assert policy == {
        "default-src": {"'none'"},
        "script-src": {"'self'"},
        "style-src": {"'self'"},
        "img-src": {"'self'"},
        "connect-src": {"'self'"},
        "manifest-src": {"'self'"},
        "base-uri": {"'none'"},
        "frame-ancestors": {"'none'"},
    }


@pytest.mark.parametrize(
    "address", ["/", "/?provider=nobody", "/nowhere", "/api/docs", "/api/nowhere", "/admin/login/"]
)
def test_every_page_carries_the_security_headers(client, provider, address):
    response = client.get(address)
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("address", ["/", "/?provider=dr-ada-byrne&service=consultation", "/nowhere", "/api/docs"])
def test_no_page_needs_what_the_policy_forbids(client, provider, address):
    page = client.get(address).content.decode()
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=\"/(?:static|coloured)/)", page) == []


def test_https_is_remembered_for_this_host_alone(client, settings):
    settings.SECURE_HSTS_SECONDS = 31_536_000
    assert client.get("/", secure=True)["Strict-Transport-Security"] == "max-age=31536000"


def private_pages(reference):
    return [f"/appointments/{reference}/", f"/payments/{reference}/", f"/payments/{reference}/cancelled/"]


def assert_private(response):
    assert response["X-Robots-Tag"] == "noindex"
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_pages_of_a_reference_are_nobodys_to_index_or_keep(client, held, headers):
    for address in private_pages(held.reference):
        response = client.get(address, headers=headers)
        assert response.status_code == 200
        assert_private(response)
    response = client.post(f"/appointments/{held.reference}/cancel/", headers=headers)
    assert response.status_code == 303
    assert_private(response)


def test_pages_anybody_may_read_may_be_indexed(client, provider):
    assert client.get("/").has_header("X-Robots-Tag") is False


@pytest.mark.parametrize("address", ["/", "/nowhere", "/api/docs", "/api/openapi.json"])
def test_pages_are_compressed_for_who_can_read_that(client, provider, address):
    packed, plain = client.get(address, headers={"accept-encoding": "gzip"}), client.get(address)
    assert packed["Content-Encoding"] == "gzip"
    assert plain.has_header("Content-Encoding") is False
    assert len(packed.content) < len(plain.content)
    assert "Accept-Encoding" in packed["Vary"]


# Errors, in our words


def ask(client, status, address, **headers):
    """Send the request that is refused with that status."""
    if status == 400:
        return client.get(address, headers={**headers, "host": "evil.example.org"})
    if status == 405:
        return client.delete(address, headers=headers)
    return client.get(address, headers=headers)


REFUSALS = [
    pytest.param(400, "/", "We could not read that request", id="400"),
    pytest.param(404, "/nowhere", "There is nothing at this address", id="404"),
    pytest.param(404, "/appointments/unknown/", "There is nothing at this address", id="404 of a row"),
    pytest.param(404, "/payments/unknown/", "There is nothing at this address", id="404 of a payment"),
    pytest.param(405, "/", "That cannot be done here", id="405"),
]
CRASH = pytest.param(500, "/?provider=dr-ada-byrne&service=consultation", "Something went wrong on our side", id="500")


def break_the_zone(provider):
    """Make pages fail with a 500, by a zone that does not exist and that no form of ours would save."""
    provider.time_zone = "Nowhere/Town"
    provider.save()


@pytest.mark.parametrize(("status", "address", "heading"), [*REFUSALS, CRASH])
def test_an_error_is_a_whole_page_in_our_words(forgiving, provider, status, address, heading):
    if status == 500:
        break_the_zone(provider)
    response = ask(forgiving, status, address)
    page = response.content.decode()
    assert (response.status_code, response["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert re.findall(r"<h1[^>]*>([^<]*)</h1>", page) == [heading]
    assert page.startswith("<!doctype html>") is True
    assert page.count("<main") == 1
    assert 'href="/"' in page
    assert "HX-Request" in response["Vary"].split(", ")


@pytest.mark.parametrize(("status", "address", "heading"), REFUSALS)
def test_an_error_over_htmx_is_only_what_goes_into_main(forgiving, status, address, heading):
    response = ask(forgiving, status, address, **HTMX)
    page = response.content.decode()
    assert response.status_code == status
    assert re.findall(r"<h1[^>]*>([^<]*)</h1>", page) == [heading]
    assert re.findall(r"<(html|head|body|main)\b", page) == []
    assert response["HX-Push-Url"] == "false"
    assert "HX-Request" in response["Vary"].split(", ")


@pytest.mark.parametrize(("status", "address", "heading"), [CRASH])
def test_a_crash_over_htmx_brings_nothing_to_put_where_somebody_typed(forgiving, provider, status, address, heading):
    break_the_zone(provider)
    response = ask(forgiving, status, address, **HTMX)
    assert (response.status_code, response["Content-Type"]) == (status, "text/plain")
    assert ("HX-Push-Url" in response.headers, heading in response.content.decode()) == (False, True)


@pytest.mark.parametrize(
    ("status", "address"),
    [
        (404, "/api/nowhere"),
        (404, "/api/appointments/unknown"),
        (405, "/api/providers"),
        (405, "/api/docs"),
        (405, "/api/openapi.json"),
        (500, "/api/providers/dr-ada-byrne/slots?date=2026-06-02&service=consultation"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize("debug", [True, False])
def test_an_error_under_api_is_a_problem(forgiving, provider, settings, *, debug, status, address, headers):
    settings.DEBUG = debug
    if status == 500:
        break_the_zone(provider)
    assert_problem(ask(forgiving, status, address, **headers), status)


def test_a_host_that_is_not_ours_is_a_problem_under_api(forgiving):
    assert_problem(ask(forgiving, 400, "/api/providers"), 400)


def assert_problem(response, status):
    problem = response.json()
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert (problem["type"], problem["title"], problem["status"]) == ("about:blank", HTTPStatus(status).phrase, status)
    assert set(problem) == {"type", "title", "status", "detail"}


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("address", ["/nowhere", "/appointments/unknown/", "/api/nowhere"])
def test_debug_or_not_a_missing_page_reads_the_same(client, settings, debug, address):
    settings.DEBUG = debug
    response = client.get(address)
    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()
    assert "urlpatterns" not in response.content.decode()


SLASHLESS = ["/payments/{}/checkout", "/appointments/{}/cancel", "/appointments/{}/reschedule", "/admin/login"]


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("address", SLASHLESS)
def test_what_is_sent_without_its_last_slash_is_not_found(admin_client, held, settings, debug, address):
    """A redirect would drop the body of the request, and with DEBUG on, Django itself would raise an error."""
    settings.DEBUG = debug
    sends = (admin_client.post, admin_client.put, admin_client.patch, admin_client.delete)
    for send, headers in product(sends, ({}, HTMX)):
        response = send(address.format(held.reference), {"refund": "0"}, headers=headers)
        assert (response.status_code, "Location" in response.headers) == (404, False)
        assert "There is nothing at this address" in response.content.decode()


@pytest.mark.parametrize("address", [*SLASHLESS, "/admin/payments/payment"])
def test_who_only_looks_without_the_last_slash_is_led_to_it(admin_client, held, address):
    address = address.format(held.reference)
    response = admin_client.get(f"{address}?a=b")
    assert (response.status_code, response["Location"]) == (301, f"{address}/?a=b")


def test_a_wrong_method_says_which_are_right(client, held):
    response = client.get(f"/payments/{held.reference}/checkout/")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    page = Page(response)
    assert "This address takes POST only, so nothing was changed." in page.text
    assert page.links["Go back to your appointment"] == f"/appointments/{held.reference}/"


def test_an_address_with_a_null_character_is_404(client):
    assert client.get("/appointments/a%00b/").status_code == 404


def test_the_admin_is_not_in_the_way_of_its_own_errors(admin_client):
    assert admin_client.get("/admin/booking/appointment/999/change/").status_code == 302
    assert admin_client.get("/admin/nowhere/").status_code == 404
