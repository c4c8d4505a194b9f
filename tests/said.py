"""What a page says, to look for it in a browser: a sentence of the catalogs in the language that is active."""

import re
from decimal import Decimal

from django.utils.translation import gettext, pgettext

from booking import money

NOT_GIVEN, TAG = re.compile(r"%\(\w+\)[sd]"), re.compile(r"<[^>]+>")


def said(sentence, *, context="", **values):
    """Return the sentence with those values. Where one is not given, the pattern that comes back takes anything."""
    words = TAG.sub("", pgettext(context, sentence) if context else gettext(sentence))
    for name, value in values.items():
        words = words.replace(f"%({name})s", str(value))
    if not NOT_GIVEN.search(words):
        return words
    return re.compile(".+".join(re.escape(part) for part in NOT_GIVEN.split(words)))


def price(euros):
    return money.display(Decimal(euros), "eur")
