"""What a source calls a quantity of ours, and how it lies and is signed on its page."""

import re
from dataclasses import dataclass

from oracle.records import Graph, Network

BY_EXAMPLE = ("X", "Y", "Yhat", "Yclip", "Z", "A", "M", "b")
STATES = re.compile(r"(?:mhat|vhat|decay|m|v|s|u)(?=[Wb])")


@dataclass(frozen=True)
class Seen:
    """A quantity on its page."""

    name: str
    flipped: bool = False
    "whether it lies the other way round"
    sign: int = 1

    def place(self, at: tuple[int, int]) -> tuple[int, int]:
        """Where an entry of ours stands; or one on the page with us."""
        return at[::-1] if self.flipped else at


def on_page(source: Graph | Network, name: str, of: str | None = None) -> Seen:
    """A value of ours on its page, or the gradient of `of` with respect to it."""
    theirs = {} if isinstance(source, Graph) else {ours: named for named, ours in source.names}
    flipped = not isinstance(source, Graph) and _flipped(source, name)
    if of is None:
        return Seen(theirs.get(name, name), flipped)
    sign = -1 if source.moving.descent and of == source.root else 1
    if (whole := f"d{of}/d{name}") in theirs:
        return Seen(theirs[whole], flipped, sign)
    if not isinstance(source, Graph) and source.averaged_later and is_inner(name):
        of = "L"
    minus = "-" * (sign < 0)
    return Seen(f"{minus}d{theirs.get(of, of)}/d{theirs.get(name, name)}", flipped, sign)


def is_inner(name: str) -> bool:
    """Whether a value of a network belongs to each example alone."""
    return re.fullmatch(r"(Z|A|M|Yhat|Yclip)(\[\d+\])?", name) is not None


def _flipped(network: Network, name: str) -> bool:
    if network.scalar:
        return False
    stem = STATES.sub("", name).partition("[")[0]
    return network.in_out if stem == "W" else network.rows and stem in BY_EXAMPLE
