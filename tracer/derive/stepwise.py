"""The derivative of a formula with named steps: that of each step, and the chain through them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import reduce
from operator import add

from tracer.derive.bounds import is_light
from tracer.derive.limit import in_time
from tracer.derive.simplify import contains
from tracer.derive.steps import Proof, derivation, derive
from tracer.derive.tidy import tidy
from tracer.written.lines import substitute
from tracer.written.names import gradient
from tracer.written.reading import Stepwise
from tracer.written.text import text
from tracer.written.tree import Expr, Sym


def derive_stepwise(formula: Stepwise, wrt: str = "z", of: str = "a") -> tuple[Proof, ...]:
    """The derivatives that lead to that of a formula with named steps, which is the last.

    >>> from tracer.written.text import text
    >>> from tracer.written.reading import read_steps
    >>> found = derive_stepwise(read_steps("(p := 1/(1 + exp(-z)))**3", ["z"]))
    >>> [f"{text(one.left)} = {text(one.result)}" for one in found]
    ['∂p/∂z = p * (1 - p)', '∂a/∂p = 3 * p^2', '∂a/∂z = 3 * p^3 * (1 - p)']

    A formula without steps has one. Raises LessonError and TracerError as `derive` does.
    """
    if is_light(*formula.steps.values(), formula.body):
        return _each_step(formula, wrt, of)
    return in_time(f"deriving {text(formula.body)}", _each_step, formula, wrt, of)


def _each_step(formula: Stepwise, wrt: str, of: str) -> tuple[Proof, ...]:
    found: list[Proof] = []
    slopes: dict[str, Expr] = {}
    for name, body in formula.steps.items():
        if any(contains(body, letter) for letter in (wrt, *slopes)):
            found += _through(body, wrt, name, slopes)
            slopes[name] = found[-1].result
    return (*found, *_through(formula.body, wrt, of, slopes))


def _through(body: Expr, wrt: str, of: str, slopes: Mapping[str, Expr]) -> Iterator[Proof]:
    """The derivatives of a formula by its steps, and then the one by the variable itself.

    `slopes` are those of the steps.
    """
    used = [step for step in slopes if contains(body, step)]
    if not used:
        yield derive(body, wrt, of)
        return
    terms: list[Expr] = []
    known: dict[str, Expr] = {}
    for step in used:
        by_step = derive(body, step, of)
        yield by_step
        whole = Sym(gradient(of, step)), Sym(gradient(step, wrt))
        terms.append(whole[0] * whole[1])
        known |= {whole[0].name: by_step.result, whole[1].name: slopes[step]}
    total = Sym(gradient(of, wrt))
    if contains(body, wrt):
        # what the variable does by itself, as one of its several uses
        itself = Sym(f"{total.name} through {of}")
        alone = replace(derive(body, wrt, of), left=itself)
        yield alone
        terms.append(itself)
        known[itself.name] = alone.result
    chain = reduce(add, terms)
    put_in = substitute(chain, known)
    made = derivation(total, chain).then("putting these in", put_in, **known)
    yield made.then("rewriting", tidy(put_in)).merged()
