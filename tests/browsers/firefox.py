"""Firefox, by the protocol that it speaks itself: https://w3c.github.io/webdriver-bidi/."""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websocket import WebSocket, create_connection

from tests.browsers.browser import PATIENCE, Browser
from tests.gunicorn import free_port, stop, wait_for

FIREFOX = "firefox-esr"
PACKAGES = {FIREFOX: "firefox-esr"}
# Firefox asks nobody outside for settings of its own.
PREFERENCES = {"services.settings.server": "data:,", "app.normandy.enabled": False}
# A whole page fits in, as the pointer would miss what has just been scrolled: Firefox takes a moment to draw it there.
WINDOW = {"width": 1280, "height": 3000}
# What the protocol calls this key.
CONTROL = "\ue009"


class Refused(Exception):
    """Firefox did not do what it was asked to do, and says why."""


class Firefox(Browser):
    passing = Refused

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.asked = 0
        self.ask("session.new", capabilities={})
        self.page = self.ask("browsingContext.create", type="tab")["context"]
        self.ask("browsingContext.setViewport", context=self.page, viewport=WINDOW)

    def ask(self, method: str, **facts: Any) -> dict[str, Any]:
        """Send a command and return its result. Raises Refused."""
        self.asked += 1
        self.socket.send(json.dumps({"id": self.asked, "method": method, "params": facts}))
        answer = json.loads(self.socket.recv())
        if answer["type"] == "error":
            raise Refused(answer["message"])
        return answer["result"]

    def open(self, address: str) -> None:
        self.ask("browsingContext.navigate", context=self.page, url=address, wait="complete")

    def back(self) -> None:
        self.ask("browsingContext.traverseHistory", context=self.page, delta=-1)

    def every(self, xpath: str) -> list[dict[str, str]]:
        locator = {"type": "xpath", "value": xpath}
        nodes = self.ask("browsingContext.locateNodes", context=self.page, locator=locator)["nodes"]
        return [{"sharedId": node["sharedId"]} for node in nodes]

    def call(self, function: str, *elements: dict[str, str]) -> Any:
        facts = {"arguments": list(elements), "target": {"context": self.page}, "awaitPromise": False}
        answer = self.ask("script.callFunction", functionDeclaration=function, **facts)
        if answer["type"] == "exception":
            raise Refused(answer["exceptionDetails"]["text"])
        return answer["result"].get("value")

    def click(self, element: dict[str, str]) -> None:
        middle = {"type": "pointerMove", "x": 0, "y": 0, "origin": {"type": "element", "element": element}}
        self.act("pointer", middle, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0})

    def write(self, element: dict[str, str], text: str) -> None:
        self.click(element)
        select_all = [down(CONTROL), down("a"), up("a"), up(CONTROL)]
        self.act("key", *select_all, *(stroke for letter in text for stroke in (down(letter), up(letter))))

    def act(self, device: str, *actions: dict[str, Any]) -> None:
        source = {"type": device, "id": device, "actions": list(actions)}
        self.ask("input.performActions", context=self.page, actions=[source])


def down(key: str) -> dict[str, str]:
    return {"type": "keyDown", "value": key}


def up(key: str) -> dict[str, str]:
    return {"type": "keyUp", "value": key}


@contextmanager
def firefox(*, javascript: bool = True) -> Iterator[Firefox]:
    """Run it without a window, in a profile that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="firefox", ignore_cleanup_errors=True) as profile:
        Path(profile, "user.js").write_text(lines_of({**PREFERENCES, "javascript.enabled": javascript}))
        port = free_port()
        options = ["--headless", "--no-remote", "--profile", profile, f"--remote-debugging-port={port}"]
        process = subprocess.Popen([FIREFOX, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(f"http://127.0.0.1:{port}/", process)
            yield Firefox(create_connection(f"ws://127.0.0.1:{port}/session", PATIENCE, suppress_origin=True))
        finally:
            stop(process)


def lines_of(preferences: dict[str, str | bool]) -> str:
    return "\n".join(f"user_pref({json.dumps(name)}, {json.dumps(to)});" for name, to in preferences.items())
