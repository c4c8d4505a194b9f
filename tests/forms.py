"""What a page sends and asks by itself, read from its HTML without a browser."""

import re
from html import unescape


def form_of(page):
    """What its form sends along that nobody types: the token, and what the page showed."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def asked_by(page):
    """The address that it asks again."""
    return unescape(re.search(r'hx-get="([^"]+)"', page)[1])
