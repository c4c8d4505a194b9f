"""The two letters that stand for a person of whom there is no picture."""

import re
import unicodedata

# "Dr", "Prof.", "med." and "Dipl.-Psych.", but not the "J." of "J. Smith".
TITLE = re.compile(
    r"(dr|dra|drs|prof|profa|mr|mrs|ms|mx|miss|sir|herr|frau|mme|mlle|sr|sra|dott|dott\.?ssa|mgr|lek|md|phd)\.?"
    r"|(\w{2,}\.-?)+",
    re.IGNORECASE,
)
# A remark or a degree: "Ada Byrne (she/her)", "Ada Byrne, MSc". In "Byrne, Ada" the comma stands within the name.
BESIDE_THE_NAME = re.compile(r"\(.*?\)|(?<=\s\S)(\S*),.*")
HYPHENS = re.compile(r"[-‐‑・]")


def initials(name: str) -> str:
    """The first letters of its first and its last word, as "AB" for "Dr. Ada Marie Byrne", without titles and degrees.

    A name of one word gives its first two letters, and one without any letter or digit gives none.
    """
    words = words_of(BESIDE_THE_NAME.sub(r"\1", name)) or words_of(name)
    named = [word for word in words if not TITLE.fullmatch(word)] or words
    if len(named) == 1:
        named = [half for half in HYPHENS.split(named[0]) if letters(half)]
    if len(named) == 1:
        return "".join(letters(named[0])[:2])
    return "".join(letters(word)[0] for word in named[:1] + named[1:][-1:])


def words_of(text: str) -> list[str]:
    return [word for word in text.split() if letters(word)]


def letters(word: str) -> list[str]:
    """Its letters and digits as capitals, each with the marks that belong to it, as vowels do in scripts of India."""
    found: list[str] = []
    for character in unicodedata.normalize("NFC", word):
        if character.isalnum():
            # Unlike upper(), title() leaves alone the letters of a script whose capitals stand at the head of no name.
            found.append(character.title())
        elif found and unicodedata.category(character).startswith("M"):
            found[-1] += character
    return found
