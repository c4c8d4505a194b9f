"""A language for tests alone: English with accents on all letters and each vowel twice, so its words are long.

Whoever reads English can read it. What a page says in plain letters was not marked for translation.
"""

import io
import re
from pathlib import Path
from typing import Any

import django
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.messages import catalogs

# Such a language of the country XA is how others call theirs as well. Babel writes its dates as in English.
TAG, LOCALE = "en-xa", "en_XA"
VOWELS = {"a": "áà", "e": "éè", "i": "íì", "o": "óò", "u": "úù"}
CONSONANTS = dict(zip("bcdfghjklmnpqrstvwxyz", "ƀçđƒĝĥĵķļɱñþʠŕšţṽŵẋýž", strict=True))
LETTERS = VOWELS | CONSONANTS
LETTERS |= {plain.upper(): accented[0].upper() + accented[1:] for plain, accented in LETTERS.items()}
ENGLISH = {ord(accented[0]): plain for plain, accented in LETTERS.items()}
ENGLISH |= {ord(second): "" for _, second in VOWELS.values()}
# Placeholders, tags and entities stay as they are.
KEPT = re.compile(r"(%(?:\(\w+\))?[sd]|%%|\{\w*\}|<[^>]+>|&\w+;)")


def translate(sentence: str) -> str:
    return "".join(part if KEPT.fullmatch(part) else in_long_letters(part) for part in KEPT.split(sentence))


def in_long_letters(text: str) -> str:
    return "".join(LETTERS.get(letter, letter) for letter in text)


def pattern(words: str, *, exact: bool = False) -> re.Pattern[str]:
    """What finds these words on a page, each letter in either way: a name of the practice in them is not translated."""
    letters = [f"(?:{letter}|{LETTERS[letter]})" if letter in LETTERS else re.escape(letter) for letter in words]
    found = "".join(letters)
    return re.compile(rf"^\s*{found}\s*$" if exact else found, re.IGNORECASE)


def write(folder: Path) -> None:
    """Write the catalog into a folder for LOCALE_PATHS, with what Django and its logins say."""
    ours = Catalog()
    for catalog in (catalogs.marked(), *djangos_own()):
        for message in catalog:
            if message.id and not ours.get(
                message.id if isinstance(message.id, str) else message.id[0], message.context
            ):
                ours.add(message.id, translated(message.id), context=message.context)
    path = folder / LOCALE / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(catalogs.as_mo(ours))


def translated(sentence: Any) -> Any:
    return translate(sentence) if isinstance(sentence, str) else tuple(map(translate, sentence))


def djangos_own() -> list[Catalog]:
    folder = Path(django.__file__).parent
    paths = [folder / part / "locale/en/LC_MESSAGES/django.po" for part in ("conf", "contrib/auth")]
    return [read_po(io.BytesIO(path.read_bytes())) for path in paths]


def in_english(text: str) -> str:
    """The English of a translated text: of each two vowels one, and no accents."""
    return text.translate(ENGLISH)
