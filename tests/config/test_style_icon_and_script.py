"""The stylesheet and the icon as served: in the practice's colour, at an address that changes with what is in them."""

import gzip
import os
import re

import brotli
import pytest

pytestmark = pytest.mark.django_db

FOR_GOOD = "public, max-age=31536000, immutable"


def addresses(client):
    page = client.get("/").content.decode()
    return re.findall(r'<link rel="(?:icon|stylesheet)" href="([^"]+)"', page)


def icon_and_stylesheet(client):
    return [client.get(address).content.decode() for address in addresses(client)]


@pytest.fixture
def folder(settings, tmp_path):
    """Copy the files into a folder in which a test may edit them."""
    (tmp_path / "static").mkdir()
    for name in ("site.css", "site.js", "icon.svg"):
        (tmp_path / "static" / name).write_text((settings.BASE_DIR / "static" / name).read_text())
    settings.BASE_DIR = tmp_path
    return tmp_path / "static"


def test_both_carry_the_practices_colour(client, settings):
    settings.PRACTICE_COLOUR = "#ffd400"
    icon, stylesheet = icon_and_stylesheet(client)
    assert 'fill="#625100"' in icon
    assert stylesheet.rstrip().splitlines()[-1] == (
        "@layer tokens { :root { --accent: light-dark(#625100, #ffd400); --on-accent: light-dark(#fffefb, #141311); "
        "--accent-line: light-dark(#9f9461, #79670f); --accent-ground: light-dark(#ece6cd, #383217); "
        "--accent-some: light-dark(#e2dab6, #443b16); --accent-many: light-dark(#d8ce9e, #504514); } }"
    )


def test_the_stylesheet_is_our_own_without_comments_and_spare_space_and_then_the_colour(client, settings, folder):
    settings.DEBUG = True
    (folder / "site.css").write_text("main { top: 0; } /* why */\n  /* of two\n  lines */\nbody { top: 0; }\n")
    _, stylesheet = icon_and_stylesheet(client)
    assert stylesheet.splitlines()[:-1] == ["main{top: 0;}body{top: 0;}"]


def test_another_colour_has_other_addresses_and_the_same_colour_the_same(client, settings):
    before = addresses(client)
    assert addresses(client) == before
    settings.PRACTICE_COLOUR = "#c2185b"
    assert set(addresses(client)) & set(before) == set()


def test_they_are_kept_for_good_and_are_nobodys_own_even_for_who_is_signed_in(admin_client):
    for address, kind in zip(addresses(admin_client), ["image/svg+xml", "text/css; charset=utf-8"], strict=True):
        response = admin_client.get(address)
        assert (response.status_code, response["Content-Type"]) == (200, kind)
        assert (response["Cache-Control"], response["Vary"]) == (FOR_GOOD, "Accept-Encoding")
        assert response.cookies == {}


def test_they_are_packed_for_who_can_read_that(client):
    for address in addresses(client):
        plain = client.get(address)
        assert plain.has_header("Content-Encoding") is False
        for accepted, encoding, unpack in [("gzip, br", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress)]:
            packed = client.get(address, headers={"accept-encoding": accepted})
            assert (packed["Content-Encoding"], unpack(packed.content)) == (encoding, plain.content)
            assert len(packed.content) < len(plain.content)
        assert client.head(address).status_code == 200


def test_the_address_of_another_release_shows_the_present_look_but_not_for_good(client):
    """While a release is rolled out, a page of one release may request its files from a machine of another."""
    for name in ("site.css", "icon.svg"):
        response = client.get(f"/coloured/0123456789ab/{name}")
        assert (response.status_code, response["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize("name", ["settings.py", "..%2fmanage.py", "staff.js"])
def test_nothing_else_is_served_there(client, name):
    assert client.get(f"/coloured/0123456789ab/{name}").status_code == 404


def test_the_icon_that_no_page_names_is_the_same_one(client, settings):
    settings.PRACTICE_COLOUR = "#c2185b"
    favicon = client.get("/favicon.ico")
    assert (favicon.status_code, favicon["Content-Type"]) == (200, "image/svg+xml")
    assert favicon.content.decode() == icon_and_stylesheet(client)[0]


def edit(stylesheet):
    stylesheet.write_text(stylesheet.read_text() + "edited { }\n")
    # The file's time is set one second later, so that the edit is seen however coarse the file system's clock is.
    moment = stylesheet.stat().st_mtime_ns + 1_000_000_000
    os.utime(stylesheet, ns=(moment, moment))


def test_an_edit_shows_at_once_while_debug_is_on(client, settings, folder):
    settings.DEBUG = True
    before = addresses(client)
    edit(folder / "site.css")
    assert addresses(client)[1] != before[1]
    assert "edited{}" in icon_and_stylesheet(client)[1]


def test_in_production_they_are_read_once(client, folder):
    before = addresses(client)
    edit(folder / "site.css")
    assert addresses(client) == before
