"""Each language has every sentence that is marked for translation, with all that belongs into it, and no other."""

import re

import pytest

from tests.messages import catalogs

TAG = re.compile(r"</?[a-z][a-z0-9]*")
PLACEHOLDER = re.compile(r"%\((\w+)\)|\{(\w*)\}")


@pytest.fixture(scope="module")
def marked():
    return {key(message) for message in catalogs.marked() if message.id}


@pytest.fixture(scope="module", params=catalogs.translated_languages())
def catalog(request):
    return catalogs.read(request.param)


def key(message):
    return message.id, message.context


def translated(catalog):
    return [message for message in catalog if message.id]


def as_tuple(text):
    return (text,) if isinstance(text, str) else tuple(text)


def test_a_language_has_each_sentence_that_is_marked_and_no_other(catalog, marked):
    assert {key(message) for message in translated(catalog)} ^ marked == set()


def test_each_sentence_is_translated_for_good(catalog):
    assert [message.id for message in translated(catalog) if message.fuzzy or not all(as_tuple(message.string))] == []


def test_a_translation_names_what_the_sentence_names(catalog):
    """The form for one thing may leave out its number where the English one does."""
    lost = [
        (message.id, message.string)
        for message in translated(catalog)
        for place, string in enumerate(as_tuple(message.string))
        if placeholders(string) not in possible(as_tuple(message.id), place)
    ]
    assert lost == []


def possible(sentences, place):
    first, last = placeholders(sentences[0]), placeholders(sentences[-1])
    return [first, last] if place == 0 else [last]


def placeholders(text):
    return {found[0] or found[1] for found in PLACEHOLDER.findall(text)}


def test_a_translation_has_the_links_and_the_emphasis_of_the_sentence(catalog):
    lost = [
        (message.id, string)
        for message in translated(catalog)
        for string in as_tuple(message.string)
        if sorted(TAG.findall(string)) != sorted(TAG.findall(as_tuple(message.id)[-1]))
    ]
    assert lost == []


def test_what_is_compiled_is_what_was_written(catalog):
    path = catalogs.path_of(str(catalog.locale))
    assert path.with_suffix(".mo").read_bytes() == catalogs.as_mo(catalog)
    assert path.read_bytes() == catalogs.as_po(catalogs.update(str(catalog.locale)))
