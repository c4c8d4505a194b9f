"""Whatever a page says is marked for translation: the words of templates, and the labels that they show of choices."""

import re
import subprocess
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.template.base import Lexer, TokenType

from tests.messages import catalogs

pytestmark = pytest.mark.any_engine

# Whoever sets the site up reads English.
IN_ENGLISH = "templates/admin/"
# Names: the layout of the sandbox's pages, and what stands beside the practice's name in their title.
NAMES = {"checkout", "(sandbox)"}


class Words(HTMLParser):
    """The words of a page's text, and of the attributes that are read out or shown, but for what says it is English."""

    def __init__(self, html):
        super().__init__()
        self.inside, self.found = "", []
        self.feed(re.sub(r'<(\w+) lang="en">.*</\1>', "", html, flags=re.DOTALL))

    def handle_starttag(self, tag, attrs):
        self.inside = tag
        self.found += [text for name, text in attrs if text and name in {"alt", "aria-label", "placeholder", "title"}]

    def handle_data(self, data):
        if self.inside != "style":
            self.found.append(data)


def templates():
    listed = subprocess.check_output(["git", "ls-files", "templates"], cwd=catalogs.ROOT, text=True)
    return [name for name in listed.split() if not name.startswith(IN_ENGLISH)]


def outside_of_marks(template):
    """What a template says by itself: its text without its tags, its comments and what is marked."""
    parts, is_marked = [], False
    for token in Lexer((catalogs.ROOT / template).read_text()).tokenize():
        if token.token_type == TokenType.BLOCK and "blocktranslate" in token.contents:
            is_marked = not token.contents.startswith("end")
        elif token.token_type == TokenType.TEXT and not is_marked:
            parts.append(token.contents)
    return "".join(parts)


def test_no_template_says_anything_that_is_not_marked():
    said = {
        template: [words for words in found if re.search(r"[A-Za-z]{2}", words)]
        for template in templates()
        if (found := {word for words in Words(outside_of_marks(template)).found for word in words.split()} - NAMES)
    }
    assert {template: words for template, words in said.items() if words} == {}


def test_no_template_adds_to_what_it_shows_a_sign_that_other_languages_write_otherwise():
    """French has a space before these."""
    added = {
        template: signs
        for template in templates()
        if (signs := [words for words in Words(outside_of_marks(template)).found if re.search(r"[:;?!](\s|$)", words)])
    }
    assert added == {}


def labels_on_pages():
    """The label of each choice that a template writes with `get_…_display`."""
    sources = "".join((catalogs.ROOT / one).read_text() for one in templates())
    shown = set(re.findall(r"get_(\w+)_display", sources))
    fields = [field for model in apps.get_models() for field in model._meta.fields]
    return {str(label) for field in fields if field.name in shown for _, label in field.choices or ()}


@pytest.fixture(scope="module")
def marked():
    return [message for message in catalogs.marked() if message.id]


def test_each_choice_that_a_page_shows_is_marked(marked):
    assert sorted(labels_on_pages() - {message.id for message in marked}) == []


def test_a_sentence_that_counts_has_a_form_for_one(marked):
    """A year is no count, though it is a number."""
    counts = re.compile(r"%\((?!year\))\w+\)d|%\((count|days|more|most|all)\)s")
    assert [message.id for message in marked if isinstance(message.id, str) and counts.search(message.id)] == []


def test_nobody_is_told_to_call_who_is_not_told_the_number(marked):
    """A practice need not have one."""
    says_call = re.compile(r"\bcall (the practice|us)\b", re.IGNORECASE)
    sentences = [message.id for message in marked if isinstance(message.id, str) and says_call.search(message.id)]
    assert [sentence for sentence in sentences if not re.search(r"%\((number|phone)\)s", sentence)] == []


def test_a_word_that_has_a_context_somewhere_has_one_everywhere(marked):
    """English has one word for several meanings, and a translator must see each time which is meant."""
    in_context = {message.id for message in marked if message.context}
    assert sorted(message.id for message in marked if not message.context and message.id in in_context) == []
