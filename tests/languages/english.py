"""The English that is left over on a page or in a mail which is read in another language."""

import re
from functools import cache
from html.parser import HTMLParser

from tests.messages import catalogs

# What a message says besides its own words: placeholders, and the tags of links and of emphasis.
PLACEHOLDER = r"%\(\w+\)[sd]|\{\w*\}"
TAG = r"<[^>]+>"
NOTHING = re.compile(r"(?!)")
READ_ALOUD = ("alt", "aria-label", "content", "placeholder", "title")


class Texts(HTMLParser):
    """What somebody reads or hears of a page, piece by piece: texts between tags, and attributes with words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.unseen = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unseen += tag in ("style", "script")
        self.found += [plain(value) for name, value in attrs if name in READ_ALOUD and value]

    def handle_endtag(self, tag: str) -> None:
        self.unseen -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self.unseen and data.strip():
            self.found.append(plain(data))


def plain(text: str) -> str:
    return " ".join(text.split())


def left_over(texts: list[str], language: str) -> list[str]:
    """Those of the texts that are an English sentence of the catalogs, though that language has another for it."""
    sentences = english_only(language)
    return [text for text in texts if sentences.fullmatch(text)]


@cache
def english_only(language: str) -> re.Pattern[str]:
    """All English sentences, and parts of them between tags, that are written otherwise in that language."""
    if language == "en":
        return NOTHING
    pairs = [pair for message in catalogs.read(language) if message.id for pair in forms(message)]
    translations = {piece for _, translated in pairs for piece in pieces(translated)}
    english = {piece for sentence, _ in pairs for piece in pieces(sentence)} - translations
    return re.compile("|".join(as_pattern(piece) for piece in sorted(english) if has_words(piece)))


def forms(message) -> list[tuple[str, str]]:
    """Each English form with a form of the language."""
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    return [(one, translated) for one in message.id for translated in message.string]


def pieces(sentence: str) -> list[str]:
    return [plain(piece) for piece in re.split(TAG, sentence.replace("%%", "%"))]


def has_words(piece: str) -> bool:
    return re.search(r"[A-Za-z]{3}", re.sub(PLACEHOLDER, "", piece)) is not None


def as_pattern(piece: str) -> str:
    return ".+".join(re.escape(part) for part in re.split(PLACEHOLDER, piece))
