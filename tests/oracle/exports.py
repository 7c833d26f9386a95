"""A lesson worked out, as it is exported: plain dicts and lists."""

from collections.abc import Mapping
from typing import Any

Tree = Mapping[str, Any]


class Row:
    """A quantity of the export."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data

    @property
    def name(self) -> str:
        return self.data["name"]

    @property
    def given(self) -> bool:
        return self.data.get("given", False)

    @property
    def single(self) -> bool:
        return not isinstance(self.data["digits"], list)

    def _at(self, field: str, place: tuple[int, int]) -> Any:
        found = self.data[field]
        return found[place[0]][place[1]] if isinstance(found, list) else found

    def exact(self, place: tuple[int, int]) -> Any:
        """An entry as it is exactly, counted from 0: a number, or a text of its digits."""
        return self._at("exact", place)

    def digits(self, place: tuple[int, int]) -> str:
        """An entry as it stands on the page."""
        return self._at("digits", place)


class Export:
    """What was exported of a lesson with one network or graph."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.pages: list[Mapping[str, Any]] = data["pages"]
        self._by_name = [
            {name: Row(row) for name, row in quantities.items()} for quantities in data["epochs"]
        ]

    def row(self, epoch: int, name: str) -> Row | None:
        """The quantity of a name."""
        return self._by_name[epoch].get(name) if epoch < len(self._by_name) else None
