"""What a page sends and asks by itself, read from its HTML without a browser."""

import re
from html import unescape


def form_of(page):
    """What its form sends along that nobody types: the token, and what the page showed."""
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in hidden}


def asked_by(page):
    """The address that it asks again."""
    return unescape(re.search(r'hx-get="([^"]+)"', page)[1])
