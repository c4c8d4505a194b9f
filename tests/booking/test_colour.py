"""Any colour makes accents that can be read. Contrast is measured by WCAG's formula, written here a second time."""

import re

import pytest
from django.conf import settings
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from booking import colour

COLOURS = st.binary(min_size=3, max_size=3).map(lambda channels: f"#{channels.hex()}")
HARD = ["#ffd400", "#ffffff", "#000000", "#777777", "#00ff00", "#0000ff", "#0b1d56"]

# An accent has at least this contrast ratio, on light and on dark. The same ratio looks dimmer on dark.
LEAST = [7, 9]
# Each scheme has the position of its value in a token's pair of values, and the function that makes its palette.
SCHEMES = pytest.mark.parametrize(("scheme", "palette"), [(0, colour.light), (1, colour.dark)], ids=["light", "dark"])


def stylesheet():
    return (settings.BASE_DIR / "static" / "site.css").read_text()


def token(name):
    """Return a token's colours in the light and in the dark scheme, as they stand in site.css itself."""
    return re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\);", stylesheet()).groups()


def luminance(written):
    red, green, blue = (int(written[at : at + 2], 16) / 255 for at in (1, 3, 5))
    lit = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return 0.2126 * lit[0] + 0.7152 * lit[1] + 0.0722 * lit[2]


def contrast(one, other):
    lights = sorted(luminance(each) + 0.05 for each in (one, other))
    return lights[1] / lights[0]


def for_any_colour(test):
    for hard in HARD:
        test = example(hard)(test)
    return hypothesis_settings(deadline=None)(given(COLOURS)(test))


@SCHEMES
@for_any_colour
def test_an_accent_reads_on_everything_it_is_written_on(scheme, palette, practice):
    made = palette(practice)
    papers = [token("ground")[scheme], token("sheet")[scheme], made.on_accent]
    assert [paper for paper in papers if contrast(made.accent, paper) < LEAST[scheme]] == []
    assert contrast(made.accent, made.accent_ground) >= 5.5


@SCHEMES
@for_any_colour
def test_ink_reads_on_each_tint_and_each_tint_shows_on_the_page_and_beside_the_others(scheme, palette, practice):
    made = palette(practice)
    tints = [made.accent_ground, made.accent_some, made.accent_many]
    assert [tint for tint in tints if contrast(token("ink")[scheme], tint) < 7] == []
    papers = [token("ground")[scheme], made.accent_ground, made.accent_some]
    steps = [contrast(under, tint) for under, tint in zip(papers, tints, strict=True)]
    assert [step for step in steps if step < 1.1] == []


@SCHEMES
@for_any_colour
def test_the_line_around_a_button_shows_on_the_sheet(scheme, palette, practice):
    assert contrast(token("sheet")[scheme], palette(practice).accent_line) >= 3


def test_a_colour_that_reads_already_is_the_accent():
    assert colour.light("#1F5C4D").accent == "#1f5c4d"
    assert colour.dark("#FFD400").accent == "#ffd400"


def test_the_stylesheet_on_its_own_has_the_default_colour():
    light, dark = colour.light(colour.DEFAULT), colour.dark(colour.DEFAULT)
    for name in light._fields:
        assert token(name.replace("_", "-")) == (getattr(light, name), getattr(dark, name))
