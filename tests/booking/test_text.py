"""A search finds a name whether or not it is typed with its capitals, accents and apostrophes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.text import folded


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Müller", "muller"),
        ("Mu\u0308ller", "MÜLLER"),
        ("O’Neill", "O'Neill"),
        ("O'Neill", "o´neill"),
        ("O`Neill", "oneill"),
        ("Ruairí Ó Dálaigh", "ruairi o dalaigh"),
        ("Søren Kjær", "soren kjaer"),
        ("Łukasz Wałęsa", "lukasz walesa"),
        ("Đorđe", "dorde"),
        ("Jörg Weiß", "jorg weiss"),
        ("Þóra Guðrún", "thora gudrun"),
        ("IŞIK", "ışık"),
        ("МЮЛЛЕР", "мюллер"),
        ("Ｊｏ", "jo"),
    ],
)
def test_a_search_finds_a_name_however_it_is_typed(name, typed):
    assert folded(typed) == folded(name)


@pytest.mark.parametrize("typed", ["Muller", "Mullen", "miller"])
def test_what_is_another_letter_stays_another(typed):
    assert (folded(typed) == folded("Müller")) is (typed == "Muller")


@given(st.text())
def test_what_is_folded_once_is_folded(text):
    assert folded(folded(text)) == folded(text)
