"""WebKit, which is Safari's engine, in the GTK port that Debian has, on a display that nobody sees."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from selenium.common import WebDriverException
from selenium.common.exceptions import ElementNotInteractableException
from selenium.webdriver import WebKitGTK, WebKitGTKOptions
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait
from selenium.webdriver.webkitgtk.service import Service

from tests.browsers.browser import Browser

DRIVER, DISPLAY = "WebKitWebDriver", "Xvfb"
PACKAGES = {DRIVER: "webkit2gtk-driver", DISPLAY: "xvfb"}


class WebKit(Browser):
    passing = WebDriverException

    def __init__(self, driver: WebKitGTK) -> None:
        self.driver = driver

    def open(self, address: str) -> None:
        self.driver.get(address)

    def back(self) -> None:
        self.driver.back()

    def every(self, xpath: str) -> list[WebElement]:
        return self.driver.find_elements(By.XPATH, xpath)

    def call(self, function: str, *elements: WebElement) -> Any:
        return self.driver.execute_script(f"return ({function})(...arguments)", *elements)

    def click(self, element: WebElement) -> None:
        self.once_it_is_there(element.click)

    def write(self, element: WebElement, text: str) -> None:
        self.once_it_is_there(element.clear)
        element.send_keys(text)

    def once_it_is_there(self, act: Callable[[], None]) -> None:
        """Do it as soon as it can be done: while one step fades into the next, nothing can be pressed."""
        fading = WebDriverWait(self.driver, 5, ignored_exceptions=[ElementNotInteractableException])
        fading.until(lambda _: act() or True)


@contextmanager
def webkit() -> Iterator[WebKit]:
    with display() as number:
        service = Service(shutil.which(DRIVER), env={**os.environ, "DISPLAY": f":{number}"})
        driver = WebKitGTK(WebKitGTKOptions(), service)
        try:
            yield WebKit(driver)
        finally:
            driver.quit()


@contextmanager
def display() -> Iterator[str]:
    """Run an X server without a screen, and give the number of its display, which it chooses itself."""
    with subprocess.Popen([DISPLAY, "-displayfd", "1"], stdout=subprocess.PIPE, text=True) as server:
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()
