import re

import pytest


@pytest.fixture
def expected():
    """Chromium and htmx log our refusals, and the requests that are made to fail here."""
    failures = r"the server responded with a status of (4\d\d|50[02])|net::ERR_INTERNET_DISCONNECTED"
    said_by_htmx = r"htmx:(afterRequest|sendError|timeout)|Response Status Error Code (429|50[02])"
    return re.compile(rf"Failed to load resource: ({failures})|{said_by_htmx}")


@pytest.fixture
def second_tab(visitor):
    """Open the same page once more, in the same browser."""

    def open_tab():
        tab = visitor.context.new_page()
        tab.goto(visitor.url)
        return tab

    return open_tab
