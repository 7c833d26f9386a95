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
HELP = (
    ("Enter, right", "the next page; line by line, the next line"),
    ("b, left", "back a page"),
    ("Space", "on by a screen, and at the end of a page to the next"),
    ("up, down", "by a line; Page Up and Page Down by a screen; Home, End; the mouse wheel"),
    ("< >", "to the sides, where a line is longer than the screen"),
    (
        "g",
        "go to a page by its number, a section or a step by its title, a quantity by its name: "
        "Z, dCost/dW, or an entry such as dCost/dW[1,2]; Tab completes",
    ),
    ("Backspace", "back to where you were before you went there"),
    ("/", "search in the text; n is the next place, N the one before"),
    ("s", "line by line: formula, numbers, result, so that each can be predicted first"),
    ("a", "all of the page at once"),
    ("e", "by hand and exactly, side by side"),
    ("l", "the list of sections and steps: arrows and Enter, or the mouse"),
    ("d", "the drawing of the graph, with what is being worked out"),
    ("?", "this help; Escape closes it"),
    ("q", "quit; 'tracer replay' goes on where you stopped"),
)
"Each key, and what it does."
HELPING = "?, Escape close the help  q quit"
LISTING = "Enter goes there  Escape closes the list  q quit"


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

    >>> keys_for("[2/9]", 52)
    '[2/9]  Enter next  b back  g go to  ? help  q quit'
    >>> keys_for("[2/9]", 52, below=7)
    '[2/9]  Enter next  Space more (7)  ? help  q quit'
    """
    wanted = ["Enter the next line", "a all"] if opening else ["Enter next"]
    wanted += [f"Space more ({below})"] if below else []
    wanted += ["n next match"] if searching else []
    wanted += ["b back", "g go to"]
    wanted += ["e by hand" if comparing else "e exact"]
    wanted += ["s whole pages" if stepwise else "s line by line"]
    wanted += ["/ search", "l list", "d graph"]
    told, last = [place], ["? help", "q quit"]
    for one in wanted:
        if len("  ".join([*told, one, *last])) > width:
            break
        told.append(one)
    return "  ".join([*told, *last])
