"""The numbers of rows that come with a form or an address."""

from staff.row_numbers import row_numbers


def test_what_no_row_can_have_is_left_out():
    assert row_numbers(["7", "", "x", "-1", "²", "٣", "7\n", "9" * 5000, "9" * 18]) == [7, int("9" * 18)]
