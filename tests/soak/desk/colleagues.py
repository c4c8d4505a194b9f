"""Those who work at the desk, each in a browser of their own: they sign in, open pages, fill in forms and press."""

import re
from random import Random
from typing import NamedTuple

import requests

from tests.soak.browsers import Browser
from tests.soak.desk.forms import Form, form_to
from tests.soak.practice import Practice, Press

PASSWORD = "only for the soak"
LOGIN = "/staff/login/"
# What a page says at its top after a press that did what it should.
DONE = re.compile(r'<p class="notice" (tabindex|role)=')
REFUSED = (409, 422)


class Filled(NamedTuple):
    """A form about one appointment that is filled in and not sent yet."""

    to: str
    """What is to be done, in words."""
    kind: str
    """What will then be among the appointment's changes."""
    appointment: int
    form: Form | None
    """None if the page has no such form: it cannot be done any more."""
    typed: dict[str, str] = {}


class Colleague(Browser):
    """Whoever works at the desk under that login, and has signed in."""

    def __init__(self, practice: Practice, chance: Random, login: str) -> None:
        super().__init__(practice, chance, "2001:db8:ffff::1")
        self.http.headers["Origin"] = practice.address  # as a browser does
        self.login = login
        self.pressing: Press | None = None
        self.sign_in(self.ask("desk, sign in (page)", "GET", LOGIN))

    def sign_in(self, shown: requests.Response) -> requests.Response:
        """Fill in the form of the page that is shown, which may carry along what was typed before."""
        form = form_to(shown.text, LOGIN, "password")
        return self.ask("desk, sign in", "POST", LOGIN, data=form.sent(username=self.login, password=PASSWORD))

    def sign_out(self) -> None:
        """Press the button in the header of the day, as in another tab."""
        form = form_to(self.open("day", "/staff/").text, "/staff/logout/")
        self.ask("desk, sign out", "POST", form.action, data=form.sent())

    def open(self, step: str, address: str, **query: str) -> requests.Response:
        return self.ask(f"desk, {step} (page)", "GET", address, params=query)

    def try_to(self, step: str, method: str, path: str, **options: object) -> requests.Response | None:
        """Note a press that was not answered: it may have done its work."""
        answer = super().try_to(step, method, path, **options)
        if self.pressing and method == "POST" and (answer is None or answer.status_code >= 500):
            self.practice.pressed(self.pressing, answered=False)
        return answer

    def send(self, step: str, form: Form, press: Press | None = None, **typed: str) -> requests.Response:
        """Press the form's button. Whoever turns out to be signed out signs in, and sends it once more."""
        self.http.cookies.pop("messages", None)
        self.pressing = press
        try:
            answer = self.ask(f"desk, {step}", "POST", form.action, data=form.sent(**typed))
            if answer.status_code == 403:
                answer = self.send_again(step, form, self.sign_in(answer))
        finally:
            self.pressing = None
        if answer.status_code in REFUSED:
            why = "told why" if 'role="alert"' in answer.text else "not told why"
            self.practice.count(f"staff refused and {why}")
        return answer

    def send_again(self, step: str, form: Form, shown: requests.Response) -> requests.Response:
        """Send what the page shows that one had typed before signing in anew."""
        kept = form_to(shown.text, form.action)
        self.practice.count("staff who signed in again in mid-form")
        return self.ask(f"desk, {step}", "POST", kept.action, data=kept.sent())

    def press(self, filled: "Filled") -> bool:
        """Send the form, if the page had one. Tell whether the next page says that it is done."""
        if not filled.form:
            self.practice.count(f"staff who had no form to {filled.to}")
            return False
        press = Press(filled.appointment, filled.kind, self.login)
        answer = self.send(filled.to, filled.form, press, **filled.typed)
        if answer.status_code != 303 or not DONE.search(self.open("done", answer.headers["Location"]).text):
            return False
        self.practice.pressed(press, answered=True)
        self.practice.count(f"staff who could {filled.to}")
        return True
