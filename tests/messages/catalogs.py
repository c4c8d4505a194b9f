"""The sentences that are marked for translation in the code, and the catalogs that have them in other languages.

Django's `makemessages` needs GNU gettext, which a fresh machine has not got. Babel reads the same marks and writes the
same files: for templates it is given what Django itself makes of them for xgettext.
"""

import io
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from config import languages

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("booking", "config", "payments", "staff", "templates")
PLURAL, CONTEXT, PLURAL_IN_CONTEXT = (1, 2), ((1, "c"), 2), ((1, "c"), 2, 3)
MARKS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": PLURAL,
    "ngettext_lazy": PLURAL,
    "pgettext": CONTEXT,
    "pgettext_lazy": CONTEXT,
    "npgettext": PLURAL_IN_CONTEXT,
    "npgettext_lazy": PLURAL_IN_CONTEXT,
}
# The date in a catalog's head. Were it the present one, each run would change every file.
SINCE = datetime(2026, 11, 28, tzinfo=UTC)


def translated_languages() -> list[str]:
    return [code for code in languages.NAMES if code != "en"]


def path_of(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def marked() -> Catalog:
    """All that is marked, with the file of each. Its translations are empty."""
    catalog = Catalog()
    for path in sources():
        for _line, message, comments, context in messages_of(path):
            location = (str(path.relative_to(ROOT)), None)
            catalog.add(message, locations=[location], auto_comments=comments, context=context)
    return catalog


def sources() -> Iterator[Path]:
    listed = subprocess.run(["git", "ls-files", *ROOMS], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.split():
        if Path(name).suffix in (".html", ".txt") or (name.endswith(".py") and "/migrations/" not in name):
            yield ROOT / name


def messages_of(path: Path) -> Iterator[tuple]:
    text = path.read_text()
    python = text if path.suffix == ".py" else without_indentation(templatize(text, origin=str(path)))
    return extract("python", io.BytesIO(python.encode()), keywords=MARKS, comment_tags=["Translators:"])


def without_indentation(text: str) -> str:
    return "\n".join(map(str.strip, text.splitlines()))


def read(language: str) -> Catalog:
    path = path_of(language)
    with path.open("rb") as file:
        return read_po(file, locale=language, ignore_obsolete=True)


def update(language: str) -> Catalog:
    """What the catalog of that language has, for just the sentences that are marked. A new one is left empty."""
    catalog = new_catalog(language)
    before = read(language) if path_of(language).exists() else catalog
    for message in marked():
        if message.id:
            known = before.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
            string = known.string if known and not known.fuzzy and known.id == message.id else ""
            locations = sorted(set(message.locations))
            catalog.add(message.id, string, locations, auto_comments=message.auto_comments, context=message.context)
    return catalog


def new_catalog(language: str) -> Catalog:
    return Catalog(
        locale=language,
        project="Appointments",
        version="1",
        last_translator="The makers of this site",
        language_team=languages.NAMES[language],
        header_comment=f"# {languages.NAMES[language]}",
        creation_date=SINCE,
        revision_date=SINCE,
        fuzzy=False,
    )


def write(language: str, catalog: Catalog) -> None:
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_po(catalog))
    path.with_suffix(".mo").write_bytes(as_mo(catalog))


def as_po(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalog, width=120, sort_by_file=True, include_lineno=False)
    return file.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    """What Django reads: the translated sentences in the format of GNU gettext."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()
