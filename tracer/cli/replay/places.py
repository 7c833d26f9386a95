"""Where to go in what is replayed: a page by its number or title, or a quantity by its name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tracer.cli.replay.sources import Script
from tracer.errors import TracerError, UnknownName, nearest
from tracer.page.document import Heading, Page, Prose
from tracer.page.pages import explain_entry, explain_quantity
from tracer.trace.quantity import Quantity
from tracer.written.names import Name, parse_name


@dataclass(frozen=True)
class Place:
    """A page, and what is shown below it."""

    at: int
    "its number from 0"
    besides: Page | None = None
    "an entry or a part that was asked for"


def find(script: Script, wanted: str, at: int = 0) -> Place:
    """The place that is meant by a number, a name or a title, looked for behind the open page.

    Raises TracerError where there is none.
    """
    if wanted.isascii() and wanted.isdecimal():
        return _numbered(script, int(wanted))
    try:
        return _quantity(script, parse_name(wanted), at)
    except TracerError as error:
        titled = _titled(script, wanted, at)
        if titled is None:
            raise error
        return Place(titled)


def completions(script: Script) -> list[str]:
    """What can be asked for: sections, quantities, steps."""
    sections = [label(page) for page in script.pages if not is_step(page)]
    names = [quantity.name for page in script.pages for quantity in page.shows]
    steps = [label(page) for page in script.pages if is_step(page)]
    return list(dict.fromkeys([*sections, *names, *steps]))


def is_step(page: Page) -> bool:
    """Whether a page is a step of the section before it."""
    first = page.blocks[0]
    return isinstance(first, Heading) and first.level > 2


def label(page: Page) -> str:
    """What a page is called in a list: its title, or how its prose begins.

    >>> label(Page("", (Prose("The *cost* is a mean.\\nIt falls."),)))
    'The cost is a mean.'
    """
    first = page.blocks[0]
    if page.title or not isinstance(first, Prose):
        return page.title
    return re.sub(r"[*`#]", "", first.text).strip().split("\n")[0]


def _numbered(script: Script, number: int) -> Place:
    if not 1 <= number <= len(script.pages):
        raise TracerError(f"there is no page {number}, expected 1 to {len(script.pages)}")
    return Place(number - 1)


def _titled(script: Script, wanted: str, at: int) -> int | None:
    """The next page whose title is, begins with, or has these words, in this order of choice."""
    sought = wanted.casefold()
    order = list(_onward(script, at))
    for fits in (str.__eq__, str.startswith, str.__contains__):
        for place in order:
            if fits(label(script.pages[place]).casefold(), sought):
                return place
    return None


def _onward(script: Script, at: int) -> Iterator[int]:
    """The pages from the one behind the open page on, and round to it."""
    yield from range(at + 1, len(script.pages))
    yield from range(min(at + 1, len(script.pages)))


def _quantity(script: Script, name: Name, at: int) -> Place:
    place, quantity = _whereabouts(script, name, at)
    if name.entry:
        return Place(place, explain_entry(quantity, *name.entry))
    return Place(place, explain_quantity(quantity) if name.part else None)


def _whereabouts(script: Script, name: Name, at: int) -> tuple[int, Quantity]:
    """The next page that works a quantity out, and the quantity."""
    wanted = _kept_as(script, name)
    for place in _onward(script, at):
        page = script.pages[place]
        for quantity in page.shows:
            parts = {part.label: part for part in quantity.parts}
            found = parse_name(quantity.name)
            if (
                wanted & _kept_as(script, found)
                and _is_meant(name, found, page.epoch)
                and (name.part is None or name.part in parts)
            ):
                return place, parts[name.part] if name.part else quantity
    known = [quantity.name for page in script.pages for quantity in page.shows]
    raise UnknownName(f"{name} is not worked out in this lesson; {nearest(str(name), known)}")


def _kept_as(script: Script, name: Name) -> set[str]:
    """What a name means in each network or graph, whatever its source calls it."""
    return {trace.canonical(name) for trace in script.traces}


def _is_meant(name: Name, found: Name, epoch: int) -> bool:
    """Whether a quantity found at an epoch is the updated one, or of the epoch, that is asked for.

    W at epoch 1 is what the update of epoch 0 made of it.
    """
    if name.prime or name.epoch is None:
        return found.prime == name.prime and name.epoch in (None, epoch)
    return epoch == name.epoch - found.prime
