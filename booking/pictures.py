"""What becomes of a picture that somebody uploads as a portrait: a small square WebP, or a sentence that says why not.

The file may be anything. So what kind it is, by its first bytes and not by its name, and how many pixels it has are
checked before any of them is decoded. Nothing of the file is kept but pixels.
"""

import io
import math
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from threading import Lock
from typing import BinaryIO

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

MOST_BYTES = 10_000_000
# A portrait is shown 72 px wide, and most screens have two dots for each of these.
SHOWN = 72
SIDE = 2 * SHOWN
# With four portraits, a page of 30 KB is to stay below 60 KB.
WANTED_BYTES = 7_000
QUALITIES = (82, 70, 55, 40, 25, 10)
# The face on a portrait is above its middle.
CENTRE = (0.5, 1 / 3)
# Telephones take photos of 50 million pixels. Of a JPEG that is as large, only every eighth pixel each way is decoded.
# The other kinds are decoded whole, and a JPEG in several scans is kept whole until the last has come: two bytes for
# each pixel and channel. Each of these numbers is 165 MB of memory at worst.
MOST_PIXELS = {"JPEG": 50_000_000, "PNG": 12_000_000, "WEBP": 8_000_000}
MOST_PIXELS_IN_SCANS = 16_000_000
# A process decodes one picture at a time, so that it needs that memory once, however many are sent.
ONE_AT_A_TIME = Lock()
# A progressive JPEG is drawn in several scans, about ten, and in a made-up one each could take half a second.
MOST_SCANS = 40
# A marker of a JPEG after which comes a length, of two bytes, as libjpeg reads it. Those without are parts of a scan.
MARKER = re.compile(rb"\xff([\xc0-\xcf\xd9-\xfe])")
END, SCAN = b"\xd9", b"\xda"
SRGB = ImageCms.createProfile("sRGB")

# Beyond this Pillow warns, and fails only at twice as much.
Image.MAX_IMAGE_PIXELS = max(MOST_PIXELS.values())
warnings.simplefilter("error", Image.DecompressionBombWarning)


class Refused(Exception):
    """The picture cannot be taken. The exception's text says why, and what to do."""


def portrait(file: BinaryIO) -> bytes:
    """Make the portrait, as the bytes of a WebP, of an uploaded file. Raises Refused."""
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Refused(_("This file is larger than 10 MB. Choose a smaller one, or save the picture smaller first."))
    picture = opened(content)
    try:
        with ONE_AT_A_TIME:
            return webp(on_white(in_srgb(squared(picture))))
    except Exception as error:  # a decoder raises whatever a broken file makes it stumble over
        sentence = _("This picture is damaged, or did not arrive whole. Save it anew, or choose another one.")
        raise Refused(sentence) from error


def opened(content: bytes) -> Image.Image:
    """The picture, of which no pixel is decoded yet. Raises Refused."""
    try:
        picture = Image.open(io.BytesIO(content), formats=["JPEG", "PNG", "WEBP"])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused(too_many_pixels()) from error
    except Exception as error:
        raise Refused(_("This file is no picture that we can read. Choose a JPEG, PNG or WebP picture.")) from error
    if not can_be_decoded(picture, content):
        raise Refused(too_many_pixels())
    if min(picture.size) < SHOWN:
        sentence = _("This picture is only %(width)s by %(height)s pixels. Choose one of %(side)s by %(side)s or more.")
        raise Refused(sentence % {"width": picture.width, "height": picture.height, "side": SIDE})
    return picture


def can_be_decoded(picture: Image.Image, content: bytes) -> bool:
    """Whether decoding it takes no more memory and time than we have for a picture."""
    pixels = math.prod(picture.size)
    # MPO is a JPEG that has others behind it, such as a telephone's preview. Only the first is decoded.
    if picture.format not in {"JPEG", "MPO"}:
        return pixels <= MOST_PIXELS[picture.format or ""]
    scans = list(channels_of_scans(content))
    at_once = scans == [len(picture.getbands())] and "progressive" not in picture.info
    return len(scans) <= MOST_SCANS and pixels <= (MOST_PIXELS["JPEG"] if at_once else MOST_PIXELS_IN_SCANS)


def channels_of_scans(content: bytes) -> Iterator[int]:
    """How many channels each scan of a JPEG draws, up to the end of the picture. What comes behind it is not read."""
    found = MARKER.search(content)
    while found and found[1] != END:
        start = found.end()
        if found[1] == SCAN:
            yield int.from_bytes(content[start + 2 : start + 3])
        found = MARKER.search(content, start + int.from_bytes(content[start : start + 2]))


def too_many_pixels() -> str:
    return _("This picture has more pixels than we can open. Save it about 1,000 pixels wide, and try again.")


def squared(picture: Image.Image) -> Image.Image:
    """The part that is kept, the right way up. It is made small first, so that little is turned and cut."""
    small = with_smooth_channels(picture)
    shrink = min(1, 2 * SIDE / min(small.size))
    small.thumbnail((math.ceil(small.width * shrink), math.ceil(small.height * shrink)), Image.Resampling.LANCZOS)
    upright = ImageOps.exif_transpose(small)
    return ImageOps.fit(upright, (SIDE, SIDE), Image.Resampling.LANCZOS, centering=CENTRE)


def with_smooth_channels(picture: Image.Image) -> Image.Image:
    """The picture in a mode whose neighbouring pixels can be mixed: no palette, and no more than 8 bits a channel."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("RGB") if picture.mode in {"1", "P"} else picture


def in_srgb(picture: Image.Image) -> Image.Image:
    """The same colours as browsers mean them, where the picture has others. A profile that is broken means nothing."""
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    if profile := picture.info.get("icc_profile"):
        with suppress(ImageCms.PyCMSError, OSError):
            return ImageCms.profileToProfile(picture, io.BytesIO(profile), SRGB, outputMode=mode) or picture
    return picture.convert(mode)


def on_white(picture: Image.Image) -> Image.Image:
    """Without holes, since dark hair would be lost on the page's dark ground."""
    if picture.mode != "RGBA":
        return picture
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def webp(picture: Image.Image) -> bytes:
    """The picture's pixels and nothing else, in the first quality that is small enough, or in the last."""
    picture.info.clear()
    content = b""
    for quality in QUALITIES:
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=quality, method=6)
        content = file.getvalue()
        if len(content) <= WANTED_BYTES:
            break
    return content
