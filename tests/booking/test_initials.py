"""Where there is no picture of a provider, two letters of their name stand for them."""

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from booking.initials import initials
from booking.models import Provider


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ada Byrne", "AB"),
        ("ada marie byrne", "AB"),
        ("J. Smith", "JS"),
        ("Anna van der Berg", "AB"),
        ("Marie-Claire Dupont", "MD"),
        ("Byrne, Ada", "BA"),
        ("Anne-Marie", "AM"),
        ("O’Brien", "OB"),
        ("Madonna", "MA"),
        ("M", "M"),
        ("Room 1", "R1"),
    ],
)
def test_the_first_and_the_last_word_give_a_letter_each(name, letters):
    assert initials(name) == letters


@pytest.mark.parametrize(
    "name",
    [
        "Dr. Ada Byrne",
        "dr ada byrne",
        "Prof. Dr. med. Ada Byrne",
        "Dr.med. Ada Byrne",
        "Dipl.-Psych. Ada Byrne",
        "Dott.ssa Ada Byrne",
        "Ada Byrne, MSc, BA",
        "Ada Byrne MD",
        "Ada Byrne Jr.",
        "Ada Byrne (she/her)",
        "🌸 Ada Byrne 👩‍⚕️",
    ],
)
def test_titles_degrees_remarks_and_emoji_give_none(name):
    assert initials(name) == "AB"


@pytest.mark.parametrize(("name", "letters"), [("Dr.", "DR"), ("(Reception)", "RE"), ("Dr. Prof.", "DP")])
def test_where_nothing_else_is_there_they_do(name, letters):
    assert initials(name) == letters


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Анна Каренина", "АК"),
        ("王小明", "王小"),
        ("山田 太郎", "山太"),
        ("محمد علي", "مع"),
        ("नीता किरण", "नीकि"),
        ("ნინო ბერიძე", "ნბ"),
        ("E\u0301va Nagy", "ÉN"),
    ],
)
def test_a_letter_of_any_script_is_kept_whole(name, letters):
    assert initials(name) == letters


@pytest.mark.parametrize("name", ["", "🌸🌸", "--", "(…)"])
def test_a_name_without_letters_gives_none(name):
    assert initials(name) == ""


@given(st.text(max_size=100))
def test_no_name_fails(name):
    assert len(initials(name)) <= 100


def test_initials_are_not_read_out_since_the_name_stands_beside_them():
    face = render_to_string("booking/partials/face.html", {"provider": Provider(name="Dr Ada Byrne")})
    assert face.strip() == '<span class="face" aria-hidden="true">AB</span>'
