"""A site with an international name sends headers in plain ASCII, which a browser understands."""

import socket
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error

from tests.browser import find_browser
from tests.conftest import CHROMIUM
from tests.gunicorn import collect_static_files, gunicorn

NAME, WRITTEN = "приём.рф", "xn--h1aihe0g.xn--p1ai"

pytestmark = pytest.mark.any_engine


@pytest.fixture
def address(transactional_db, database_url):
    collect_static_files()
    site = {"SITE_URL": f"https://{NAME}", "ALLOWED_HOSTS": NAME, "TRUST_X_FORWARDED_PROTO": "1"}
    with gunicorn(workers=1, DATABASE_URL=database_url, **site) as server:
        yield urlsplit(server.address).netloc


def head_of_answer(address):
    """Return the head of the answer as bytes: a client library would decode it, and hide what is not ASCII."""
    host, _, port = address.partition(":")
    request = f"GET / HTTP/1.0\r\nHost: {WRITTEN}\r\nX-Forwarded-Proto: https\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    return answer.partition(b"\r\n\r\n")[0]


def test_its_headers_are_plain_ascii_and_state_the_policy(address):
    status, *lines = head_of_answer(address).split(b"\r\n")
    headers = dict(line.split(b": ", 1) for line in lines)
    assert status == b"HTTP/1.0 200 OK"
    assert [line for line in lines if not line.isascii() or b"=?utf-8" in line] == []
    policy = headers[b"Content-Security-Policy"].decode().split("; ")
    assert {"default-src 'none'", "script-src 'self'"} <= set(policy)
    assert [one for one in policy if one.startswith("form-action")] == [
        f"form-action 'self' https://{WRITTEN} https://checkout.stripe.com"
    ]


@pytest.mark.browser
def test_a_browser_runs_no_script_that_stands_in_its_pages(address, chromium):
    found_there = [f"--host-resolver-rules=MAP {WRITTEN} {address}"]
    browser = chromium.browser_type.launch(executable_path=find_browser(), args=CHROMIUM + found_there)
    page = browser.new_context(extra_http_headers={"X-Forwarded-Proto": "https"}).new_page()
    assert page.goto(f"http://{WRITTEN}/").status == 200
    with pytest.raises(Error, match="Content Security Policy"):
        page.add_script_tag(content="window.ran = true")
    assert page.evaluate("window.ran") is None
    browser.close()
