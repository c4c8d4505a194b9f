"""The portrait of a provider: put up at the desk, seen by clients, taken down."""

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.models import Portrait, Provider
from tests.drawn import as_file, face
from tests.factories import make_provider, make_service
from tests.pages import problem
from tests.staff import logged_in, somebody

pytestmark = pytest.mark.django_db

PORTRAIT = "/staff/portraits/dr-ada-byrne/"
LARGEST = 10_100_000


@pytest.fixture
def owner():
    return logged_in(somebody("Owner"))


def picture(content=None, name="ada.jpg"):
    return SimpleUploadedFile(name, as_file(face()) if content is None else content)


def put_up(browser, **file):
    """Put up a portrait of Dr Ada Byrne, and return its address."""
    answer = browser.post(PORTRAIT, {"picture": picture(**file)})
    assert (answer.status_code, answer["Location"]) == (303, PORTRAIT)
    return f"/portraits/{Provider.objects.get(slug='dr-ada-byrne').portrait_digest}.webp"


def test_a_picture_is_shown_to_clients_instead_of_initials(provider, owner):
    assert '<span class="face" aria-hidden="true">AB</span>' in owner.get(PORTRAIT).content.decode()
    address = put_up(owner)
    page = owner.get(PORTRAIT).content.decode()
    assert f'<img class="face" src="{address}" alt="" width="72" height="72" loading="lazy">' in page
    assert ("This is the portrait that clients see from now on." in page, 'class="face" aria' in page) == (True, False)


def test_it_is_served_to_anybody_for_good_and_tells_nothing_of_who_asks(provider, owner):
    address = put_up(owner)
    visitor = Client()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = visitor.get(address)
    assert (len(queries), answer.status_code, answer["Content-Type"]) == (1, 200, "image/webp")
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert (visitor.cookies.output(), "Cookie" in answer.get("Vary", "")) == ("", False)
    assert answer.content == bytes(Portrait.objects.get().image)


@pytest.mark.parametrize("digest", ["0123456789abcdef", "x", "-"])
def test_another_digest_is_not_found(provider, owner, digest):
    put_up(owner)
    assert Client().get(f"/portraits/{digest}.webp").status_code == 404


def test_without_any_portrait_nothing_is_found(provider):
    assert Client().get("/portraits/.webp").status_code == 404


def test_another_picture_has_another_address_and_the_first_is_gone(provider, owner):
    first = put_up(owner)
    second = put_up(owner, content=as_file(face(width=400, height=400)))
    assert [Client().get(address).status_code for address in (first, second)] == [404, 200]
    assert Portrait.objects.count() == 1


def test_two_providers_may_have_the_same_picture(provider, owner):
    make_provider(name="Bea Roth", services=provider.services.all())
    address = put_up(owner)
    owner.post("/staff/portraits/bea-roth/", {"picture": picture()})
    assert Client().get(address).status_code == 200
    owner.post(PORTRAIT, {"remove": "yes"})
    assert Client().get(address).status_code == 200


def test_it_is_removed_and_a_second_press_does_no_harm(provider, owner):
    address = put_up(owner)
    for _ in range(2):
        assert owner.post(PORTRAIT, {"remove": "yes"}).status_code == 303
    page = owner.get(PORTRAIT).content.decode()
    assert (Client().get(address).status_code, Portrait.objects.count()) == (404, 0)
    assert "The portrait is removed. Clients see the initials again." in page


def test_it_is_written_down_who_did_it(provider, owner):
    put_up(owner)
    for _ in range(2):
        owner.post(PORTRAIT, {"remove": "yes"})
    told = list(LogEntry.objects.order_by("pk").values_list("user__username", "object_repr", "change_message"))
    assert told == [
        ("somebody", "Dr Ada Byrne", "Portrait put up."),
        ("somebody", "Dr Ada Byrne", "Portrait removed."),
    ]


def test_a_provider_who_is_deleted_takes_the_picture_along(provider, owner):
    put_up(owner)
    provider.delete()
    assert Portrait.objects.count() == 0


def test_a_provider_changes_their_own_and_finds_it_from_their_login(provider):
    browser = logged_in(somebody("Provider", provider=provider))
    put_up(browser)
    assert f'href="{PORTRAIT}"' in browser.get("/staff/password/").content.decode()


@pytest.mark.parametrize("page", ["/staff/?provider=dr-ada-byrne", "/staff/hours/dr-ada-byrne/"])
def test_it_is_found_from_the_week_and_from_the_hours_of_the_provider(provider, owner, page):
    assert f'href="{PORTRAIT}"' in owner.get(page).content.decode()


def test_who_may_not_change_it_sees_no_link(provider):
    reception = logged_in(somebody("Reception"))
    assert PORTRAIT not in reception.get("/staff/?provider=dr-ada-byrne").content.decode()


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ({}, "Choose a picture first."),
        ({"picture": "not a file"}, "Choose a picture first."),
        ({"picture": SimpleUploadedFile("ada.jpg", b"")}, "This file is empty."),
        (
            {"picture": SimpleUploadedFile("ada.jpg", b"<svg><script>alert(1)</script></svg>")},
            "This file is no picture",
        ),
        ({"picture": SimpleUploadedFile("ada.png", bytes(10_000_001))}, "This file is larger than 10 MB."),
    ],
    ids=["none", "text", "empty", "svg", "large"],
)
def test_what_cannot_be_taken_is_said_and_the_portrait_stays(provider, owner, file, sentence):
    address = put_up(owner)
    answer = owner.post(PORTRAIT, file)
    assert (answer.status_code, sentence in problem(answer)) == (422, True)
    assert Client().get(address).status_code == 200


def test_the_name_of_the_file_means_nothing(provider, owner):
    put_up(owner, name="../../etc/passwd.exe")
    assert bytes(Portrait.objects.get().image)[8:12] == b"WEBP"


# Before it is read


def test_forty_megabytes_are_refused_before_they_are_read(provider, owner):
    """Only the header says that there is so much: whoever waited for the rest would not answer."""
    answer = owner.post(PORTRAIT, {"picture": picture()}, CONTENT_LENGTH="40000000")
    assert (answer.status_code, "choose a picture of up to 10 MB" in answer.content.decode()) == (413, True)


def test_a_stranger_cannot_send_so_much(provider):
    answer = Client().post(PORTRAIT, {"picture": picture()}, CONTENT_LENGTH="9000000")
    assert (answer.status_code, "Sign in, and choose the picture again" in answer.content.decode()) == (413, True)


def test_no_other_page_of_the_desk_takes_so_much(provider, owner):
    assert owner.post("/staff/away/", {}, CONTENT_LENGTH="9000000").status_code == 413


def test_two_files_at_once_are_refused(provider, owner):
    assert owner.post(PORTRAIT, {"picture": picture(), "other": picture()}).status_code == 400


# Lists never load the bytes


@pytest.mark.parametrize("count", [1, 5])
def test_the_start_page_reads_no_picture_and_asks_no_more_with_portraits(count, owner):
    service = make_service()
    for number in range(count):
        provider = make_provider(name=f"Provider {number}", services=[service])
        Portrait.objects.put_up(provider, bytes([number]), by=somebody("", name=f"login {number}"))
    client = Client()
    client.get("/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/")
    assert [query["sql"] for query in queries if "booking_portrait" in query["sql"]] == []
    assert Provider.objects.exclude(portrait_digest="").count() == count
