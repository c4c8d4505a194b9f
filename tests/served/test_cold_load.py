"""Chromium visits a site under gunicorn with an empty cache: that takes few requests and few bytes."""

import io
import random
import re
from urllib.parse import urlsplit

import pytest
from PIL import Image

from booking.models import Portrait
from booking.pictures import portrait
from config import languages
from tests.drawn import as_file
from tests.factories import make_provider, make_service
from tests.gunicorn import collect_static_files, gunicorn

MOST_REQUESTS, MOST_BYTES, MOST_BYTES_WITH_FOUR_PORTRAITS = 5, 30_000, 60_000
# A file's address changes with its content: it has a hash in the name, or before the name for the two files that are
# drawn in the practice's colour. So a cache may keep it for good: ten years as whitenoise says it, one year as we do.
HASHED = re.compile(r"/static/.+\.[0-9a-f]{12}\.\w+|/coloured/[0-9a-f]{12}/[\w.]+")
FOR_GOOD = [{f"max-age={seconds}", "public", "immutable"} for seconds in (315_360_000, 31_536_000)]

# A browser without a window does not fetch the icon by itself.
FETCH_ICON = """async () => {
    const icon = await fetch(document.querySelector("link[rel=icon]").href);
    await icon.text();
}"""

pytestmark = [pytest.mark.browser, pytest.mark.any_engine]


@pytest.fixture
def address(transactional_db, database_url):
    collect_static_files()
    with gunicorn(workers=1, DATABASE_URL=database_url, LANGUAGES=",".join(languages.NAMES)) as server:
        yield server.address


class Visit:
    """One page load: its responses, what the console said, and how many bytes were received, headers included."""

    def __init__(self, browser, url):
        page = browser.new_context().new_page()
        self.responses, self.complaints, self.bytes = {}, [], 0
        page.on("response", self.note)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        wire = page.context.new_cdp_session(page)
        wire.on("Network.loadingFinished", self.count)
        wire.send("Network.enable")
        page.goto(url)
        page.evaluate(FETCH_ICON)
        page.wait_for_load_state("networkidle")

    def note(self, response):
        self.responses[response.url] = response

    def count(self, finished):
        self.bytes += finished["encodedDataLength"]


@pytest.fixture
def providers(transactional_db):
    """Four as in the demo: each offers something of their own, and two things that all offer."""
    shared = [make_service(name=f"Shared service {number}", position=number) for number in range(2)]
    return [
        make_provider(name=f"Dr Number {number}", services=[make_service(name=f"Service {number}"), *shared])
        for number in range(4)
    ]


@pytest.fixture
def pages(address, providers):
    """The two pages that people come to first."""
    choice = f"provider={providers[0].slug}&service={providers[0].services.first().slug}"
    return {"start": f"{address}/", "calendar": f"{address}/?{choice}"}


@pytest.fixture
def portraits(providers, django_user_model):
    """Put up a picture of noise for each, which stays as large as a portrait may be."""
    staff = django_user_model.objects.create(username="staff")
    for number, provider in enumerate(providers):
        noise = Image.frombytes("RGB", (300, 300), random.Random(number).randbytes(300 * 300 * 3))
        Portrait.objects.put_up(provider, portrait(io.BytesIO(as_file(noise, "PNG"))), staff)


@pytest.mark.parametrize("page", ["start", "calendar"])
def test_it_is_light_comes_from_one_host_and_the_console_stays_empty(chromium, pages, address, page):
    visit = Visit(chromium, pages[page])
    print(f"{len(visit.responses)} requests, {visit.bytes} bytes")
    assert len(visit.responses) <= MOST_REQUESTS
    assert visit.bytes <= MOST_BYTES
    assert {response.status for response in visit.responses.values()} == {200}
    assert {urlsplit(url).netloc for url in visit.responses} == {urlsplit(address).netloc}
    assert visit.complaints == []


@pytest.mark.usefixtures("portraits")
def test_four_portraits_are_one_request_each_and_double_it_at_most(chromium, pages):
    visit = Visit(chromium, pages["start"])
    print(f"{len(visit.responses)} requests, {visit.bytes} bytes")
    assert len(visit.responses) <= MOST_REQUESTS + 4
    assert len([url for url in visit.responses if "/portraits/" in url]) == 4
    assert visit.bytes <= MOST_BYTES_WITH_FOUR_PORTRAITS


def test_everything_is_compressed_and_files_are_kept_for_good(chromium, pages):
    visit = Visit(chromium, pages["calendar"])
    headers = {urlsplit(url).path: response.headers for url, response in visit.responses.items()}
    assert [path for path, facts in headers.items() if facts.get("content-encoding") not in ("br", "gzip")] == []
    pages = {path for path, facts in headers.items() if facts["content-type"].startswith("text/html")}
    files = {path: facts["cache-control"] for path, facts in headers.items() if path not in pages}
    assert pages == {"/"}
    assert [path for path in files if not HASHED.fullmatch(path)] == []
    assert [path for path, kept in files.items() if set(kept.split(", ")) not in FOR_GOOD] == []
