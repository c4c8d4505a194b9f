"""The practice's logo as a file that the environment names: read and checked once, when the site starts."""

import hashlib
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from django.core.exceptions import ImproperlyConfigured
from PIL import Image

BASE_DIR = Path(__file__).resolve().parent.parent
# The whole start page has 30 KB.
MOST_BYTES = 200_000
CONTENT_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "SVG": "image/svg+xml"}
# How high it is shown, in px of CSS.
HEIGHT = 36
SVG = "{http://www.w3.org/2000/svg}svg"


@dataclass(frozen=True)
class Logo:
    body: bytes = field(repr=False)
    kind: str
    digest: str
    width: int
    """How wide it is where it is shown `height` high, in px of CSS."""
    height: int = HEIGHT

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.kind]

    @property
    def is_read_by_mail_programs(self) -> bool:
        return self.kind in {"PNG", "JPEG"}


def read_logo(name: str, path: str) -> Logo:
    """Read the file at the path, which may begin at the project's folder.

    Raises ImproperlyConfigured with a sentence that begins with the variable's name.
    """
    try:
        with (BASE_DIR / path).open("rb") as file:
            body = file.read(MOST_BYTES + 1)
    except (OSError, ValueError):
        raise ImproperlyConfigured(
            f"{name} must be the path of an image that this site may read, not {path!r}."
        ) from None
    if len(body) > MOST_BYTES:
        raise ImproperlyConfigured(
            f"{name} must be an image of 200 KB or less, since every visitor loads it: {path!r}."
        )
    read = vector(body) or raster(body)
    if not read:
        raise ImproperlyConfigured(f"{name} must be a PNG, WebP, JPEG or SVG image with a size, not {path!r}.")
    kind, wide_by_high = read
    return Logo(body, kind, hashlib.sha256(body).hexdigest()[:12], width=max(1, round(wide_by_high * HEIGHT)))


def raster(body: bytes) -> tuple[str, float] | None:
    """The kind of the image, and its width divided by its height. None if it cannot be shown."""
    try:
        image = Image.open(io.BytesIO(body), formats=["PNG", "JPEG", "WEBP"])
        image.load()
    except Exception:  # noqa: BLE001 - a decoder raises whatever a broken file makes it stumble over
        return None
    # MPO is a JPEG that has others behind it, such as the preview of a telephone. Browsers show the first.
    kind = "JPEG" if image.format == "MPO" else image.format
    return kind or "", image.width / image.height


def vector(body: bytes) -> tuple[str, float] | None:
    """The same of an SVG."""
    try:
        # It is the practice's own file, and Python's parser of XML fetches nothing that one names.
        root = ElementTree.fromstring(body)  # noqa: S314
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    sides = box[2:] if len(box) == 4 else [root.get(side, "").removesuffix("px") for side in ("width", "height")]
    if root.tag != SVG or not all(re.fullmatch(r"\d*\.?\d+", side) and float(side) for side in sides):
        return None
    width, height = map(float, sides)
    return "SVG", width / height
