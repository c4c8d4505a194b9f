import pytest

from tests.every_page import pseudo
from tests.every_page.states import Site


@pytest.fixture
def site(chromium, live_server, settings, monkeypatch):
    context = chromium.new_context(base_url=live_server.url, timezone_id="Europe/Dublin")
    context.set_default_timeout(30_000)
    yield Site(context.new_page(), settings, monkeypatch)
    context.close()


@pytest.fixture(scope="module")
def pseudo_catalog(tmp_path_factory):
    folder = tmp_path_factory.mktemp("locale")
    pseudo.write(folder)
    return folder


@pytest.fixture
def pseudo_site(site, pseudo_catalog):
    """The same site in the language that is made for tests, whose words are long and have accents."""
    site.settings.LANGUAGES, site.settings.LANGUAGE_CODE = [(pseudo.TAG, "English for tests")], pseudo.TAG
    site.settings.LOCALE_PATHS = [pseudo_catalog]
    site.said = pseudo.pattern
    return site
