"""The pen: how a number is written down, and when the written one is carried on."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracer.errors import TracerError
from tracer.numbers.decimals import Number
from tracer.numbers.rounding import WAYS, Pen, decimals, parse_pen, plain, reads_as

BOUNDED = settings(max_examples=300, deadline=None, derandomize=True)
PENS = st.builds(
    Pen,
    st.sampled_from(["display", "carry"]),
    st.integers(1, 12),
    significant=st.booleans(),
    keep_zeros=st.booleans(),
    way=st.sampled_from(sorted(WAYS)),
)


@pytest.mark.parametrize(
    ("words", "number", "written"),
    [
        # half goes away from zero, on the decimal number
        ("carry 2", 2.675, "2.68"),
        ("carry 2", 1.005, "1.01"),
        ("carry 2", -2.675, "-2.68"),
        ("carry 3", 0.0385, "0.039"),
        ("carry 3", -0.0385, "-0.039"),
        ("carry 0", 0.5, "1"),
        ("carry 0", 2.5, "3"),
        ("carry 0", -2.5, "-3"),
        ("carry 3", 0.4994999, "0.499"),
        # nothing is left of a small number, and no sign either
        ("carry 3", -0.0004, "0"),
        ("carry 3", -0.0, "0"),
        ("carry 3", -0.0005, "-0.001"),
        ("carry 3", 5e-10, "0"),
        # trailing zeros are dropped, or kept
        ("carry 3", 0.5, "0.5"),
        ("carry 3", 10, "10"),
        ("carry 3", 100.0004, "100"),
        ("carry 3 zeros", 0.5, "0.500"),
        ("carry 3 zeros", 10, "10.000"),
        ("carry 3 zeros", -0.0004, "0.000"),
        ("carry 0 zeros", 7, "7"),
        # digits are cut off
        ("carry 3 truncate", 0.1099805, "0.109"),
        ("carry 3 truncate", -0.0389, "-0.038"),
        ("carry 3 truncate", -0.0009, "0"),
        ("carry 0 truncate", (0.7 + 0.1) * 10, "8"),
        # significant figures in place of places
        ("carry 3 significant", 1234.5, "1230"),
        ("carry 3 significant", 0.00045678, "0.000457"),
        ("carry 3 significant", -45.65, "-45.7"),
        ("carry 2 significant truncate", 0.0199, "0.019"),
        ("carry 3 significant zeros", 0.5, "0.500"),
        ("carry 3 significant zeros", 1234.5, "1230"),
        ("carry 3 significant", 9.996, "10"),
        ("carry 3 significant zeros", 9.996, "10.0"),
        ("carry 3 significant zeros", 0.09996, "0.100"),
        ("carry 3 significant", 0, "0"),
        ("carry 3 significant zeros", 0, "0.00"),
        # a display pen writes the same, an exact one writes in full
        ("display 2", 2.675, "2.68"),
        ("exact", 2.675, "2.675"),
        ("exact", 0.1 + 0.2, "0.3"),
        ("exact", 5e-10, "5e-10"),
        ("exact", 1 / 3, "0.333333333333"),
    ],
)
def test_a_number_is_written(words, number, written):
    assert parse_pen(words).text(number) == written


@pytest.mark.parametrize(
    ("words", "number", "written"),
    [
        ("display 3", "123456789012345.67891", "123456789012345.679"),
        ("carry 3", "1234567890123456.7891", "1.23456789012346e15"),
        ("carry 12", "1234567890123456.7891", "1.23456789012346e15"),
        ("display 2", "-1.0000000000000000000000000001e60", "-1e60"),
        ("carry 3 zeros", "1e15", "1e15"),
        ("carry 3", "999999999999999.9996", "1e15"),
        ("display 3 truncate", "9999999999999999.9", "9.99999999999999e15"),
        ("carry 3 zeros", "0e20", "0.000"),
    ],
)
def test_a_number_in_powers_of_ten_has_fifteen_digits(words, number, written):
    assert parse_pen(words).text(Number(number)) == written


@pytest.mark.parametrize(
    ("a", "b", "written"),
    [(0.005, 0.7, "0.004"), (0.009, 1.5, "0.014"), (0.037, 1.5, "0.056"), (0.075, 1.5, "0.113")],
)
def test_binary_dust_does_not_decide_a_product_that_ends_in_five(a, b, written):
    assert parse_pen("carry 3").text(a * b) == written


@pytest.mark.parametrize(
    ("mode", "number", "stands_on_the_page"),
    [("exact", 0.46879, 0.46879), ("display", 0.46879, 0.469), ("carry", 0.46879, 0.469)],
)
def test_three_modes(mode, number, stands_on_the_page):
    assert Pen(mode, 3).write(number) == stands_on_the_page


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0.10, "0.1"), (0.12345, "0.12345"), (-0.0, "0"), (1e20, "1e20"), (-2.5e-9, "-2.5e-9")],
)
def test_a_typed_in_number_is_shown_in_full(number, shown):
    assert plain(number) == shown


@pytest.mark.parametrize(
    ("printed", "places"), [("0.469", 3), ("-0.020", 3), ("22", 0), ("1e3", 0), ("5e-10", 10)]
)
def test_a_printed_number_has_so_many_decimals(printed, places):
    assert decimals(printed) == places


@pytest.mark.parametrize(
    ("number", "printed", "alike"),
    [
        (0.4687906, "0.469", True),
        (0.4687906, "0.468", False),
        (0.4687906, "0.5", True),
        (0.0005276, "0.0005", True),
        (0.1099805, "0.109", False),
        (0.02, "0.020", True),
        (0.0204, "0.020", True),
        (-0.0004, "0.000", True),
        (-0.0004, "-0.001", False),
        (-0.0005, "-0.001", True),
        (21.6, "22", True),
        # with all digits of a float, the last ones may differ
        (0.12926510193084198, "0.12926510193084198", True),
        (0.12926510193084201, "0.12926510193084198", True),
        (0.12926510193184198, "0.12926510193084198", False),
    ],
)
def test_a_full_number_is_compared_at_the_digits_that_were_printed(number, printed, alike):
    assert reads_as(number, printed) == alike


@pytest.mark.parametrize(
    ("words", "pen"),
    [
        ("exact", Pen("exact")),
        ("carry 3", Pen("carry", 3)),
        ("display 4 significant", Pen("display", 4, significant=True)),
        ("carry  2  zeros  truncate", Pen("carry", 2, keep_zeros=True, way="truncate")),
    ],
)
def test_words_make_a_pen(words, pen):
    assert parse_pen(words) == pen


EXPECTED = (
    "expected 'exact', 'display N' or 'carry N', and behind it 'significant', 'zeros' or one of "
    "half-up, half-even, half-down, up, down, truncate"
)


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("", f"rounding '' cannot be read: {EXPECTED}, as in 'carry 3'"),
        ("carry", f"rounding 'carry' cannot be read: {EXPECTED}, as in 'carry 3'"),
        ("carry x", f"rounding 'carry x' cannot be read: {EXPECTED}, as in 'carry 3'"),
        ("carry -1", f"rounding 'carry -1' cannot be read: {EXPECTED}, as in 'carry 3'"),
        ("carry 2.5", f"rounding 'carry 2.5' cannot be read: {EXPECTED}, as in 'carry 3'"),
        ("exact 3", f"rounding 'exact 3' cannot be read: {EXPECTED}, as in 'carry 3'"),
        ("round 3", f"rounding 'round 3' cannot be read: {EXPECTED}, as in 'carry 3'"),
        ("carry 3 zero", f"rounding 'carry 3 zero' has 'zero': {EXPECTED}"),
        ("carry 13", "places is 13, expected 0 to 12"),
        ("carry 0 significant", "places is 0, expected 1 to 12"),
    ],
)
def test_other_words_are_refused(words, fault):
    with pytest.raises(TracerError) as refused:
        parse_pen(words)
    assert str(refused.value) == fault


def test_an_unknown_mode_is_refused():
    with pytest.raises(TracerError, match="'round' is not one of exact, display, carry"):
        Pen("round")


@st.composite
def typed_decimals(draw):
    """A decimal as a person types it, with at most twelve digits."""
    digits = draw(st.integers(-(10**12) + 1, 10**12 - 1))
    return f"{Decimal(digits).scaleb(-draw(st.integers(0, 12))):f}"


@BOUNDED
@given(typed_decimals(), st.integers(0, 12))
@example("2.675", 2)
@example("-0.5", 0)
def test_a_typed_decimal_is_rounded_as_the_decimal_module_rounds_it(typed, places):
    rounded = Decimal(typed).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    pen = Pen("carry", places)
    assert Decimal(pen.text(float(typed))) == rounded
    assert pen.write(float(typed)) == float(rounded)
    assert pen.text(float(typed)) != "-0"


@BOUNDED
@given(typed_decimals(), st.integers(0, 6))
def test_kept_zeros_are_those_of_the_decimal_module(typed, places):
    rounded = Decimal(typed).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    written = Pen("carry", places, keep_zeros=True).text(float(typed))
    assert written == f"{abs(rounded) if rounded == 0 else rounded:f}"


@BOUNDED
@given(st.floats(-1e15, 1e15), PENS)
def test_writing_a_written_number_changes_nothing(number, pen):
    assert pen.write(pen.write(number)) == pen.write(number)


@BOUNDED
@given(st.floats(-1e15, 1e15), PENS)
@example(9.996, Pen("carry", 3, significant=True, keep_zeros=True))
def test_a_written_number_has_the_digits_it_was_written_with(number, pen):
    assert pen.text(pen.write(number)) == pen.text(number)
    assert float(pen.text(number)) == pen.write(number)


@BOUNDED
@given(PENS)
def test_a_pen_says_the_words_that_make_it(pen):
    assert parse_pen(str(pen)) == pen
