"""The practice's logo: read and checked at the start, served from our own host, and shown instead of the name."""

import re

import pytest
from PIL import Image

from booking.mail.letters import compose
from booking.models import Mail
from config.image_files import read_logo
from tests.config.starting import refusal, starts
from tests.drawn import as_file
from tests.factories import in_days, make_appointment, make_provider

pytestmark = pytest.mark.django_db

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100"><script>alert(1)</script></svg>'


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a file and returns its path."""

    def write(content, name="logo"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write


@pytest.fixture
def shown(settings, file):
    """Return a function that makes the content of a file the logo."""

    def show(content):
        settings.PRACTICE_LOGO = read_logo("PRACTICE_LOGO", file(content))

    return show


def png(width=600, height=200, kind="PNG"):
    return as_file(Image.new("RGB", (width, height), "#7a3b69"), kind)


def header(client):
    """The content of the link in the header of the start page."""
    return re.search(r'<header class="site"><a href="/">(.*?)</a>', client.get("/").content.decode(), re.DOTALL)[1]


def tag(html):
    return dict(re.findall(r'([a-z]+)="([^"]*)"', html))


# What is read


def test_a_jpeg_with_a_preview_behind_it_is_served_as_what_it_is(client, shown, settings):
    shown(as_file(Image.new("RGB", (600, 200)), "MPO", save_all=True, append_images=[Image.new("RGB", (60, 20))]))
    logo = settings.PRACTICE_LOGO
    assert (logo.kind, client.get(f"/logo/{logo.digest}")["Content-Type"]) == ("JPEG", "image/jpeg")


@pytest.mark.parametrize(
    ("content", "kind", "width"),
    [
        *[(png(kind=kind), kind, 108) for kind in ("PNG", "JPEG", "WEBP")],
        (SVG, "SVG", 108),
        ('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="40px" height="20"/>', "SVG", 72),
        ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0,0,1.5,.5" width="100%"/>', "SVG", 108),
        (png(1, 200), "PNG", 1),
    ],
)
def test_the_kind_is_read_from_what_is_in_the_file_and_the_width_from_its_shape(file, content, kind, width):
    logo = read_logo("PRACTICE_LOGO", file(content, "named.gif"))
    assert (logo.kind, logo.width, logo.height) == (kind, width, 36)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "Linden House",
        "<html xmlns='http://www.w3.org/1999/xhtml'></html>",
        '<svg xmlns="http://www.w3.org/2000/svg"/>',
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 0 0"/>',
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 many 1"/>',
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">',
        png()[:80],
        png(kind="GIF"),
    ],
)
def test_what_is_no_image_stops_the_start_with_a_sentence(file, content):
    path = file(content)
    sentence = f"PRACTICE_LOGO must be a PNG, WebP, JPEG or SVG image with a size, not '{path}'."
    with pytest.raises(Exception, match=re.escape(sentence)):
        read_logo("PRACTICE_LOGO", path)


def test_an_image_that_is_too_large_or_not_there_stops_the_start(file, tmp_path):
    large, missing = file(SVG + 200_000 * " "), str(tmp_path / "missing.png")
    assert refusal(PRACTICE_LOGO=large) == (
        f"PRACTICE_LOGO must be an image of 200 KB or less, since every visitor loads it: '{large}'."
    )
    assert refusal(PRACTICE_LOGO=missing) == (
        f"PRACTICE_LOGO must be the path of an image that this site may read, not '{missing}'."
    )


def test_a_path_may_begin_at_the_projects_folder_and_the_bytes_are_shown_nowhere():
    said = starts("PRACTICE_LOGO", PRACTICE_LOGO="static/icon.svg")["PRACTICE_LOGO"]
    assert re.fullmatch(r"Logo\(kind='SVG', digest='[0-9a-f]{12}', width=36, height=36\)", said) is not None


# Where it is shown


def test_without_a_logo_the_header_has_the_name_and_nothing_is_served(client):
    make_provider()
    assert header(client).strip() == "Linden House Practice"
    assert client.get("/logo/0123456789ab").status_code == 404


def test_the_header_has_the_logo_under_the_practices_name(client, shown):
    shown(png())
    assert tag(header(client)) == {
        "class": "logo",
        "src": tag(header(client))["src"],
        "alt": "Linden House Practice",
        "width": "108",
        "height": "36",
    }


@pytest.mark.parametrize(("content", "kind"), [(png(), "image/png"), (SVG, "image/svg+xml")], ids=["png", "svg"])
def test_it_is_served_for_good_and_no_script_of_it_can_run(client, shown, content, kind, django_assert_num_queries):
    shown(content)
    address = tag(header(client))["src"]
    with django_assert_num_queries(0):
        answer = client.get(address)
    assert (answer.status_code, answer["Content-Type"], answer["X-Content-Type-Options"]) == (200, kind, "nosniff")
    assert answer["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert ("Cookie" in answer.get("Vary", ""), client.cookies.output()) == (False, "")
    assert answer.content == (content if isinstance(content, bytes) else content.encode())


def test_a_page_of_another_release_gets_the_logo_and_does_not_keep_it(client, shown):
    shown(png())
    answer = client.get("/logo/0123456789ab")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-cache")


def test_another_logo_has_another_address(client, shown):
    shown(png())
    first = tag(header(client))["src"]
    shown(png(700))
    assert tag(header(client))["src"] != first


def letter():
    """The head of a mail to a client, as HTML."""
    provider = make_provider()
    booked = make_appointment(provider=provider, at=in_days(3, provider=provider), status="confirmed")
    html = compose(Mail(appointment=booked, kind="confirmed", reader="client")).alternatives[0].content
    return re.search(r'<p class="practice">(.*?)</p>', html, re.DOTALL)[1].strip()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_mail_shows_it_and_with_pictures_off_the_name(shown, settings, kind):
    shown(png(kind=kind))
    assert tag(letter()) == {
        "src": f"{settings.SITE_URL}/logo/{settings.PRACTICE_LOGO.digest}",
        "alt": "Linden House Practice",
        "width": "108",
        "height": "36",
    }


@pytest.mark.parametrize("content", [SVG, png(kind="WEBP")], ids=["svg", "webp"])
def test_a_mail_has_the_name_where_mail_programs_cannot_read_the_logo(shown, content):
    shown(content)
    assert letter() == "Linden House Practice"


def test_a_mail_has_the_name_without_a_logo():
    assert letter() == "Linden House Practice"
