"""The picture in the README, from a real replay: `python tests/readme_picture.py` renews it."""

import io
import re
from pathlib import Path

from rich.console import Console

from tracer.lesson.home import load
from tracer.lesson.solution import explain, solve
from tracer.render.terminal import THEME, Terminal

PICTURE = Path(__file__).parent.parent / "walkthroughs" / "solutions" / "or-batch.svg"
PAGE = "Backward 3 of 3: through Z"


def picture() -> str:
    """One page of the OR batch, as rich draws it; the fonts are those of the reader's machine."""
    console = Console(
        file=io.StringIO(), record=True, width=84, theme=THEME, force_terminal=True,
        color_system="truecolor", highlight=False, legacy_windows=False, _environ={},
    )  # fmt: skip
    pages = explain(solve(load("or-batch"))).pages
    Terminal(console).page(next(page for page in pages if page.title == PAGE))
    drawn = console.export_svg(title="tracer replay or-batch", unique_id="or-batch")
    drawn = re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)
    return "\n".join(line.rstrip() for line in drawn.splitlines()) + "\n"


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
