"""What a person writes in the end: numbers multiplied out, like terms and equal factors gathered.

A product is taken apart into its number and its factors with their exponents, a sum into such
products; both are put together again in the order in which they were found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce

from tracer.derive.simplify import (
    ONE,
    PI,
    ZERO,
    as_expr,
    as_number,
    has_decimals,
    light,
    over_and_below,
    plus,
    times,
)
from tracer.written.tree import Apply, Expr, Num, apply

WHOLE, HALF = Fraction(1), Fraction(1, 2)
LONGEST = 10**12
"Up to here the power of a number is worked out."


def tidy(expr: Expr) -> Expr:
    """An expression as a person would write it in the end.

    >>> from tracer.written.tree import Sym
    >>> from tracer.written.text import text
    >>> y, two = Sym("y"), Num("2")
    >>> [text(tidy(e)) for e in (apply("ratio", 1, 2) * (two * y) * -ONE, y - y, y * y / y**two)]
    ['-y', '0', '1']
    """
    if not isinstance(expr, Apply) or expr.shape or expr.op == "d":
        return expr
    if expr.op == "ratio" and as_number(expr) is not None:
        return expr
    inside = Apply(expr.op, tuple(map(tidy, expr.args)), ())
    match inside:
        case Apply("*" | "/" | "ratio" | "**" | "sqrt"):
            return _multiplied_out(product_of(inside))
        case Apply("+" | "-" | "neg"):
            return _added_up(terms_of(inside))
        case Apply("exp", (arg,)):
            return apply("exp", product_of(arg).written(barred=True))
    return light(inside)


def _multiplied_out(product: Product) -> Expr:
    """A product as it is written; a fraction goes into a sum where it cancels a number."""
    if product.number.denominator > 1 and len(product.powers) == 1:
        (inner, exponent), *_ = product.powers
        terms = [t.scaled(product.number, product.decimal) for t in terms_of(inner)]
        if exponent == 1 and len(terms) > 1 and any(t.powers and t.is_whole for t in terms):
            return _added_up(terms)
    return product.written()


def _added_up(terms: Iterator[Product] | list[Product]) -> Expr:
    """The sum of some terms, like ones gathered where the first of them stands."""
    found: dict[frozenset[tuple[Expr, Fraction]], Product] = {}
    for term in terms:
        like = frozenset(term.powers)
        found[like] = term.plus(found[like]) if like in found else term
    kept = [term.written() for term in found.values() if term.number]
    return reduce(plus, kept) if kept else ZERO


def terms_of(expr: Expr, sign: int = 1) -> Iterator[Product]:
    """The terms of a sum, and of the sums in it."""
    match expr:
        case Apply("+", args, ()):
            for arg in args:
                yield from terms_of(arg, sign)
        case Apply("-", (a, b), ()):
            yield from terms_of(a, sign)
            yield from terms_of(b, -sign)
        case Apply("neg", (Apply("+" | "-" | "neg") as arg,), ()):
            yield from terms_of(arg, -sign)
        case _:
            yield product_of(expr).scaled(Fraction(sign))


@dataclass(frozen=True)
class Product:
    """A product taken apart: its number, and each factor with its exponent."""

    number: Fraction = WHOLE
    powers: tuple[tuple[Expr, Fraction], ...] = ()
    decimal: bool = False
    "whether one of its numbers was typed with a decimal point"

    @property
    def is_whole(self) -> bool:
        """Whether its number can be written without a fraction."""
        return self.number.denominator == 1

    def plus(self, like: Product) -> Product:
        """The sum with a product of the same factors."""
        total = self.number + like.number
        return replace(self, number=total, decimal=self.decimal or like.decimal)

    def scaled(self, number: Fraction, decimal: bool = False) -> Product:
        """So many times the product."""
        return replace(self, number=self.number * number, decimal=self.decimal or decimal)

    def times(self, other: Product) -> Product:
        """The product with another one, equal factors gathered."""
        powers = dict(self.powers)
        for base, exponent in other.powers:
            powers[base] = powers.get(base, Fraction(0)) + exponent
        gathered = replace(self, powers=tuple(_with_sizes(powers).items()))
        return gathered.scaled(other.number, other.decimal)._settled()

    def to_the(self, power: int) -> Product:
        """A whole power of it."""
        powers = tuple((base, exponent * power) for base, exponent in self.powers)
        return replace(self, number=self.number**power, powers=powers)._settled()

    def _settled(self) -> Product:
        """The same without factors to the power of 0, and whole powers of numbers worked out."""
        settled = replace(self, powers=())
        for base, exponent in self.powers:
            value = as_number(base)
            if value and exponent.denominator == 1 and _is_short(worth := value ** int(exponent)):
                settled = settled.scaled(worth, has_decimals(base))
            elif exponent:
                settled = replace(settled, powers=(*settled.powers, (base, exponent)))
        return settled

    def written(self, barred: bool = False) -> Expr:
        """The product as one expression; barred, a fraction in front of it becomes part of it."""
        if not self.number or not self.powers:
            return as_expr(self.number, self.decimal)
        size = abs(self.number)
        over, below = self._side(1), self._side(-1)
        above, under = over_and_below(size, self.decimal)
        if over and not below and not barred:
            above, under = as_expr(size, self.decimal), ONE
        over = [above] * (above != ONE or not over) + over
        below = [under] * (under != ONE) + below
        product = times(*over) / times(*below) if below else times(*over)
        return -product if self.number < 0 else product

    def _side(self, side: int) -> list[Expr]:
        """The factors on one side of the bar; the roots of constants under one root."""
        here = [(base, side * exponent) for base, exponent in self.powers if side * exponent > 0]
        roots = [base for base, exponent in here if exponent == HALF and _is_constant(base)]
        roots.sort(key=lambda base: base == PI)
        rest = [_power(base, exp, self.decimal) for base, exp in here if base not in roots]
        return [*rest, apply("sqrt", times(*roots))] if roots else rest


def product_of(expr: Expr) -> Product:
    """An expression as a product.

    >>> from tracer.written.tree import Sym
    >>> product_of(Num("2") * Sym("y") / Sym("y") * Num("0.5"))
    Product(number=Fraction(1, 1), powers=(), decimal=True)
    """
    value = as_number(expr)
    if value is not None:
        return Product(value, decimal=has_decimals(expr))
    match expr:
        case Apply("neg", (arg,), ()):
            return product_of(arg).scaled(-WHOLE)
        case Apply("*", args, ()):
            return reduce(Product.times, map(product_of, args))
        case Apply("/" | "ratio", (a, b), ()) if (below := product_of(b)).number:
            return product_of(a).times(below.to_the(-1))
        case Apply("sqrt", (arg,), ()):
            return Product(powers=((arg, HALF),))
        case Apply("**", (base, exponent), ()) if (power := as_number(exponent)) is not None:
            return _raised(base, power, has_decimals(exponent))
    return Product(powers=((expr, WHOLE),))


def _raised(base: Expr, power: Fraction, decimal: bool) -> Product:
    """A power; that of a number, of a root or of a single factor is worked out."""
    inner = product_of(base)
    if power.denominator == 1 and (inner.number or power > 0) and _opens(inner, int(power)):
        return inner.to_the(int(power))
    return Product(powers=((base, power),), decimal=decimal)


def _opens(inner: Product, power: int) -> bool:
    has_roots = any(abs(exponent) == HALF for _, exponent in inner.powers)
    plain = inner.number == 1 and len(inner.powers) > 1 and not has_roots
    return not plain and _is_short(abs(inner.number) ** power)


def _is_short(number: Fraction) -> bool:
    return max(abs(number.numerator), number.denominator) <= LONGEST


def _power(base: Expr, exponent: Fraction, decimal: bool) -> Expr:
    if exponent == HALF:
        return apply("sqrt", base)
    return base if exponent == 1 else base ** as_expr(exponent, decimal)


def _is_constant(base: Expr) -> bool:
    return base == PI or isinstance(base, Num)


def _with_sizes(powers: dict[Expr, Fraction]) -> dict[Expr, Fraction]:
    """Factors with u * sign(u) as |u|, and |u| * sign(u) as u."""
    for sign in [base for base in powers if isinstance(base, Apply) and base.op == "sign"]:
        assert isinstance(sign, Apply)
        (inner,) = sign.args
        size = apply("abs", inner)
        for one, other in ((inner, size), (size, inner)):
            if powers.get(one, 0) >= 1 and powers.get(sign) == 1:
                changed = {one: powers[one] - 1, sign: Fraction(0)}
                powers = {**powers, **changed, other: powers.get(other, Fraction(0)) + 1}
    return powers
