"""Every page in every state can be used by everybody.

It is looked at in light and dark colours, on a phone and on a wide screen, and with letters twice as large. The pages
are in a language of tests, with long words; they have room for the words of all languages, and for right to left.
"""

import re
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

from tests.every_page import pseudo, words
from tests.every_page.states import LONG_NAME, STATES

PHONE, WIDE = 390, 1280
# No page may scroll sideways: not at the narrowest width that is required, nor where two columns just fit.
TIGHT = (320, 834)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Dark colours can change only what this rule of axe finds, so no other rule is checked again.
CONTRAST = ["color-contrast"]
RUN_AXE = """async (runOnly) => {
    const { violations } = await axe.run({ runOnly, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, html }) => `${id}: ${target} ${html}`));
}"""
# A link or field that stands alone is pressed by thumbs, so it has a least size in CSS pixels. A link in a sentence is
# only as high as its line, and is left out.
TOO_SMALL = """() => {
    const BIG = ".times :is(a, button), .calendar a, .primary, .secondary, main button, .onward";
    const seen = (element) => element.checkVisibility() && element.type !== "hidden";
    const inSentence = (element) => {
        const line = element.closest("p, li, dd, div");
        return element.matches("a") && line && line.textContent.trim() !== element.textContent.trim()
            && getComputedStyle(element).display === "inline";
    };
    return [...document.querySelectorAll("a, button, input, select, textarea, summary")]
        .filter((element) => seen(element) && !inSentence(element))
        .map((element) => [element, element.getBoundingClientRect(), element.matches(BIG) ? 44 : 24])
        .filter(([, box, least]) => box.width < least - 0.01 || box.height < least - 0.01)
        .map(([element, box, least]) => `${box.width}x${box.height}, not ${least}: ${element.outerHTML}`);
}"""
# A screen reader says "list" of one without entries, and axe lets it pass. What is swapped in later has an id.
EMPTY_LISTS = """() => [...document.querySelectorAll(":is(ul, ol, dl):not([id])")]
    .filter((element) => !element.children.length).map((element) => `an empty list: ${element.outerHTML}`)"""
# The title of a page is its heading, except for these headings, which have titles of their own. On a page with an open
# step, the heading of that step counts.
CALLED = {
    "Who would you like to see?": "Book an appointment",
    "What would you like to book?": f"Choose a service with {LONG_NAME}",
    "When suits you?": f"Choose a time with {LONG_NAME}",
    "When suits you better?": f"Choose another time with {LONG_NAME}",
    "Who and what?": "Book for a caller",
    "What for?": f"Choose a service with {LONG_NAME}",
    "When?": f"Choose a time with {LONG_NAME}",
    "Your details": r"Your details( for \w{3} \d+ \w{3}, \d\d:\d\d)?",
    "Pay to confirm": "Pay for your appointment",
    "Linden House Practice €51.00": "Pay €51.00",
}
DRAWN_TO_SCALE = (
    "the day",
    "the week of a provider",
    "today when one is free all day and another is not in",
)
LARGE_LETTERS, ROOM = (Path(__file__).with_name(name).read_text() for name in ("large_letters.js", "room.js"))

pytestmark = [pytest.mark.browser, pytest.mark.any_engine, pytest.mark.django_db(transaction=True)]


def faults(page):
    """Yield all that is wrong with a page, and in which colours or at which width."""
    yield from faults_by_axe(page, PHONE)
    yield from page.evaluate(EMPTY_LISTS)
    texts = page.evaluate(words.READ)
    yield from (f"not marked for translation: {text}" for text in words.not_marked(texts))
    for width in (PHONE, WIDE):
        page.set_viewport_size({"width": width, "height": 844})
        yield from (f"{width}: {fault}" for fault in page.evaluate(TOO_SMALL))
    yield from (f"{width}: {fault}" for fault in page.evaluate(ROOM, {}))
    for width in TIGHT:
        page.set_viewport_size({"width": width, "height": 844})
        reaches = page.evaluate("document.scrollingElement.scrollWidth")
        yield from [f"{width}: scrolls sideways, to {reaches}"] if reaches > width else []
    page.set_viewport_size({"width": TIGHT[0], "height": 844})
    yield from (f"{TIGHT[0]}: {fault}" for fault in page.evaluate(ROOM, words.wordings(texts)))
    yield from (f"large letters: {fault}" for fault in page.evaluate(LARGE_LETTERS))


def faults_by_axe(page, width):
    page.evaluate(AXE_SCRIPT)
    page.set_viewport_size({"width": width, "height": 844})
    for scheme, rules in (("light", RULES), ("dark", CONTRAST)):
        page.emulate_media(color_scheme=scheme)
        yield from (f"{scheme}: {fault}" for fault in page.evaluate(RUN_AXE, rules))


@pytest.mark.parametrize("state", STATES)
def test_nobody_is_shut_out(pseudo_site, state):
    sentence, reach = STATES[state]
    page, answers = pseudo_site.page, statuses(pseudo_site.page)
    reach(pseudo_site)
    expect(pseudo_site.text(sentence).first).to_be_visible()
    assert list(faults(page)) == []
    assert re.fullmatch(title(page, failed=answers[-1] >= 400), pseudo.in_english(page.title())) is not None


@pytest.mark.parametrize("state", DRAWN_TO_SCALE)
def test_nobody_is_shut_out_of_a_day_that_is_drawn_to_scale(site, state):
    """On a phone the desk's day is a list, and has other parts."""
    sentence, reach = STATES[state]
    reach(site)
    expect(site.page.get_by_text(sentence).first).to_be_visible()
    assert list(faults_by_axe(site.page, WIDE)) == []


def statuses(page):
    """Return a list that gets the status of each page, and each part of one, that arrives from now on."""
    answers = []

    def note(response):
        if response.request.is_navigation_request() or "hx-request" in response.request.headers:
            answers.append(response.status)

    page.on("response", note)
    return answers


def title(page, *, failed):
    """Return a pattern for the title that the page should have; after a refusal it begins with "Error"."""
    heading = page.locator("#step, h1:not(main:has(#step) h1)").inner_text()
    heading = pseudo.in_english(" ".join(heading.split()))
    called = CALLED.get(heading, re.escape(heading))
    return rf"{'Error: ' if failed else ''}{called} · Linden House Practice( \(sandbox\))?"


@pytest.mark.parametrize("state", [state for state in STATES if state.startswith("the cancel step")])
def test_keeping_an_appointment_is_as_near_as_cancelling_it(site, state):
    """Both buttons are in view without scrolling, and have the same size."""
    reach = STATES[state][1]
    reach(site)
    # Where a button was pressed on the way, its answer has arrived and was swapped in.
    site.page.wait_for_load_state("networkidle")
    keep = site.page.get_by_role("link", name="Keep the appointment")
    cancel = site.page.get_by_role("button", name="Cancel")
    for width, height in ((1440, 900), (390, 844)):
        site.page.set_viewport_size({"width": width, "height": height})
        site.page.evaluate("window.scrollTo(0, 0)")
        boxes = [keep.bounding_box(), cancel.bounding_box()]
        assert [box["y"] + box["height"] <= height for box in boxes] == [True, True]
        assert boxes[0]["width"] == pytest.approx(boxes[1]["width"], abs=1)
        assert boxes[0]["height"] == pytest.approx(boxes[1]["height"], abs=1)
