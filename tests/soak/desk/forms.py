"""The forms of a page, each with what a browser would send if nothing were typed."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

Fields = list[tuple[str, str]]


@dataclass
class Form:
    action: str
    fields: Fields = field(default_factory=list)
    """Name and value of each field, also of a field that comes several times."""
    hidden: set[str] = field(default_factory=set)
    """The names of the fields that nobody sees."""
    options: dict[str, list[str]] = field(default_factory=dict)
    """The values of the radio buttons, by their name."""

    def sent(self, **typed: str) -> Fields:
        """Return what is sent once some fields were filled in, or the button of that name was pressed."""
        return [(name, value) for name, value in self.fields if name not in typed] + list(typed.items())

    def has(self, name: str) -> bool:
        return any(name == one for one, _ in self.fields)


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.inside: str | None = None
        """The name of the select or the textarea that is being read."""
        self.chosen = False
        """Whether an option of the select has been read. A browser sends the first one unless another is selected."""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        elif tag == "input" and self.forms:
            self.read_input(self.forms[-1], given)
        elif tag in ("select", "textarea") and self.forms:
            self.inside, self.chosen = given["name"], False
            self.forms[-1].fields.append((self.inside, ""))
        elif tag == "option" and self.inside and ("selected" in given or not self.chosen):
            self.forms[-1].fields[-1], self.chosen = (self.inside, given["value"]), True

    def read_input(self, form: Form, given: dict[str, str]) -> None:
        kind, name, value = given.get("type", "text"), given["name"], given.get("value", "")
        if kind == "hidden":
            form.hidden.add(name)
        if kind == "radio":
            form.options.setdefault(name, []).append(value)
        if kind not in ("radio", "checkbox") or "checked" in given:
            form.fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self.inside = None

    def handle_data(self, data: str) -> None:
        # A select has its words in its options, whose values are what is sent.
        if self.inside and self.lasttag == "textarea":
            name, value = self.forms[-1].fields[-1]
            self.forms[-1].fields[-1] = (name, value + data.removeprefix("\n"))


def form_to(html: str, address: str, having: str = "csrfmiddlewaretoken") -> Form | None:
    """Return the page's first form that is sent to that address and has such a field."""
    forms = (form for form in Page(html).forms if form.action.partition("?")[0] == address)
    return next((form for form in forms if form.has(having)), None)
