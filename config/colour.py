"""Accent colours that can be read, made of any colour that a practice has: a darker shade of it for light paper, a
lighter one for dark paper.

Colours are written `#rrggbb`. Contrast is measured as WCAG 2 does: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

DEFAULT = "#1f5c4d"
# The least contrast of the accent on its own tint, which is the background of free days in the calendar. On plain paper
# each colour scheme asks for more (`Paper.contrast`).
ON_TINT = 5.5


class Palette(NamedTuple):
    """The colours that depend on the practice's. They are named like their custom properties in static/site.css."""

    accent: str
    accent_ground: str
    on_accent: str


class Paper(NamedTuple):
    """A colour scheme, light or dark.

    The first three are colours of static/site.css. `tint` is the share of the accent in its tint, and `contrast` the
    least contrast of the accent on plain paper.
    """

    ground: str
    sheet: str
    on_accent: str
    tint: float
    contrast: float


LIGHT = Paper("#faf8f3", "#fffefb", on_accent="#fffefb", tint=0.1, contrast=7)
DARK = Paper("#181715", "#211f1c", on_accent="#181715", tint=0.15, contrast=9)


def light(colour: str) -> Palette:
    return readable(colour, darker, LIGHT)


def dark(colour: str) -> Palette:
    return readable(colour, lighter, DARK)


def readable(colour: str, shade: Callable[[str, int], str], paper: Paper) -> Palette:
    """The palette of the first shade that can be read everywhere. The last shade, black or white, always can be."""
    palettes = (with_tint(shade(colour, step), paper) for step in range(511))
    return next(palette for palette in palettes if is_readable(palette, paper))


def with_tint(accent: str, paper: Paper) -> Palette:
    pairs = zip(channels(paper.ground), channels(accent), strict=True)
    tint = to_hex(round(ground + (tone - ground) * paper.tint) for ground, tone in pairs)
    return Palette(accent, tint, paper.on_accent)


def is_readable(palette: Palette, paper: Paper) -> bool:
    on_paper = min(contrast(palette.accent, under) for under in (paper.ground, paper.sheet, paper.on_accent))
    return on_paper >= paper.contrast and contrast(palette.accent, palette.accent_ground) >= ON_TINT


def darker(colour: str, step: int) -> str:
    """The colour itself at step 0, black at 255 and beyond."""
    return to_hex(channel * max(255 - step, 0) // 255 for channel in channels(colour))


def lighter(colour: str, step: int) -> str:
    """The colour itself at step 0, white at 510 at the latest.

    All channels rise by the same amount until one of them is full. Then all of them fade to white. If a deep green
    faded to white from the beginning, it would turn grey.
    """
    full = 255 - max(channels(colour))
    raised = [channel + min(step, full) for channel in channels(colour)]
    fade = min(max(step - full, 0), 255)
    return to_hex(channel + (255 - channel) * fade // 255 for channel in raised)


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    red, green, blue = (linear(channel / 255) for channel in channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def channels(colour: str) -> bytes:
    return bytes.fromhex(colour.removeprefix("#"))


def to_hex(channels: Iterable[int]) -> str:
    return f"#{bytes(channels).hex()}"
