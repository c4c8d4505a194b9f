"""What people may type (any language and script, but no control characters), and how a search compares it."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Unicode's categories of control characters (Cc), of line and paragraph separators (Zl, Zp), and of surrogates (Cs),
# which are halves of characters that a broken program sent.
FORBIDDEN_CATEGORIES = ("Cc", "Cs", "Zl", "Zp")
# Characters that set the direction of all text after them, even beyond the name they stand in. No language needs them,
# not even one that is written from right to left.
DIRECTION_CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

# A search leaves out apostrophes, whichever of these a keyboard has written.
APOSTROPHES = "'’‘ʼʻ`′"
# A search takes each of these letters for the plain one beside it. Unicode's own decomposition only takes accents off.
LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
SEARCH_REPLACEMENTS = str.maketrans({**dict.fromkeys(APOSTROPHES, ""), **LETTERS})

# What may be typed, as regular expressions. They are in the API's schema, for programs that check their input first.
ONE_LINE = r"^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$"
# What a telephone number is made of. How many digits it has depends on its country.
PHONE = r"^([ \t]*\+?[0-9 ().\/-]+)?$"
PLAIN_TEXT = ONE_LINE.replace(r"\u0000-\u001f", r"\u0000-\u0008\u000b\u000c\u000e-\u001f")
# Django's own rule for an e-mail address together with `validate_ascii` below: the part before the @ never has `=?`.
MAILBOX_PART = r"(?:(?:=*[!#$%&'*+/^_`{|}~0-9A-Za-z-]|\?)+=*|=+)"
DOMAIN_PART = r"[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?"
TOP_LEVEL = r"(?:[A-Za-z][A-Za-z-]{0,61}[A-Za-z]|[Xx][Nn]--[0-9A-Za-z]{1,59})"
EMAIL = rf"^{MAILBOX_PART}(?:\.{MAILBOX_PART})*@(?:{DOMAIN_PART}\.)+{TOP_LEVEL}$"


def forbidden_characters(text: str) -> set[str]:
    return {
        character
        for character in text
        if unicodedata.category(character) in FORBIDDEN_CATEGORIES or character in DIRECTION_CONTROLS
    }


def printable(text: str) -> str:
    """The text, or an empty one if it has forbidden characters, for a text that rows are looked up by.

    A database fails on some of these characters, even in a WHERE. No stored name, slug or reference contains one, so no
    row is missed.
    """
    return "" if forbidden_characters(text) else text


def validate_one_line(text: str) -> None:
    if forbidden_characters(text):
        raise ValidationError(_("Remove the line breaks and control characters, and try again."))


def validate_plain_text(text: str) -> None:
    """Refuse forbidden characters, except line breaks and tabs, which may be in a note."""
    if forbidden_characters(text) - {"\r", "\n", "\t"}:
        raise ValidationError(_("Remove the control characters, and try again."))


def validate_ascii(email: str) -> None:
    """Refuse e-mail addresses that lead mail astray, or at which nobody can be reached from elsewhere.

    Letters of other scripts may look like Latin ones, and some characters are invisible: Stripe refuses all of them.
    Mail programs decode quotes, and the encoded words of RFC 2047 (`=?…?=`), into another address. At `localhost`, or
    at an IP address in brackets, there is no mailbox to be reached from elsewhere: Stripe refuses these, too.
    """
    misleading = not (email.isascii() and email.isprintable()) or '"' in email or "=?" in email
    if misleading or email.endswith(("@localhost", "]")):
        raise ValidationError(_("Enter an email address, like name@example.com."))


def folded(text: str) -> str:
    """The text as a search compares it, without case, accents and apostrophes: `muller` finds `Müller`."""
    # Some people type an acute accent for an apostrophe. Unicode would make a space and an accent of it.
    decomposed = unicodedata.normalize("NFKD", text.replace("´", "'"))
    without_accents = "".join(character for character in decomposed if not unicodedata.combining(character))
    return without_accents.casefold().translate(SEARCH_REPLACEMENTS)
