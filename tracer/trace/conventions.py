"""What sources decide differently: names, layout and signs, between a lesson's door and its page.

Inside there is one layout: examples in columns, W as (out, in), gradients as derivatives. A
`Conventions` reads a source's names and matrices as ours, and says which are to be turned back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from tracer.errors import LessonError, nearest
from tracer.numbers.typed import parts
from tracer.ops import LETTERS
from tracer.written.names import Name, parse_name

BIASES = {
    "trained": "each neuron has its own bias, which is trained",
    "fixed": "each neuron has its own bias, which is not trained",
    "shared": "the neurons of a layer share one bias, which is trained",
    "shared, fixed": "the neurons of a layer share one bias, which is not trained",
    "none": "there are no biases",
    "first column": "the biases are the first column of {W}; ones stand {before} its input",
    "last column": "the biases are the last column of {W}; ones stand {behind} its input",
    "first row": "the biases are the first row of {W}; ones stand {before} its input",
    "last row": "the biases are the last row of {W}; ones stand {behind} its input",
    "subtracted": "each neuron has its own bias, which is subtracted and trained",
    "fixed, subtracted": "each neuron has its own bias, which is subtracted and not trained",
    "shared, subtracted": "the neurons of a layer share one bias, which is subtracted and trained",
    "shared, fixed, subtracted": "the neurons of a layer share one bias, which is subtracted and "
    "not trained",
    "first column, subtracted": "the biases are the first column of {W} and are subtracted; minus "
    "ones stand {before} its input",
    "last column, subtracted": "the biases are the last column of {W} and are subtracted; minus "
    "ones stand {behind} its input",
    "first row, subtracted": "the biases are the first row of {W} and are subtracted; minus ones "
    "stand {before} its input",
    "last row, subtracted": "the biases are the last row of {W} and are subtracted; minus ones "
    "stand {behind} its input",
}
_BY_EXAMPLE = re.compile(r"(X|Y|Yhat|Yclip|Z|A|M|b)(\[\d+\])?")
_PARAMETERS = re.compile(r"[Wb](\[\d+\])?")
_WEIGHTS = re.compile(r"W(\[\d+\])?")


@dataclass(frozen=True)
class Conventions:
    """How a source writes what a network computes; as the article does where nothing is said."""

    rows: bool = False
    "whether an example is a row, not a column"
    weights_in_out: bool = False
    "whether W is (in, out), not (out, in)"
    biases: str = "trained"
    "what biases there are, one of BIASES: trained, fixed, shared, none, first column"
    descent: bool = False
    "whether gradients are written with the sign of the descent: -dCost/dZ"
    averaged_later: bool = False
    "whether the mean over the examples is taken where a parameter's gradient is"
    sequential: bool = False
    "whether a layer's weights are updated before the gradient goes on through them"
    names: Mapping[str, str] = field(default_factory=dict)
    "the source's names, and what they are called here"

    @property
    def fixed_biases(self) -> bool:
        """Whether biases are held fixed."""
        return "fixed" in self.biases

    @property
    def subtracted(self) -> bool:
        """Whether biases are thresholds: W X - b."""
        return "subtracted" in self.biases

    @property
    def folded(self) -> bool | None:
        """Whether biases are the last column of W (True), the first (False), or none of its own."""
        return "last" in self.biases if re.search("column|row", self.biases) else None

    @property
    def is_usual(self) -> bool:
        """Whether a page needs no translation."""
        return not (
            self.rows or self.weights_in_out or self.descent or self.averaged_later or self.names
        )

    def flipped(self, base: str) -> bool:
        """Whether the source's matrix of that name is the transpose of ours."""
        if _WEIGHTS.fullmatch(base):
            return self.weights_in_out
        return self.rows and _BY_EXAMPLE.fullmatch(base) is not None

    def ours(self, name: Name) -> Name:
        """A name as the source has it, or as we have it, in our words."""
        whole = Name(name.base, of=name.of, local=name.local)
        if str(whole) in self.names:
            target = parse_name(self.names[str(whole)])
            return replace(
                target,
                through=name.through and self._our_base(name.through),
                part=name.part,
                entry=name.entry,
                epoch=name.epoch,
                prime=name.prime or target.prime,
                again=name.again,
                minus=name.minus,
            )
        of = name.of and self._our_base(name.of)
        if self.averaged_later and of == "L":
            of = "Cost"
        return replace(
            name,
            base=self._our_base(name.base),
            of=of,
            through=name.through and self._our_base(name.through),
        )

    def is_theirs(self, name: Name) -> bool:
        """Whether a gradient is called by the source's own name: l1_delta for dCost/dZ."""
        return str(Name(name.base, of=name.of)) in self.names

    def is_named(self, name: Name) -> bool:
        """Whether the source has a name of its own for a gradient of ours."""
        return str(Name(name.base, of=name.of)) in self._back

    def check_names(self, known: Sequence[str]) -> None:
        """Raise LessonError unless each name stands for something, and no two for the same."""
        states = {f"{letter}{name}" for letter in LETTERS for name in filter(_is_moved, known)}
        for theirs, ours in self.names.items():
            target = parse_name(ours)
            for base in (target.base, target.of):
                if base == "alpha" or (base == "L" and self.averaged_later):
                    continue
                if base and base not in known and base not in states:
                    way_out = nearest(base, known)
                    raise LessonError(
                        f"names gives {theirs} to {ours}, and there is no {base} here; {way_out}"
                    )
            taken = theirs in known and theirs not in self.names.values()
            if taken and self._same(theirs) != self._same(ours):
                raise LessonError(
                    f"names gives {theirs} to {ours}, and another value is called {theirs} here; "
                    "expected a name for that one as well"
                )

    @staticmethod
    def _same(name: str) -> str:
        """A name of a network with one layer as that of its first layer."""
        return "Yhat" if name in ("A", "A[1]") else name.removesuffix("[1]")

    def theirs(self, name: str) -> str:
        """Our name of a quantity as the source's page shows it."""
        parsed = parse_name(name)
        whole = str(Name(parsed.base, of=parsed.of))
        if whole in self._back:
            source = parse_name(self._back[whole])
            base, of = source.base, source.of
        else:
            base, of = self._their_base(parsed.base), parsed.of and self._their_base(parsed.of)
            if self.is_of_one(parsed):
                of = "L"
        through = parsed.through and self._their_base(parsed.through)
        return str(replace(parsed, base=base, of=of, through=through))

    def canonical(self, aliases: Mapping[str, str]) -> Conventions:
        """The same with each name's target in the form in which a program keeps it."""

        def kept(target: str) -> str:
            name = parse_name(target)
            of = name.of and aliases.get(name.of, name.of)
            of = "Cost" if self.is_of_one(name) else of
            return str(replace(name, base=aliases.get(name.base, name.base), of=of))

        return replace(self, names={source: kept(target) for source, target in self.names.items()})

    def is_of_one(self, name: Name) -> bool:
        """Whether a gradient belongs to each example alone: its mean is taken further on."""
        inner = name.base not in ("Cost", "E", "R") and not _is_moved(name.base)
        return self.averaged_later and name.of in ("Cost", "E", "L") and inner

    def _our_base(self, base: str) -> str:
        stem, mark, use = base.partition("#")
        return self.names.get(stem, stem) + mark + use

    def _their_base(self, base: str) -> str:
        stem, mark, use = base.partition("#")
        return self._back.get(stem, stem) + mark + use

    @cached_property
    def _back(self) -> dict[str, str]:
        return {target: source for source, target in self.names.items()}


def _is_moved(base: str) -> bool:
    """Whether a name is that of a layer's parameter."""
    return _PARAMETERS.fullmatch(base) is not None


USUAL = Conventions()


def parse_names(words: str) -> dict[str, str]:
    """The source's names from words such as `l1 = Yhat, syn0 = W`.

    >>> parse_names("l1 = Yhat, l1_delta = dCost/dZ")
    {'l1': 'Yhat', 'l1_delta': 'dCost/dZ'}

    Raises LessonError for other words, and for a name that is given twice.
    """
    found: dict[str, str] = {}
    for pair in parts(words):
        source, equals, target = (part.strip() for part in pair.partition("="))
        if not (source and equals and target):
            raise LessonError(f"names {pair.strip()!r} cannot be read, expected 'l1 = Yhat'")
        # the sign is the convention's, not the name's
        read = [replace(parse_name(one), minus=False) for one in (source, target)]
        for name in read:
            if name != Name(name.base, of=name.of, local=name.local):
                raise LessonError(
                    f"names has {name}, expected a whole quantity such as W or dCost/dW"
                )
        theirs, ours = map(str, read)
        if theirs in found or ours in found.values():
            raise LessonError(
                f"{theirs if theirs in found else ours} is named twice, expected once"
            )
        found[theirs] = ours
    return found


def one_of(key: str, word: str, known: Mapping[str, object]) -> str:
    """A setting's word, if it is known.

    Raises LessonError, with the nearest one, if it is not.
    """
    said = _parts(word)
    for choice in known:
        if sorted(said) == sorted(_parts(choice)):
            return choice
    raise LessonError(f"{key} {word!r} is not known; {nearest(', '.join(said), known)}")


def _parts(words: str) -> list[str]:
    return [part.strip() for part in words.split(",")]
