"""The files around the code: links in documents lead somewhere, and a commit and CI run the same checks."""

import re
import tomllib
from collections import Counter

import pytest

from tests.repository import LEFT_BEHIND, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
# Of the folders whose names begin with a dot, only these are part of the repository.
OURS = {".ci", ".github"}


def is_ours(path):
    top = path.relative_to(ROOT).parts[0]
    return path.parent == ROOT or (top not in LEFT_BEHIND and (not top.startswith(".") or top in OURS))


def files(*endings):
    return sorted(path for path in ROOT.rglob("*") if path.is_file() and path.name.endswith(endings) and is_ours(path))


def read(name):
    return (ROOT / name).read_text()


def name_of(path):
    return path.relative_to(ROOT).as_posix()


# Documents

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^()\s]+)\)|\b(?:href|src)=\"([^\"]+)\"")


def links(document):
    """Return the links that lead to a file of this repository or to a heading, and not to another site."""
    text = re.sub(r"`[^`\n]*`", "", FENCE.sub("", document.read_text()))
    found = ("".join(both) for both in LINK.findall(text))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors(document):
    """Yield the anchors that the code host makes of the headings. A heading that is repeated gets a number."""
    headings = re.findall(r"^#+ +(.+?) *$", FENCE.sub("", document.read_text()), re.MULTILINE)
    seen = Counter()
    for heading in headings:
        words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        yield f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor
        seen[anchor] += 1


def leads_somewhere(document, link):
    place, _, anchor = link.partition("#")
    target = document.parent / place if place else document
    return target.exists() and (not anchor or target.suffix != ".md" or anchor in anchors(target))


@pytest.mark.parametrize("document", files(".md"), ids=name_of)
def test_every_link_leads_to_a_file_and_every_anchor_to_a_heading(document):
    assert [link for link in links(document) if not leads_somewhere(document, link)] == []


def names(document):
    """Return, for each link whose text is a name in code, that name and the path of the module that it leads to."""
    return re.findall(r"\[`([\w.]+)(?:\(\))?`\]\(([^()\s]+\.py)\)", document.read_text())


def is_defined(name, module):
    word = re.escape(name.rpartition(".")[2])
    return re.search(rf"^ *(?:(?:def|class) {word}\b|{word}(?::.*)? = )", module.read_text(), re.MULTILINE)


@pytest.mark.parametrize("document", files(".md"), ids=name_of)
def test_what_a_link_names_is_defined_where_it_leads(document):
    linked = [(name, document.parent / place) for name, place in names(document)]
    assert [name for name, module in linked if not (module.exists() and is_defined(name, module))] == []


def test_every_document_is_in_the_index():
    index = ROOT / "docs/README.md"
    listed = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}
    documents = [path for path in files(".md") if path.is_relative_to(ROOT / "docs") and path != index]
    assert [name_of(path) for path in documents if path not in listed] == []


@pytest.mark.parametrize(("document", "functions"), [("README.md", 4), ("CONTRIBUTING.md", 3)])
def test_the_code_that_is_shown_is_the_code_that_runs(document, functions):
    code = [path.read_text() for path in files(".py")]
    blocks = [text for language, text in FENCE.findall(read(document)) if language == "python"]
    shown = [function.strip() for block in blocks for function in block.split("\n\n\n")]
    assert [function for function in shown if not any(function in module for module in code)] == []
    assert len(shown) == functions


# Checks


def test_a_commit_waits_for_what_make_checks():
    assert re.findall(r"^ +entry: (.*)$", read(".pre-commit-config.yaml"), re.MULTILINE) == ["make check"]


def test_the_workflow_runs_everything_on_each_python_that_is_promised():
    workflow = read(".github/workflows/ci.yml")
    assert re.findall(r"^ +- run: (.*)$", workflow, re.MULTILINE) == [".ci/run"]
    commands = re.findall(r"^make (?:--\S+ )*([a-z ]+)$", read(".ci/run"), re.MULTILINE)
    assert commands == ["check test", "browsers"]
    [row] = re.findall(r"python: \[(.*)\]", workflow)
    promised = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["project"]["classifiers"]))
    assert re.findall(r"3\.\d+", row) == promised
    assert PROJECT["project"]["requires-python"] == f">={promised[0]}"


def test_files_are_as_an_editor_is_told_to_write_them():
    assert f"max_line_length = {PROJECT['tool']['ruff']['line-length']}" in read(".editorconfig")
    texts = files(
        ".py", ".html", ".css", ".js", ".md", ".toml", ".yml", ".yaml", "Makefile", ".editorconfig", ".ci/run"
    )
    wrong = re.compile(r"[ \t]+$|\r|[^\n]\Z|\n\n\Z", re.MULTILINE)
    assert [name_of(path) for path in texts if wrong.search(path.read_text())] == []
    assert [name_of(path) for path in texts if "\t" in path.read_text()] == ["Makefile"]
