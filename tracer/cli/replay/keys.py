"""The keys of a replay, and the line and the page that name them."""

from __future__ import annotations

ACTIONS = {
    "forward": "enter,ctrl+j,right",
    "page_before": "b,left",
    "more": "space",
    "scroll('down')": "down,j",
    "scroll('up')": "up,k",
    "scroll('page_down')": "pagedown",
    "scroll('page_up')": "pageup",
    "scroll('home')": "home",
    "scroll('end')": "end",
    "scroll('right')": "greater_than_sign",
    "scroll('left')": "less_than_sign",
    "ask('go to')": "g",
    "ask('search')": "slash",
    "match(1)": "n",
    "match(-1)": "N",
    "return": "backspace",
    "exactly": "e",
    "stepwise": "s",
    "whole": "a",
    "list": "l",
    "graph": "d",
    "help": "question_mark,h",
    "close": "escape",
    "leave": "q,ctrl+d",
    "interrupt": "ctrl+c",
}
"Each action with its keys."
OURS = {action.partition("(")[0] for action in ACTIONS}
LIST_ACTIONS = {"scroll", "forward"}
"What the list of steps takes to itself while one chooses from it: arrows and Enter."
HELP = """\
Enter, right    the next page; line by line, the next line
b, left         back a page
Space           on by a screen, and at the end of the page to the next
up, down        by a line; Page Up, Page Down by a screen; Home, End
< >             to the sides, where a line is longer than the screen
g               go to a page by its number, a section or step by its title,
                a quantity by its name: Z, dCost/dW, or an entry, dCost/dW[1,2];
                Tab completes
Backspace       back to where you were before you went there
/               search in the text; n the next place, N the one before
s               line by line: formula, numbers, result, so that you can
                predict each; a shows all of the page
e               by hand and exactly, side by side
l               the list of sections and steps: arrows and Enter, or the mouse
d               the drawing of the graph, with what is being worked out
?               this help; Escape closes it
q               quit; 'tracer replay' goes on where you stopped"""


def keys_for(
    place: str,
    width: int,
    *,
    opening: bool = False,
    below: int = 0,
    searching: bool = False,
    comparing: bool = False,
    stepwise: bool = False,
) -> str:
    """The line of keys: as many as there is room for, the ones that matter here first.

    >>> keys_for("[1/9]", 48)
    '[1/9]  Enter next  b back  g go to  ? help  q quit'[:48]
    """
    first = ["Enter the next line", "a all"] if opening else ["Enter next"]
    if below:
        first.append(f"Space {below} more line{'s' * (below > 1)}")
    if searching:
        first.append("n next match")
    last = ["? help", "q quit"]
    middle = [
        "b back",
        "g go to",
        "e by hand" if comparing else "e exact",
        "s whole pages" if stepwise else "s line by line",
        "/ search",
        "l list",
        "d graph",
    ]
    told = [place, *first]
    for one in middle:
        if len("  ".join([*told, one, *last])) <= width:
            told.append(one)
    line = "  ".join([*told, *last])
    return line if len(line) <= width else "  ".join([*told[:2], *last])[:width]
