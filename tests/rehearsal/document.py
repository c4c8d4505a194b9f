"""The blocks of docs/deploy.md, to be run word by word."""

import re
from collections.abc import Mapping
from pathlib import Path

DOCUMENT = Path(__file__).parent.parent.parent / "docs/deploy.md"
HEADING_OR_BLOCK = re.compile(r"^#+ (?P<heading>[^\n]+)$|^```sh\n(?P<block>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(document: Path = DOCUMENT) -> dict[str, list[str]]:
    """Return the blocks of shell commands under each heading."""
    under: dict[str, list[str]] = {}
    heading = ""
    for found in HEADING_OR_BLOCK.finditer(document.read_text()):
        if found["heading"]:
            heading = found["heading"]
        else:
            under.setdefault(heading, []).append(found["block"])
    return under


def as_run(block: str, exported: Mapping[str, str], elsewhere: Mapping[str, str]) -> str:
    """Return the block as it is run here.

    What it exports the reader chooses, so these lines are left out, and `exported` has our choice. `elsewhere` has what
    stands here for an address of another machine.
    """
    missing = set(re.findall(r"^export (\w+)=", block, re.MULTILINE)) - exported.keys()
    if missing:
        raise KeyError(f"docs/deploy.md has the reader export {', '.join(missing)}.")
    script = re.sub(r"^export .*\n", "", block, flags=re.MULTILINE)
    for theirs, ours in elsewhere.items():
        script = script.replace(theirs, ours)
    return script


def needs_registries(block: str) -> bool:
    return re.search(r"apt-get|git clone|git .*pull|deploy/release", block) is not None
