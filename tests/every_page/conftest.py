import pytest

from tests.every_page.states import Site


@pytest.fixture
def site(chromium, live_server, settings, monkeypatch):
    context = chromium.new_context(base_url=live_server.url, timezone_id="Europe/Dublin")
    context.set_default_timeout(30_000)
    yield Site(context.new_page(), settings, monkeypatch)
    context.close()
