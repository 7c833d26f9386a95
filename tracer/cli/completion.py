"""Scripts that complete commands, options and lessons in a shell, made from the parser itself."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from tracer.cli.arguments import Parser, parser


@dataclass(frozen=True)
class Values:
    """What can stand for an argument or behind an option."""

    words: tuple[str, ...] = ()
    lessons: bool = False
    endings: tuple[str, ...] = ()
    "of the files that are offered; an empty one for all files"


LESSONS = Values(lessons=True, endings=(".md",))
BY_NAME = {
    "lesson": LESSONS,
    "lessons": LESSONS,
    "source": Values(lessons=True, endings=(".md", ".json")),
    "model": Values(lessons=True),
    "output": Values(endings=("",)),
}


def completions(shell: str) -> str:
    """The script for bash (3.2 or later), zsh or fish.

    >>> "complete -o filenames -F _tracer tracer" in completions("bash")
    True
    """
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]()


def _values(action: argparse.Action) -> Values:
    words = tuple(map(str, action.choices or ()))
    return Values(words) if words else BY_NAME.get(action.dest, Values())


def _commands() -> Iterator[tuple[str, str, Parser]]:
    """Every command: its name, what it does, and its own parser."""
    (group,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    for listed in group._choices_actions:
        yield listed.dest, listed.help or "", group.choices[listed.dest]


def _options(of: Parser) -> list[argparse.Action]:
    return [action for action in of._actions if action.option_strings]


def _argument(of: Parser) -> argparse.Action | None:
    """What a command takes besides options."""
    return next((action for action in of._actions if not action.option_strings), None)


def _filled(script: str, **pieces: str) -> str:
    for name, piece in pieces.items():
        script = script.replace(f"<{name}>", piece)
    return script


def _quoted(text: str) -> str:
    inside = text.replace("'", "'\\''")
    return f"'{inside}'"


# bash

BASH = r"""# Completion of tracer in bash: eval "$(tracer completion bash)"
_tracer() {
    local IFS=$'\n' word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    local words= lessons= ending= endings=()
    # for bash, --mode=exact is three words
    if [ "$before" = "=" ]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi
    if [ "$word" = "=" ]; then word=; fi
    case "$COMP_CWORD ${COMP_WORDS[1]} $before $word" in
        1\ *) words='<top>' ;;
<cases>
    esac
    if [ "$lessons" ]; then words=$("$1" list --names 2>/dev/null); fi
    COMPREPLY=($(IFS=$' \n'; compgen -W "$words" -- "$word"))
    if [ ${#endings[@]} -gt 0 ]; then COMPREPLY+=($(compgen -d -- "$word")); fi
    for ending in "${endings[@]}"; do
        COMPREPLY+=($(compgen -f -X "!*$ending" -- "$word"))
    done
}
complete -o filenames -F _tracer tracer
"""


def _bash() -> str:
    top = [name for name, _, _ in _commands()] + _spelled(parser())
    cases = [case for name, _, of in _commands() for case in _bash_cases(name, of)]
    return _filled(BASH, top=" ".join(top), cases="\n".join(f"        {case}" for case in cases))


def _spelled(of: Parser) -> list[str]:
    return [spelled for action in _options(of) for spelled in action.option_strings]


def _bash_cases(name: str, of: Parser) -> Iterator[str]:
    """What is completed behind each option with a value, for an option, and otherwise."""
    for action in _options(of):
        if action.nargs != 0:
            patterns = "|".join(rf"*\ {name}\ {spelled}\ *" for spelled in action.option_strings)
            yield f"{patterns}) {_bash_values(_values(action))};;"
    yield rf"*\ {name}\ *\ -*) words='{' '.join(_spelled(of))}' ;;"
    rest = _argument(of)
    yield rf"*\ {name}\ *) {_bash_values(_values(rest)) if rest else ''};;"


def _bash_values(found: Values) -> str:
    said = f"words='{' '.join(found.words)}' " * bool(found.words)
    said += "lessons=yes " * found.lessons
    return said + f"endings=({' '.join(map(_quoted, found.endings))}) " * bool(found.endings)


# zsh

ZSH = r"""#compdef tracer
# Completion of tracer in zsh: eval "$(tracer completion zsh)"
_tracer_lessons() {
    local -a names
    names=(${(f)"$($program list --names 2>/dev/null)"})
    _alternative 'lessons:lesson:compadd -a names' ${1:+"files:file:_files -g '$1'"}
}
_tracer() {
    local context state state_descr line program=$words[1]
    typeset -A opt_args
    _arguments -C <top> '1:command:->command' '*::argument:->argument'
    case $state in
        command)
            local -a commands
            commands=(
<commands>
            )
            _describe command commands ;;
        argument)
            case $line[1] in
<cases>
            esac ;;
    esac
}
if [ "$funcstack[1]" = _tracer ]; then _tracer "$@"; else compdef _tracer tracer; fi
"""


def _zsh() -> str:
    names = [_quoted(f"{name}:{about}") for name, about, _ in _commands()]
    cases = [f"{name}) _arguments {' '.join(_zsh_all(of))} ;;" for name, _, of in _commands()]
    return _filled(
        ZSH,
        top=" ".join(map(_zsh_option, _options(parser()))),
        commands="\n".join(f"                {name}" for name in names),
        cases="\n".join(f"                {case}" for case in cases),
    )


def _zsh_all(of: Parser) -> Iterator[str]:
    yield from map(_zsh_option, _options(of))
    rest = _argument(of)
    if rest:
        yield _quoted(("*" if rest.nargs == "*" else "1") + _zsh_values(rest))


def _zsh_option(action: argparse.Action) -> str:
    about = (action.help or "").replace("[", r"\[").replace("]", r"\]").replace(":", r"\:")
    value = "" if action.nargs == 0 else _zsh_values(action)
    spelled = [one + "=" * bool(value and one.startswith("--")) for one in action.option_strings]
    said = f"[{about}]{value}"
    if not spelled[1:]:
        return _quoted(spelled[0] + said)
    return f"'({' '.join(action.option_strings)})'{{{','.join(spelled)}}}{_quoted(said)}"


def _zsh_values(action: argparse.Action) -> str:
    found, called = _values(action), action.metavar or action.dest
    if found.words:
        return f":{called}:({' '.join(found.words)})"
    glob = f'"*({"|".join(found.endings)})"' * bool(found.endings)
    if found.lessons:
        return f":{called}:_tracer_lessons {glob}"
    return f":{called}:_files" if found.endings else f":{called}: "


# fish


def _fish() -> str:
    lines = ["# Completion of tracer in fish: tracer completion fish | source"]
    lines += ["complete -c tracer -f"]
    first = "complete -c tracer -n __fish_use_subcommand"
    lines += [f"{first}{_fish_option(action)}" for action in _options(parser())]
    for name, about, of in _commands():
        lines.append(f"{first} -a {name} -d {_fish_quoted(about)}")
        inside = f"complete -c tracer -n '__fish_seen_subcommand_from {name}'"
        lines += [f"{inside}{_fish_option(action)}" for action in _options(of)]
        rest = _argument(of)
        if rest and (offered := _fish_offered(_values(rest))):
            lines.append(f"{inside} -a {offered}")
    return "\n".join(lines) + "\n"


def _fish_option(action: argparse.Action) -> str:
    spelled = "".join(
        f" -l {one[2:]}" if one.startswith("--") else f" -s {one[1:]}"
        for one in action.option_strings
    )
    said = f"{spelled} -d {_fish_quoted(action.help or '')}"
    if action.nargs == 0:
        return said
    found = _values(action)
    offered = _fish_offered(found)
    return f"{said} -r -F" if found.endings else said + (f" -x -a {offered}" if offered else " -x")


def _fish_offered(found: Values) -> str:
    said = list(found.words) + ["(tracer list --names 2>/dev/null)"] * found.lessons
    said += [f"(__fish_complete_suffix {ending})" for ending in found.endings]
    return _fish_quoted(" ".join(said)) if said else ""


def _fish_quoted(text: str) -> str:
    inside = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{inside}'"
