"""What a person does with a page, in the same words for every browser."""

import time
from abc import ABC, abstractmethod
from typing import Any

# Seconds that a person waits for what a page owes them, and between two looks at it.
PATIENCE, BETWEEN_LOOKS = 30, 0.1
HEADING = "//*[self::h1 or self::h2]"
# The XPath of the elements of such a kind that have a given name, which is part of their words.
NAMED = {
    "link": '//a[contains(normalize-space(), "{}")]',
    "button": '//button[contains(normalize-space(), "{}")]',
    "heading": HEADING + '[contains(normalize-space(), "{}")]',
    "field": '//*[@id = //label[contains(normalize-space(), "{}")]/@for]',
    "alert": '//*[@role = "alert"][contains(normalize-space(), "{}")]',
    "words": '//*[contains(text(), "{}")]',
}


class Browser(ABC):
    """A subclass makes its engine do the five abstract things; all that a person does is made of them."""

    passing: type[Exception]
    """What the engine raises for an element of a page that is being left, among other things."""

    @abstractmethod
    def open(self, address: str) -> None:
        """Load a page and wait for it."""

    @abstractmethod
    def back(self) -> None:
        """Press the browser's own button."""

    @abstractmethod
    def every(self, xpath: str) -> list[Any]:
        """Return the elements of the page, be they visible or not."""

    @abstractmethod
    def call(self, function: str, *elements: Any) -> Any:
        """Call a function, written in JavaScript, in the page."""

    @abstractmethod
    def click(self, element: Any) -> None:
        """Press the middle of an element with the pointer, where a person would find it covered or not."""

    @abstractmethod
    def write(self, element: Any, text: str) -> None:
        """Type into a field, in place of what is in it."""

    def see(self, kind: str, name: str) -> Any:
        return self.find(NAMED[kind].format(name))

    def press(self, name: str) -> None:
        self.press_what_is_there(NAMED["button"].format(name))

    def fill(self, label: str, text: str) -> None:
        self.write(self.see("field", label), text)

    def follow(self, name: str) -> None:
        self.follow_link(NAMED["link"].format(name))

    def follow_link(self, xpath: str) -> str:
        """Press a link, wait until its address is the page's, and return that."""
        address = self.press_what_is_there(xpath)["href"]
        self.wait_until(lambda: self.call("() => location.href") == address, f"the page {address}")
        return address

    def press_what_is_there(self, xpath: str) -> dict[str, str | None]:
        """Press the first visible element, and return where it leads.

        The first page asks for itself anew once it knows the time zone of its reader. An element that was found before
        is then gone without being pressed, and the one in its place is pressed.
        """
        return self.wait_until(lambda: self.press_at_once(xpath), xpath)

    def press_at_once(self, xpath: str) -> dict[str, str | None]:
        element = self.find(xpath)
        leads_to = {"href": self.call("element => element.href", element)}
        self.click(element)
        return leads_to

    def find(self, xpath: str) -> Any:
        """Return the first visible element, as soon as there is one."""
        return self.wait_until(lambda: next(filter(self.is_visible, self.every(xpath)), None), xpath)

    def is_visible(self, element: Any) -> bool:
        return self.call("element => element.checkVisibility()", element)

    def wait_until(self, look: Any, wanted: str) -> Any:
        """Return what `look` finds. Raises AssertionError when that is nothing for too long, and says what is there."""
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            if found := self.unless_passing(look):
                return found
            time.sleep(BETWEEN_LOOKS)
        raise AssertionError(f"Not there: {wanted}. There is: {self.call('() => document.body.innerText')}")

    def unless_passing(self, look: Any) -> Any:
        try:
            return look()
        except self.passing:
            return None
