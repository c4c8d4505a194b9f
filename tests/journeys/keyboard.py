"""Somebody who sees and has a keyboard, but no pointer."""

import re

from playwright.sync_api import expect

MOST_STOPS = 150
# This tells what has the focus and whether it can be seen. Browsers scroll by whole pixels, so an element counts as in
# view when less than one pixel of it is outside.
FOCUSED = """() => {
    const element = document.activeElement;
    const label = element.labels?.[0] ?? element;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return {
        name: element.getAttribute("aria-label") ?? label.innerText.trim(),
        tag: element.tagName.toLowerCase(),
        ring: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
        inView: box.top > -1 && box.bottom < innerHeight + 1 && box.left > -1 && box.right < innerWidth + 1,
    };
}"""


class Keys:
    """Press keys on a page; `swaps` says whether its steps are swapped in, as they are with JavaScript."""

    def __init__(self, page, *, swaps):
        self.page, self.swaps = page, swaps

    def press(self, key, *, leaves=False):
        """Press a key that leads on. With JavaScript no whole page is loaded, except on the way to Stripe and back."""
        if self.swaps and not leaves:
            self.page.keyboard.press(key)
        else:
            with self.page.expect_navigation():
                self.page.keyboard.press(key)

    def go_to(self, name, key="Tab"):
        """Press the key until that name has the focus; return the number of stops. Each must be in view with a ring."""
        for stops in range(1, MOST_STOPS):
            self.page.keyboard.press(key)
            stop = self.page.evaluate(FOCUSED)
            assert (stop, stop["ring"] >= 3, stop["inView"]) == (stop, True, True)
            if re.search(name, stop["name"]):
                return stops
        raise AssertionError(f"{key} does not lead to {name}.")

    def follow(self, name):
        self.go_to(name)
        self.press("Enter")

    def fill(self, name, text):
        self.go_to(name)
        self.page.keyboard.type(text)

    def arrive_at(self, heading, *, whole=False):
        """Expect that heading, and the focus on it where the step was swapped in and not loaded as a whole page."""
        expect(self.page.get_by_role("heading", name=heading)).to_be_visible()
        if self.swaps and not whole:
            expect(self.page.get_by_role("heading", name=heading)).to_be_focused()

    def hear(self, words):
        expect(self.page.get_by_role("alert")).to_contain_text(words)
        expect(self.page.get_by_role("alert")).to_be_focused()

    def be_told(self, words):
        """Expect a sentence that says what was done, and the focus on it."""
        expect(self.page.get_by_text(words)).to_be_focused()
