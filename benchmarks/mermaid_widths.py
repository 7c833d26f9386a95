"""How much GitHub shrinks the flowcharts of the lessons, which it shows in a column of 798 pixels.

    npm install --prefix tests/node
    python benchmarks/mermaid_widths.py

Mermaid draws each in a browser. A flowchart that is wider than the column is made smaller, its
letters too: to 60 % and less they are hard to read.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tests"))

from browser import found  # noqa: E402

from tracer.lesson.home import course, load  # noqa: E402
from tracer.lesson.solution import explain, solve  # noqa: E402
from tracer.render.markdown import to_markdown  # noqa: E402

COLUMN = 798
MERMAID = ROOT / "tests" / "node" / "node_modules" / "mermaid" / "dist" / "mermaid.min.js"
PAGE = """<script src="%s"></script><script>
(async () => {
    mermaid.initialize({startOnLoad: false});
    const sizes = [];
    for (const [k, chart] of %s.entries()) {
        const box = document.createElement("div");
        document.body.append(box);
        box.innerHTML = (await mermaid.render("chart" + k, chart)).svg;
        const drawn = box.firstChild.viewBox.baseVal;
        sizes.push([drawn.width, drawn.height]);
    }
    document.querySelector("pre").textContent = JSON.stringify(sizes);
})();
</script>"""


def charts(name: str) -> list[str]:
    """The flowcharts of a lesson."""
    page = to_markdown(explain(solve(load(name))))
    return re.findall(r"^```mermaid\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


def main() -> None:
    every = [(each.name, chart) for each in course() for chart in charts(each.name)]
    script = json.dumps([chart for _, chart in every]).replace("<", r"\u003c")
    with tempfile.TemporaryDirectory() as folder:
        sizes = found(PAGE % (MERMAID.as_uri(), script), Path(folder))
    assert isinstance(sizes, list)
    shares = [min(1.0, COLUMN / width) for width, _ in sizes]
    for (name, _), (width, height), share in zip(every, sizes, shares, strict=True):
        if share < 0.8:
            print(f"{name:32}{width:8.0f} x {height:5.0f}{share:8.0%}")
    print(f"{len(shares)} flowcharts, the widest {max(width for width, _ in sizes):.0f} pixels")
    print(f"the tallest {max(height for _, height in sizes):.0f} pixels")
    for bound in (0.8, 0.6, 0.4):
        print(f"below {bound:.0%}: {sum(share < bound for share in shares)}")


if __name__ == "__main__":
    main()
