"""The development mailbox: mails written as the site writes them, read as a developer does."""

import os
import re
from base64 import b64encode
from hashlib import sha256

import pytest
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.urls import resolve

from config.mailbox import BETWEEN_MAILS

pytestmark = pytest.mark.django_db

STYLE = "h1 { color: #1f5c4d }\n"
HTML = f"<!doctype html><style>{STYLE}</style><h1>See you on Tuesday</h1><script>alert(1)</script>"
INVITATION = "BEGIN:VCALENDAR\nEND:VCALENDAR\n"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


def confirmation(subject="Confirmed: Tuesday 1 December", *, to="jo@example.com"):
    message = EmailMultiAlternatives(
        subject, "See you on Tuesday, <Jo>.", "desk@oak.example", [to], headers={"Message-ID": "<1@oak.example>"}
    )
    message.attach_alternative(HTML, "text/html")
    message.attach("termin-für-jo.ics", INVITATION, 'text/calendar; method="PUBLISH"')
    return message


def listed(client):
    return re.findall(r'href="(/mail/[^"]+/)"', client.get("/mail/").content.decode())


def subjects(client):
    return re.findall(r'href="/mail/[^"]+/">([^<]*)</a>', client.get("/mail/").content.decode())


def read(client):
    [address] = listed(client)
    return address, client.get(address).content.decode()


def test_its_addresses_are_there_though_the_first_test_of_a_process_sets_that_there_is_none(settings):
    """It is that test if it runs alone: otherwise whoever ran first has decided what all later tests find."""
    settings.MAILBOX = settings.STRIPE_SANDBOX = False
    assert [resolve(path).url_name for path in ("/mail/", "/stripe-sandbox/pay/cs_test_1")] == ["inbox", "pay"]


def test_an_empty_mailbox_says_so_and_what_to_do(client, folder):
    page = client.get("/mail/")
    assert (page.status_code, folder.exists()) == (200, False)
    assert "No mail was sent yet. Book an appointment, then look here again." in page.content.decode()


def test_every_page_leads_to_it(client):
    assert '<a href="/mail/">Mails</a>' in client.get("/api/docs").content.decode()


def test_it_lists_what_was_sent_newest_first(client, folder):
    folder.mkdir()
    # The files are as the file backend writes them, but their times are whole seconds apart, so that any file system
    # can tell which is newer.
    for number, name in enumerate(["b.log", "c.log", "a.log"]):
        message = confirmation(f"Mail {number}", to=f"jo{number}@example.com").message()
        (folder / name).write_bytes(message.as_bytes() + BETWEEN_MAILS)
        os.utime(folder / name, (number, number))
    assert subjects(client) == ["Mail 2", "Mail 1", "Mail 0"]
    assert re.findall(r"jo\d@example.com", client.get("/mail/").content.decode()) == [
        "jo2@example.com",
        "jo1@example.com",
        "jo0@example.com",
    ]


def test_several_mails_of_one_connection_are_several_in_the_list(client, folder):
    """The backend writes them into one file, and sometimes does so with two that are sent in the same second."""
    mail.get_connection().send_messages([confirmation("One"), confirmation("Two"), confirmation("Three")])
    assert len(list(folder.iterdir())) == 1
    assert subjects(client) == ["Three", "Two", "One"]
    assert len(set(listed(client))) == 3


def test_a_mail_shows_its_headers_and_its_text(client):
    confirmation().send()
    _, page = read(client)
    assert re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page) == [
        ("From", "desk@oak.example"),
        ("To", "jo@example.com"),
        ("Subject", "Confirmed: Tuesday 1 December"),
        ("Message-ID", "&lt;1@oak.example&gt;"),
    ]
    assert re.findall(r"<pre>([^<]*)</pre>", page) == ["See you on Tuesday, &lt;Jo&gt;."]


def test_over_htmx_it_is_only_what_goes_into_main(client):
    confirmation().send()
    [address] = listed(client)
    page = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert page.split()[:5] == ["<title>", "Confirmed:", "Tuesday", "1", "December"]


def test_its_html_is_a_page_of_its_own_that_may_use_its_own_style_our_logo_and_nothing_else(client, settings):
    confirmation().send()
    address, page = read(client)
    assert f'href="{address}html" hx-boost="false">As HTML</a>' in page
    response = client.get(f"{address}html")
    hashed = b64encode(sha256(STYLE.encode()).digest()).decode()
    assert response.content.decode().strip() == HTML
    assert response["Content-Security-Policy"] == (
        f"default-src 'none'; img-src {settings.SITE_URL}; style-src 'sha256-{hashed}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def test_an_attachment_comes_with_its_own_type_and_name(client):
    confirmation().send()
    address, page = read(client)
    assert re.findall(r'href="([^"]+/1)" hx-boost="false">([^<]+)<', page) == [(f"{address}1", "termin-für-jo.ics")]
    response = client.get(f"{address}1")
    assert response["Content-Type"].startswith('text/calendar; method="PUBLISH"') is True
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''termin-f%C3%BCr-jo.ics"
    assert response.content.decode() == INVITATION


def test_an_invitation_among_the_alternatives_is_an_attachment_too(client):
    message = confirmation()
    message.attach_alternative(INVITATION, "text/calendar; method=REQUEST")
    message.send()
    address, page = read(client)
    assert re.findall(r">([^<]+)</a> <span class", page) == ["text/calendar", "termin-für-jo.ics"]
    assert client.get(f"{address}1").content.decode() == INVITATION


def test_a_mail_of_text_alone_has_no_html_and_no_attachment(client):
    EmailMessage("Hello", "Only text.", "desk@oak.example", ["jo@example.com"]).send()
    address, page = read(client)
    assert re.findall(r"<pre>([^<]*)</pre>", page) == ["Only text."]
    assert "As HTML" not in page
    assert [client.get(f"{address}{part}").status_code for part in ("html", "0", "1")] == [404, 404, 404]


@pytest.mark.parametrize(
    "name",
    ["nothing", "..", "../secret", "..%2Fsecret", "%2e%2e%2fsecret", "..%2Fsecret.log", "%2Fetc%2Fpasswd", "a%00b"],
)
def test_a_name_that_is_not_in_the_folder_is_404(client, folder, name):
    confirmation().send()
    (folder.parent / "secret.log").write_text("Subject: secret\n\nsecret\n" + "-" * 79 + "\n")
    for part in ("", "html", "1"):
        assert client.get(f"/mail/{name}/{part}").status_code == 404


def test_nobody_keeps_or_indexes_its_pages(client):
    confirmation().send()
    [address] = listed(client)
    pages = [client.get(page) for page in ("/mail/", address, f"{address}html", f"{address}1")]
    assert {(page["Cache-Control"], page["X-Robots-Tag"]) for page in pages} == {("no-store", "noindex")}
