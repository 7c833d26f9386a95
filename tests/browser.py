"""A page opened in a real browser, and what a script in it found."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--allow-file-access-from-files",
    "--virtual-time-budget=60000", "--dump-dom",
)  # fmt: skip


def browser() -> str | None:
    """The first that is installed."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def found(page: str, folder: Path) -> object:
    """What a script of the page wrote as JSON into its `<pre>`."""
    file = folder / "page.html"
    file.write_text(f"<!doctype html><meta charset='utf-8'><pre></pre>{page}", encoding="utf-8")
    run = subprocess.run(
        [browser(), *OPTIONS, f"--user-data-dir={folder / 'user'}", file.as_uri()],
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    written = re.search(r"<pre>(.+?)</pre>", run.stdout, re.DOTALL)
    assert written, "the script of the page did not write anything"
    return json.loads(html.unescape(written[1]))
