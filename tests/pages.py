"""Read from the HTML of a page, without a browser, what it says, what it sends and what it requests by itself."""

import re
from html import unescape
from html.parser import HTMLParser

import pytest

from tests.shapes import HTMX

page_and_htmx = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
"""Run a test twice: for the whole page, and for the part of it that htmx swaps in."""


class Page(HTMLParser):
    """The links, fields, buttons and sentences of a page, which a person can follow, fill in, press and read.

    Of its foot, which has the same switch of languages on every page, there are only the links and sentences.
    """

    def __init__(self, response):
        super().__init__()
        self.links, self.fields, self.buttons, self.actions, self.tags = {}, {}, [], [], []
        self.text, self.problem, self.inside = [], [], []
        self.html = response.content.decode()
        # Where a long word may break, nothing is said.
        self.feed(self.html.replace("<wbr>", ""))

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        self.tags.append(tag)
        if tag not in {"input", "img", "meta", "link", "br"}:
            self.inside.append((tag, facts))
        if ("footer", {"class": "site"}) in self.inside:
            return
        if tag == "form":
            self.actions.append(facts["action"])
        if tag in {"input", "textarea"}:
            self.fields[facts["name"]] = facts.get("value", "")
        if tag == "button" and not {"disabled", "hidden"} & facts.keys():
            self.buttons.append((facts.get("name"), facts.get("value")))

    def handle_endtag(self, tag):
        if self.inside:
            self.inside.pop()

    def handle_data(self, data):
        words = " ".join(data.split())
        if not self.inside or not words:
            return
        tag, facts = self.inside[-1]
        if tag == "textarea":
            self.fields[facts["name"]] = data.removeprefix("\n")
        self.text.append(words)
        if any(one.get("role") == "alert" for _, one in self.inside):
            self.problem.append(words)
        for kind, one in self.inside:
            if kind == "a" and "href" in one:
                self.links[words] = one["href"]

    def heading(self, level):
        return [
            " ".join(unescape(found).split()) for found in re.findall(rf"<{level}[^>]*>([^<]*)</{level}>", self.html)
        ]

    @property
    def times(self):
        """The words of the links that choose a clock time, in order."""
        return [words for words in self.links if words[2:3] == ":"]


def words(response):
    """Return all that a page says, with single spaces between the words."""
    return " ".join(" ".join(Page(response).text).split())


def problem(response):
    """Return what a page says first of all, since something is wrong."""
    return " ".join(" ".join(Page(response).problem).split())


def form_of(page):
    """Return the hidden fields of the page's form, which hold for example the facts that the page showed."""
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in hidden}


def asked_by(page):
    """Return the address that the page requests by itself, through htmx."""
    return unescape(re.search(r'hx-get="([^"]+)"', page)[1])
