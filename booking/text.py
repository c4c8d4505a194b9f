"""What people may type: any language and script, no control characters."""

import unicodedata

from django.core.exceptions import ValidationError

# Control characters, and halves of surrogate pairs that a broken program sent.
REFUSED = ("Cc", "Cs")


def printable(text: str) -> str:
    """Text that a database may be asked for; anything else matches nothing."""
    return text if text.isprintable() else ""


def validate_one_line(text: str) -> None:
    if any(unicodedata.category(character) in REFUSED for character in text):
        raise ValidationError("Remove the line breaks and control characters, and try again.")


def validate_plain_text(text: str) -> None:
    """Line breaks and tabs are welcome in a note."""
    if any(unicodedata.category(character) in REFUSED and character not in "\r\n\t" for character in text):
        raise ValidationError("Remove the control characters, and try again.")
