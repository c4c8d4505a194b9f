"""Accent colours that can be read, made of any colour that a practice has: a darker shade of it for light paper, a
lighter one for dark paper.

Colours are written `#rrggbb`. Contrast is measured as WCAG 2 does: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

DEFAULT = "#1f5c4d"
# The contrast of the line around a button with the sheet: it says where one can press.
LINE = 3
# What the brightest channel of a tint's tone is on light paper. A tint of the dark accent itself would be grey.
VIVID = 150


class Palette(NamedTuple):
    """The colours that depend on the practice's. They are named like their custom properties in static/site.css."""

    accent: str
    on_accent: str
    accent_line: str
    accent_ground: str
    accent_some: str
    accent_many: str
    """The last three are tints, each stronger than the one before: days with a few free times, with some, with many."""


def custom_properties(light: Palette, dark: Palette) -> str:
    """The declarations of CSS by which a page, or a part of one, has these colours in either scheme."""
    names = (name.replace("_", "-") for name in light._fields)
    triples = zip(names, light, dark, strict=True)
    return " ".join(f"--{name}: light-dark({one}, {other});" for name, one, other in triples)


class Paper(NamedTuple):
    """A colour scheme, light or dark.

    The first three are colours of static/site.css. `tints` are the contrasts of the three tints with the sheet, and
    `contrast` is the least contrast of the accent on plain paper.
    """

    ground: str
    sheet: str
    on_accent: str
    tints: tuple[float, float, float]
    contrast: float


LIGHT = Paper("#f6f3ec", "#fffefb", on_accent="#fffefb", tints=(1.24, 1.39, 1.57), contrast=7)
DARK = Paper("#141311", "#1f1d1a", on_accent="#141311", tints=(1.3, 1.5, 1.75), contrast=9)


@lru_cache
def light(colour: str) -> Palette:
    return palette(readable(colour, darker, LIGHT), vivid(colour), LIGHT)


@lru_cache
def dark(colour: str) -> Palette:
    accent = readable(colour, lighter, DARK)
    return palette(accent, accent, DARK)


def readable(colour: str, shade: Callable[[str, int], str], paper: Paper) -> str:
    """The first shade that can be read everywhere. The last one, black or white, always can be."""
    return next(accent for step in range(511) if is_readable(accent := shade(colour, step), paper))


def is_readable(accent: str, paper: Paper) -> bool:
    on_plain_paper = min(contrast(accent, under) for under in (paper.ground, paper.sheet, paper.on_accent))
    return on_plain_paper >= paper.contrast


def palette(accent: str, tone: str, paper: Paper) -> Palette:
    tints = (mixed(tone, paper, least) for least in paper.tints)
    return Palette(accent, paper.on_accent, mixed(accent, paper, LINE), *tints)


def mixed(tone: str, paper: Paper, least: float) -> str:
    """The sheet with only so much of the tone in it that it has this contrast with the sheet itself."""
    pairs = list(zip(channels(paper.sheet), channels(tone), strict=True))
    mixtures = (to_hex(round(low + (high - low) * share / 255) for low, high in pairs) for share in range(256))
    return next(mixture for mixture in mixtures if contrast(mixture, paper.sheet) >= least)


def vivid(colour: str) -> str:
    """The colour, as bright as a tone may be that is dark enough for each tint. Black stays black."""
    brightest = max(channels(colour)) or VIVID
    return to_hex(channel * VIVID // brightest for channel in channels(colour))


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
