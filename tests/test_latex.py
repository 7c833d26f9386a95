"""Written lines in LaTeX: what stands in brackets there, and only there."""

import pytest

from tracer import graph, work
from tracer.written.latex import expression
from tracer.written.names import latex
from tracer.written.tree import Apply, Num, Sym, Word, apply

small, a = Num("5e-8"), Sym("a")


@pytest.mark.parametrize(
    ("written", "typeset"),
    [
        (small**2, r"\left(5 \cdot 10^{-8}\right)^{2}"),
        (Num("-5e-8") ** 2, r"\left(-5 \cdot 10^{-8}\right)^{2}"),
        (small**a, r"\left(5 \cdot 10^{-8}\right)^{a}"),
        (Apply("T", (small,), ()), r"\left(5 \cdot 10^{-8}\right)^{\mathsf{T}}"),
        (Num("0.5") ** 2, "0.5^{2}"),
        (2 ** Num("5e-8"), r"2^{5 \cdot 10^{-8}}"),
        (3 * small, r"3 \cdot 5 \cdot 10^{-8}"),
        (small * 3, r"5 \cdot 10^{-8} \cdot 3"),
        (1 / small, r"\frac{1}{5 \cdot 10^{-8}}"),
        (1 - small, r"1 - 5 \cdot 10^{-8}"),
        (1 - Num("-5e-8"), r"1 - \left(-5 \cdot 10^{-8}\right)"),
        (apply("exp", small), r"e^{5 \cdot 10^{-8}}"),
    ],
)
def test_a_number_in_scientific_form_is_a_product_and_in_brackets_below_a_power(written, typeset):
    assert expression(written) == typeset


def test_so_it_is_in_the_lines_of_a_step():
    trace = work(graph("a = 5e-8; c = a**2; d = c**2"))
    lines = trace._repr_markdown_()
    assert r"&= \left(5 \cdot 10^{-8}\right)^{2} \\" in lines
    assert r"&= \left(2.5 \cdot 10^{-15}\right)^{2} \\" in lines


def test_a_second_use_is_counted_with_a_sign_that_may_stand_there():
    assert latex("dd/da through c#2") == r"\left.\frac{\partial d}{\partial a}\right|_{c\#2}"


@pytest.mark.parametrize(
    ("words", "typeset"),
    [
        ("weights (out × in)", r"\text{weights (out} \times \text{in)}"),
        ("(1 × 3), fits", r"\text{(1} \times \text{3), fits}"),
        ("upstream", r"\text{upstream}"),
        ("(1 × 4)", r"(1 \times 4)"),
        ("(1 × 4) · (4 × 2)", r"(1 \times 4) · (4 \times 2)"),
    ],
)
def test_words_are_text_and_shapes_are_numbers(words, typeset):
    assert expression(Word(words)) == typeset
