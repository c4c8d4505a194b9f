"""What people may type: any language and script, no control characters; and how it is found again."""

import unicodedata

from django.core.exceptions import ValidationError

# Control characters, line and paragraph separators, and halves of surrogate pairs that a broken program sent.
REFUSED = ("Cc", "Cs", "Zl", "Zp")
# What turns the direction of everything after it, beyond the name it stands in. No script needs them.
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

# How names are typed, for a search.
APOSTROPHES = "'’‘ʼʻ`′"
# What Unicode does not take apart into a letter and its accent.
LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
ALIKE = str.maketrans({**dict.fromkeys(APOSTROPHES, ""), **LETTERS})

# What may be typed as regular expressions, for programs that want to know beforehand.
ONE_LINE = r"^[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*$"
PLAIN_TEXT = ONE_LINE.replace(r"\u0000-\u001f", r"\u0000-\u0008\u000b\u000c\u000e-\u001f")
# Django's own rule for an address, and `validate_ascii` below: no part before the @ holds `=?`.
MAILBOX_PART = r"(?:(?:=*[!#$%&'*+/^_`{|}~0-9A-Za-z-]|\?)+=*|=+)"
DOMAIN_PART = r"[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?"
TOP_LEVEL = r"(?:[A-Za-z][A-Za-z-]{0,61}[A-Za-z]|[Xx][Nn]--[0-9A-Za-z]{1,59})"
EMAIL = rf"^{MAILBOX_PART}(?:\.{MAILBOX_PART})*@(?:{DOMAIN_PART}\.)+{TOP_LEVEL}$"


def refused(text: str) -> set[str]:
    return {character for character in text if unicodedata.category(character) in REFUSED or character in TURNING}


def printable(text: str) -> str:
    """Text that a database may be asked for; anything else matches nothing."""
    return "" if refused(text) else text


def validate_one_line(text: str) -> None:
    if refused(text):
        raise ValidationError("Remove the line breaks and control characters, and try again.")


def validate_plain_text(text: str) -> None:
    """Line breaks and tabs are welcome in a note."""
    if refused(text) - {"\r", "\n", "\t"}:
        raise ValidationError("Remove the control characters, and try again.")


def validate_ascii(email: str) -> None:
    """Look-alike and invisible characters in an address lead mail astray, and Stripe refuses them.

    So does what mail programs would decode into another address: quotes, and the encoded words of RFC 2047. And at
    `localhost`, or at a number in brackets, nobody can be reached from elsewhere: Stripe refuses that too.
    """
    misleading = not (email.isascii() and email.isprintable()) or '"' in email or "=?" in email
    if misleading or email.endswith(("@localhost", "]")):
        raise ValidationError("Enter an email address, like name@example.com.")


def folded(text: str) -> str:
    """As a search reads it, without case, accents and apostrophes: muller finds Müller."""
    # An acute accent that stands alone is typed for an apostrophe, and Unicode takes it for a space with an accent.
    apart = unicodedata.normalize("NFKD", text.replace("´", "'"))
    bare = "".join(character for character in apart if not unicodedata.combining(character))
    return bare.casefold().translate(ALIKE)
