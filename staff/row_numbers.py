"""The numbers of rows that a form or an address of the desk carries, which anybody may have typed over."""

import re
from collections.abc import Iterable

# The database's own are no longer: its largest one has 19 digits.
NUMBER = re.compile("[0-9]{1,18}")


def row_numbers(texts: Iterable[str]) -> list[int]:
    """The numbers among these texts that a row may have. What can be none is left out."""
    return [int(text) for text in texts if NUMBER.fullmatch(text)]
