"""The stylesheet and the icon, which carry the practice's colour, and the script: a first visit waits for these files.

The colour comes from the environment and must not wait for a `collectstatic`, so they are read, coloured, freed of what
is only for whoever edits them, and compressed when first asked for. Their address holds a hash of what is in them, so a
browser may keep them for good.
"""

import gzip
import hashlib
import re
from functools import lru_cache
from typing import NamedTuple

import brotli
from csp.decorators import csp_exempt
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from booking import colour
from booking.in_force import in_force
from booking.responses import kept_for_good

# Comments are for whoever edits the stylesheet. They are a fifth of its compressed size, so they are not sent.
COMMENT = re.compile(r"\s*/\*.*?\*/", re.DOTALL)
# The space around these is a twentieth. No text that the stylesheet shows has one of them.
SPACE = re.compile(r"\s*([{};,])\s*")
# The comments of the script are a quarter of its compressed size. Each stands on lines of its own.
COMMENT_OF_SCRIPT = re.compile(r"^\s*//.*\n", re.MULTILINE)
KINDS = {
    "site.css": "text/css; charset=utf-8",
    "site.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


class File(NamedTuple):
    bodies: dict[str, bytes]
    """The file in each encoding that a browser may accept, the shortest first. The last, without a name, is plain."""
    digest: str


def address(name: str) -> str:
    return reverse("coloured", args=[current(name).digest, name])


# The policy is about pages. The types of this decorator know only views without arguments, so mypy is told to pass it.
@csp_exempt()  # type: ignore[arg-type]
@require_safe
def serve(request: HttpRequest, digest: str, name: str) -> HttpResponse:
    if name not in KINDS:
        raise Http404
    file = current(name)
    response = compressed(request, file)
    response["Content-Type"] = KINDS[name]
    return kept_for_good(response, is_present=digest == file.digest)


def compressed(request: HttpRequest, file: File) -> HttpResponse:
    """The file, compressed if the browser takes that. It was compressed only once, and GZipMiddleware skips it."""
    accepted = request.headers.get("Accept-Encoding", "")
    encoding = next(name for name in file.bodies if name in accepted)
    response = HttpResponse(file.bodies[encoding], headers={"Content-Encoding": encoding} if encoding else {})
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def current(name: str) -> File:
    """The file as it is now. It is read once, and while DEBUG is on again after each edit."""
    edited = (settings.BASE_DIR / "static" / name).stat().st_mtime_ns if settings.DEBUG else 0
    return read(name, in_force.PRACTICE_COLOUR, edited)


@lru_cache(maxsize=8)
def read(name: str, practice: str, edited: int) -> File:
    plain = (settings.BASE_DIR / "static" / name).read_text()
    light, dark = colour.light(practice), colour.dark(practice)
    match name:
        case "site.css":
            ready = SPACE.sub(r"\1", COMMENT.sub("", plain)) + "\n" + tokens(light, dark)
        case "site.js":
            ready = COMMENT_OF_SCRIPT.sub("", plain)
        case _:
            ready = plain.replace(colour.DEFAULT, light.accent)
    body = ready.encode()
    bodies = {"br": brotli.compress(body), "gzip": gzip.compress(body, mtime=0), "": body}
    return File(bodies, hashlib.sha256(body).hexdigest()[:12])


def tokens(light: colour.Palette, dark: colour.Palette) -> str:
    """The accents as CSS. They come after the stylesheet's own in the same cascade layer, and so override them."""
    return f"@layer tokens {{ :root {{ {colour.custom_properties(light, dark)} }} }}\n"
