"""Where one stopped, kept from one replay to the next."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_state_path

from tracer.cli.output import write_whole
from tracer.cli.replay.places import label
from tracer.errors import OutputError
from tracer.page.document import Page


def state_file() -> Path:
    """Where it is kept: in the folder that the platform has for such things."""
    return user_state_path("tracer", appauthor=False) / "replay.json"


@dataclass(frozen=True)
class Stopped:
    """The file that says where one stopped in each lesson, and in which one last.

    What cannot be read is as if it were not there, and what cannot be written is forgotten: no
    lesson fails for it.
    """

    path: Path

    @property
    def last(self) -> str:
        """The lesson that was open last, by the key of its source; empty if there was none."""
        last = self._read().get("last")
        return last if isinstance(last, str) else ""

    def place(self, key: str, pages: Sequence[Page]) -> int:
        """The page where one stopped: the one of its title that is nearest to its number, or 0."""
        kept = self._places().get(key)
        if not isinstance(kept, dict) or not isinstance(kept.get("page"), int):
            return 0
        titled = [k for k, page in enumerate(pages) if label(page) == kept.get("title")]
        return min(titled, key=lambda k: abs(k + 1 - kept["page"]), default=0)

    def keep(self, key: str, pages: Sequence[Page], at: int) -> None:
        """Keep the place; behind the last page is the beginning again."""
        if not key:
            return
        places = self._places()
        places.pop(key, None)
        if 0 < at < len(pages):
            places[key] = {"page": at + 1, "title": label(pages[at])}
        told = json.dumps({"last": key, "places": places}, indent=1, ensure_ascii=False)
        with contextlib.suppress(OSError, OutputError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.path, told + "\n")

    def _places(self) -> dict[str, Any]:
        places = self._read().get("places")
        return places if isinstance(places, dict) else {}

    def _read(self) -> dict[str, Any]:
        with contextlib.suppress(OSError, ValueError):
            found = json.loads(self.path.read_text(encoding="utf-8"))
            if isinstance(found, dict):
                return found
        return {}
