"""How the site introduces itself to phones, chats, crawlers and programs."""

import re
from html import unescape
from urllib.robotparser import RobotFileParser

import pytest

from booking.in_force import in_force
from tests.factories import in_days, make_appointment, make_provider, make_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings):
    settings.SITE_URL = "https://book.example.org"
    settings.PRACTICE_NAME = 'Byrne & "Sons"'
    return make_provider(name="Dr Ada Byrne", services=[make_service(name="Consultation")])


@pytest.fixture
def reference(provider):
    return make_appointment(provider=provider, at=in_days(2, provider=provider)).reference


def head_of(response):
    return response.content.decode().partition("</head>")[0]


def shared(response):
    """Return what a chat shows beside a link to the page."""
    return {
        name: unescape(content)
        for name, content in re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', head_of(response))
    }


def linked(response):
    return dict(re.findall(r'<link rel="([\w-]+)" href="([^"]+)"', head_of(response)))


def test_the_manifest_has_the_practices_name_colour_and_icon(client, provider, settings):
    settings.LANGUAGES, settings.LANGUAGE_CODE = [("es-ie", "Español"), ("en-ie", "English")], "es-ie"
    page = client.get("/")
    answer = client.get(linked(page)["manifest"], headers={"Accept-Language": "en"})
    assert answer["Content-Type"] == "application/manifest+json"
    assert answer.json() == {
        "id": "/",
        "start_url": "/",
        "name": 'Byrne & "Sons"',
        "short_name": 'Byrne & "Sons"',
        "lang": "es-ie",
        "display": "minimal-ui",
        "theme_color": in_force.palettes["light"].accent,
        "background_color": "#f6f3ec",
        "icons": [{"src": linked(page)["icon"], "type": "image/svg+xml", "sizes": "any"}],
    }


@pytest.mark.browser
@pytest.mark.any_engine
@pytest.mark.django_db(transaction=True)
def test_a_browser_reads_the_manifest_and_finds_nothing_wrong_with_it(chromium, live_server, settings):
    page = chromium.new_page()
    page.goto(live_server.url)
    manifest = page.context.new_cdp_session(page).send("Page.getAppManifest")
    page.close()
    assert (manifest["url"], manifest["errors"]) == (f"{live_server.url}/manifest.webmanifest", [])
    assert settings.PRACTICE_NAME in manifest["data"]


def test_the_browsers_own_frame_takes_the_practices_colour_light_and_dark(client, provider, settings):
    colours = re.findall(
        r'<meta name="theme-color" media="\(prefers-color-scheme: (\w+)\)" content="([^"]+)">',
        head_of(client.get("/")),
    )
    light, dark = in_force.palettes["light"], in_force.palettes["dark"]
    assert colours == [("light", light.accent), ("dark", dark.accent_ground)]


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "Book an appointment"),
        ("?provider=dr-ada-byrne", "Book an appointment with Dr Ada Byrne"),
        ("?provider=dr-ada-byrne&service=consultation", "Book an appointment with Dr Ada Byrne"),
    ],
)
def test_a_link_to_who_is_booked_is_shared_as_that_at_our_own_address(client, provider, query, title):
    assert shared(client.get(f"/{query}", headers={"host": "localhost"})) == {
        "type": "website",
        "site_name": 'Byrne & "Sons"',
        "title": title,
        "description": 'Book an appointment at Byrne & "Sons": choose a time, pay online, and it is confirmed.',
        "url": f"https://book.example.org/{query}",
    }


def test_what_somebody_chose_for_themselves_is_not_shared(client, provider):
    query = "?provider=dr-ada-byrne&service=consultation"
    there = client.get(f"/{query}&date={in_days(3, provider=provider):%Y-%m-%d}&zone=America/New_York")
    assert shared(there)["url"] == f"https://book.example.org/{query}"


@pytest.mark.parametrize("address", ["/appointments/{}/", "/payments/{}/", "/payments/{}/cancelled/"])
def test_a_page_of_a_reference_is_shared_as_the_start_page(client, reference, address):
    page = client.get(address.format(reference))
    assert (page.status_code, shared(page)) == (200, shared(client.get("/")))
    assert reference not in head_of(page)


def test_programs_find_the_api_and_clients_do_not_read_of_it(client, provider):
    page = client.get("/")
    links = linked(page)
    assert (links["service-desc"], links["service-doc"]) == ("/api/openapi.json", "/api/docs")
    assert [client.get(links[name]).status_code for name in ("service-desc", "service-doc")] == [200, 200]
    assert "/api/" not in page.content.decode().partition("<body")[2]


@pytest.fixture
def crawler(client):
    rules = RobotFileParser()
    rules.parse(client.get("/robots.txt").content.decode().splitlines())
    return rules


@pytest.mark.parametrize(
    ("address", "may_be_read"),
    [
        ("/", True),
        ("/?provider=dr-ada-byrne", True),
        # This page says "noindex", and a crawler learns that only if it may read the page.
        ("/appointments/abc/", True),
        ("/payments/abc/", True),
        ("/admin/", False),
        ("/api/appointments/abc", False),
    ],
)
def test_crawlers_may_read_what_people_look_for_and_what_says_that_it_is_not_to_be_listed(
    crawler, address, may_be_read
):
    assert crawler.can_fetch("*", address) is may_be_read


def test_crawlers_stay_out_of_the_calendars(client):
    """The rules are matched here, since Python's own parser knows no `*` in a path; RFC 9309 and the crawlers do."""
    lines = client.get("/robots.txt").content.decode().splitlines()
    rules = [re.escape(line.removeprefix("Disallow: ")).replace(r"\*", ".*") for line in lines if "Disallow" in line]
    calendar = "/?provider=dr-ada-byrne&service=consultation&date=2026-12-01"
    assert [bool(re.match(rule, calendar)) for rule in rules] == [True, False, False]


@pytest.mark.parametrize("address", ["/robots.txt", "/manifest.webmanifest"])
def test_they_answer_head_are_kept_for_a_day_and_set_no_cookie(client, address):
    answer = client.head(address)
    assert (answer.status_code, answer["Cache-Control"], answer.cookies) == (200, "public, max-age=86400", {})
    assert client.post(address).status_code == 405
