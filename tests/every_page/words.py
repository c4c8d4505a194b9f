"""The words of a page: whether all of them are marked for translation, and what they are in the site's languages."""

import re
from functools import cache

from babel import Locale
from django.utils import timezone

from booking.schedule import public_holidays
from config import mailbox
from tests.every_page import pseudo
from tests.every_page.states import LONG_ADDRESS, LONG_EMAIL, LONG_NAME
from tests.messages import catalogs

# All that is seen or read aloud, but for what a program reads, for lists of zones and of providers, and for what says
# that it is in English.
READ = """() => {
    const texts = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (element.checkVisibility() && !element.closest("code, pre, select, textarea, .letter, [lang=en]")) {
            // Where a word may break, it goes on.
            const begins = walker.currentNode.previousSibling?.nodeName === "WBR" ? texts.pop() : "";
            texts.push(begins + walker.currentNode.data);
        }
    }
    for (const element of document.querySelectorAll("[aria-label], [alt], [title], [placeholder]")) {
        texts.push(...["aria-label", "alt", "title", "placeholder"].map((name) => element.getAttribute(name) ?? ""));
    }
    return texts.map((text) => text.trim()).filter((text) => text);
}"""
# Names and words of the practice, of its people and of its clients, what Babel writes of zones and lengths, and the
# names of a mail's headers and of its calendar file.
OWN = (
    LONG_NAME,
    LONG_EMAIL,
    LONG_ADDRESS,
    "3 Mill Street, Cork",
    "Linden House Practice",
    "General practitioner",
    "Family doctor for twenty years; takes time to listen.",
    "12 Linden Road, Dublin 6",
    "VAT number IE1234567T. Health care is exempt from VAT.",
    "Mia Malone",
    "Consultation",
    "Introductory call",
    "Running analysis",
    "Blood test",
    "Physiotherapy",
    "First consultation",
    "Wilhelmine Donaudampfschifffahrtsgesellschaft",
    "Donaudampfschifffahrtsgesellschaft",
    "donaudampfschifffahrtsgesellschaft",
    "Daniel Okafor",
    "Marta Ruiz",
    "Nuala O’Neill",
    "The left knee, since a fall on the stairs.",
    "I come with crutches.",
    *("EUR", "CHF", "#ffff00"),
    *(*mailbox.HEADERS, "appointment.ics"),
    *("WD", "DO", "MR", "grace", "desk", "Wilhelmina", "Joe", "Jo"),
    *("Dublin", "Europe", "Madrid", "New York", "Ireland", "UTC", "POST", "sandbox"),
    *("and", "minute", "minutes", "hour", "hours"),
)


def not_marked(texts: list[str]) -> list[str]:
    """The texts with words in plain letters, which are not marked for translation, and which are not the practice's."""
    own = own_words()
    return [text for text in texts if re.search(r"[A-Za-z]{2}", own.sub(" ", " ".join(text.split())))]


@cache
def own_words() -> re.Pattern[str]:
    english, year = Locale("en", "GB"), timezone.localdate().year + 1
    names = [form for names in (english.days, english.months) for forms in names.values() for form in forms.values()]
    dates = {name for form in names for name in form.values()}
    words = sorted({*OWN, *dates, *public_holidays.of_year(year).values()}, key=len, reverse=True)
    alone = "|".join(rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])" for word in words)
    return re.compile(rf"https?://\S+|\S+@\S+|/\w+/\S*|{alone}")


def wordings(texts: list[str]) -> dict[str, dict[str, str]]:
    """What those of the texts that are a whole sentence of the catalogs are in each language."""
    return {
        language: {text: words[text] for text in texts if text in words} for language, words in translations().items()
    }


@cache
def translations() -> dict[str, dict[str, str]]:
    """For each language its words for those sentences in which nothing is filled in."""
    return {
        language: {
            pseudo.translate(message.id): message.string
            for message in catalogs.read(language)
            if isinstance(message.id, str) and not re.search(r"%\(|<", message.id)
        }
        for language in catalogs.translated_languages()
    }
