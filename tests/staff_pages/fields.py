"""What a page would send: its hidden fields, and where to."""

from collections import defaultdict
from html.parser import HTMLParser

from django.urls import reverse


class Fields(HTMLParser):
    """The names and values of a page's hidden fields, and the addresses of its forms but for the language switch."""

    def __init__(self, response):
        super().__init__()
        self.hidden, self.actions = defaultdict(list), []
        self.feed(response.content.decode())

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "input" and given.get("type") == "hidden":
            self.hidden[given["name"]].append(given["value"])
        if tag == "form" and given["action"] != reverse("language"):
            self.actions.append(given["action"])
