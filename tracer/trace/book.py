"""What was written while a program was worked out, to be read: quantities and steps, by name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping

from tracer.errors import ShapeError, TracerError, UnknownName, nearest, shape_text
from tracer.numbers.values import Value
from tracer.trace.program import Program
from tracer.trace.quantity import Laid, Place, Quantity
from tracer.trace.steps import Step
from tracer.written.names import Chosen, Name, parse_name
from tracer.written.tree import Expr


class Book(ABC):
    """Everything that was written down while a program was worked out.

    A plain name reads the first epoch; `Z@1` reads epoch 1, and `W'` the updated parameter.
    """

    @property
    @abstractmethod
    def program(self) -> Program:
        """What was worked out, as it stands in the book."""

    @property
    @abstractmethod
    def epoch(self) -> int:
        """The iteration that is open."""

    @abstractmethod
    def find(self, name: Name, epoch: int = 0) -> Quantity:
        """The quantity of a name, read at `epoch` unless the name says another.

        Raises UnknownName, with the nearest name, when nothing of that name was written.
        """

    @abstractmethod
    def steps(self, epoch: int = 0) -> tuple[Step, ...]:
        """The steps of one iteration, in the order in which they were written."""

    @abstractmethod
    def quantities(self) -> Iterator[tuple[int, Quantity]]:
        """Every quantity with its epoch, in the order in which it was written."""

    @abstractmethod
    def canonical(self, name: Name) -> str:
        """The name under which a quantity is kept: aliases resolved, entry and epoch left out."""

    def __getitem__(self, name: str) -> Quantity:
        return self.find(parse_name(name))

    def __contains__(self, name: str) -> bool:
        try:
            self.find(parse_name(name))
        except UnknownName:
            return False
        return True

    def told(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """Some steps as the source writes them."""
        return steps

    def inside(self, name: Name, value: Value) -> tuple[Value, Chosen | None, bool]:
        """A value that the source writes, and its entry, as they stand inside; and if turned."""
        return value, name.entry, False

    def ways(self, _name: str, _formula: Expr) -> Mapping[str, Laid]:
        """How the source has what stands in the line of a quantity, where not as inside."""
        return {}

    def place(self, name: Name) -> Place:
        """Where the entry of a name stands inside, from 1."""
        assert name.single is not None
        row, column = self.inside(name, 0.0)[1] or name.single
        assert row is not None
        assert column is not None
        return row, column

    def check_start(self, root: Quantity) -> None:
        """Raise a fault unless gradients can start from a quantity: a single computed number."""
        computed = [equation.output for equation in self.program.equations]
        if parse_name(root.name).entry:
            raise ShapeError(
                f"{root.name} is an entry; gradients start from a value that is a single number, "
                "such as a loss, or an output in the scalar view"
            )
        if root.name not in computed:
            raise UnknownName(
                f"{root.name} is not computed, so it depends on nothing; "
                f"{nearest(root.name, computed)}"
            )
        if root.name in self.program.beside:
            last = self.program.root
            raise TracerError(
                f"{root.name} stands beside {last} and has no gradients, expected ':of: {last}'"
            )
        if root.shape:
            raise ShapeError(
                f"{root.name} is {shape_text(root.shape)}; gradients start from a single number, "
                "such as a loss"
            )
