"""Many epochs of a program, in full precision, with the parameters of each.

The whole history of a run is its parameters; everything else is worked out again from them when
it is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tracer import ops
from tracer.errors import RateError, TracerError, shape_text
from tracer.trace.equations import rate_of
from tracer.trace.program import EPOCHS, STEPS, Equation, Leaf, Program, Value, for_numpy
from tracer.trace.rates import Rate, Schedule
from tracer.training.answers import Answering, NoAnswers, judged, labels_of, outputs_of, read_as
from tracer.training.batches import Batch, Batches
from tracer.written.readings import Floats

MOST_EPOCHS = 1_000_000
MOST_KEPT = 20_000_000
"Numbers of parameter history that are kept in memory."
RUNAWAY = 1e6
"A cost that has grown by this factor grows without end."
DIVERGED, INTERRUPTED = "diverged", "was interrupted"
"How the reasons begin for which a run ends early."
SPOKEN = {"L": "the loss", "Cost": "the cost"}
M = Floats()
Values = dict[str, Value]


@dataclass(frozen=True, eq=False)
class Run:
    """A finished or interrupted training run."""

    program: Program
    costs: np.ndarray
    "the cost of each epoch, taken before its update"
    history: np.ndarray
    "parameters, flattened, before the first epoch and then every so many epochs"
    every: int
    "how many epochs apart the rows of the history are"
    last: np.ndarray
    "parameters after the last update"
    final_cost: float
    "the cost after the last update"
    batches: Batches
    "the examples of each step"
    stopped: str = ""
    "why it ended early: divergence, no learning rate, or an interruption"

    @property
    def diverged(self) -> bool:
        """Whether its numbers grew without end, so that nothing can be said of what it learned."""
        return self.stopped.startswith(DIVERGED)

    @property
    def interrupted(self) -> bool:
        """Whether somebody ended it."""
        return self.stopped.startswith(INTERRUPTED)

    @property
    def called(self) -> str:
        """What the last value is called in a sentence: the loss, the cost, or its own name."""
        root = self.program.conventions.theirs(self.program.root)
        return SPOKEN.get(root, root)

    @property
    def epochs(self) -> int:
        """How many epochs were finished."""
        return len(self.costs)

    def parameters(self, epoch: int | None = None) -> Values:
        """The parameters before an epoch's update; after the last one if none is named.

        Raises TracerError for an epoch that the run does not have.
        """
        state = self._state(epoch)
        return {name: state[name] for name in self.program.learned}

    def _state(self, epoch: int | None) -> Values:
        """The parameters before an epoch's update, with what the update rule remembers."""
        at = self.epochs if epoch is None else epoch
        if not 0 <= at <= self.epochs:
            raise TracerError(f"epoch {at} is not in this run, expected 0 to {self.epochs}")
        if at == self.epochs:
            return _unflattened(self.last, self.program)
        start = at - at % self.every
        values = _unflattened(self.history[start // self.every], self.program)
        for again in range(start, at):
            values = _epoch(self.program, values, self.batches.of(again), again)[1]
        return values

    def at(self, epoch: int) -> Program:
        """The program as it stands before the first update of an epoch, with all its examples.

        Raises TracerError for an epoch that the run does not have.
        """
        return self._standing(self._state(epoch), self.program.leaves, epoch)

    def steps(self, epoch: int) -> Iterator[tuple[Batch, Program]]:
        """The steps of an epoch as they were taken: the examples of each, and the program then.

        Behind the last epoch they are those that would come next.
        Raises TracerError for an epoch that the run does not have.
        """
        state = self._state(epoch)
        for batch in self.batches.of(epoch):
            yield batch, self._standing(state, batch.leaves, epoch)
            state = _step(self.program, state, batch.leaves, epoch)[1]

    def _standing(self, state: Values, leaves: tuple[Leaf, ...], epoch: int) -> Program:
        """The program with these parameters and examples, and what its update rule remembers."""
        stands = replace(self.program, leaves=leaves).given(state)
        return replace(stands, memory=state | {EPOCHS: float(_begun(self.program) + epoch)})

    @cached_property
    def answering(self) -> Answering | NoAnswers:
        """How what it has learned is read as answers, or why there are none."""
        return NoAnswers(f"the run {self.stopped}") if self.diverged else judged(self.program)

    @property
    def classifies(self) -> bool:
        """Whether its outputs are answers."""
        return isinstance(self.answering, Answering)

    def answers(self) -> np.ndarray:
        """What comes out of the trained network, a row for each output."""
        return outputs_of(self.at(self.epochs))

    def predictions(self) -> np.ndarray:
        """The labels that it answers, a row for each output.

        Raises TracerError where its outputs are no answers.
        """
        return self._reading("predictions").predictions(self.answers())

    def accuracy(self) -> float:
        """The part of the examples that it answers right, each with all its labels.

        Raises TracerError where its outputs are no answers.
        """
        right = self._reading("accuracy").right(self.answers(), labels_of(self.program))
        return float(np.mean(right))

    def _reading(self, wanted: str) -> Answering:
        return read_as(self.answering, wanted)


@dataclass(frozen=True)
class Plan:
    """How a network is to be trained."""

    epochs: int
    learning_rate: Rate | str | None = None
    "another one than the program's"
    batch_size: int | None = None
    "examples in a step; all of them if not set"
    log_every: int | None = None
    "epochs between the lines of the log; a tenth of all if not set"
    shuffle: int | None = None
    "the seed of the order that the examples have in each epoch; as they are given if not set"

    def check(self, program: Program) -> None:
        """Raise TracerError where a program cannot be trained in this way."""
        _ready(program, self.epochs, self.learning_rate)
        Batches(program, self.batch_size, self.shuffle)

    def carry_out(
        self, program: Program, each: Callable[[int, float], None] = lambda epoch, cost: None
    ) -> Run:
        """The run, from the declared parameters on."""
        return train(program, self.epochs, self.learning_rate, self.batch_size, each, self.shuffle)

    def log(self, run: Run) -> tuple[tuple[int, float], ...]:
        """The costs that a log shows: every so many epochs."""
        every = self.log_every or max(1, self.epochs // 10)
        return tuple((epoch, float(run.costs[epoch])) for epoch in range(0, run.epochs, every))


def train(
    program: Program,
    epochs: int,
    learning_rate: Rate | str | None = None,
    batch_size: int | None = None,
    each: Callable[[int, float], None] = lambda epoch, cost: None,
    shuffle: int | None = None,
) -> Run:
    """Forward, backward and update, again and again; `each` is told every epoch and its cost.

    >>> from tracer import net
    >>> program = net("1 sigmoid", X=[[0, 0, 1, 1], [0, 1, 0, 1]], Y=[[0, 1, 1, 1]],
    ...               W=[[0.1, 0.6]], b=0, learning_rate=1)
    >>> round(train(program, 5000).final_cost, 4)
    0.0005

    A learning rate may be a formula, as in "1/(1 + 0.1*epoch)". With a `batch_size`, examples are
    taken so many at a time, in their order; 1 is stochastic. With `shuffle`, a seed, every epoch
    has another order.
    Ctrl-C ends a run and keeps what was learned. A run whose cost is not a number, infinite, or
    grows without end stops, and so does one whose learning rate becomes negative; each says at
    which epoch.
    Raises TracerError where there is nothing to learn or no learning rate.
    """
    program = _ready(program.in_float64(), epochs, learning_rate)
    batches = Batches(program, batch_size, shuffle)
    state = _beginning(program)
    size = sum(np.size(value) for value in state.values())
    every = max(1, -(-size * (epochs + 1) // MOST_KEPT))
    history = [_flattened(state)]
    costs: list[float] = []
    stopped = ""
    try:
        for epoch in range(epochs):
            cost, moved = _epoch(program, state, batches.of(epoch), epoch)
            if stopped := _trouble(program.root, cost, costs, epoch, moved):
                break
            costs.append(cost)
            state = moved
            if (epoch + 1) % every == 0:
                history.append(_flattened(state))
            each(epoch, cost)
    except KeyboardInterrupt:
        stopped = f"{INTERRUPTED} after {counted(len(costs))}"
    except RateError as fault:
        stopped = f"could not go on, since {fault.problem}"
    final = float(program.given(state).values()[program.root])
    stopped = stopped or _trouble(program.root, final, costs, epochs, state)
    kept, last = np.array(history), _flattened(state)
    return Run(program, np.array(costs), kept, every, last, final, batches, stopped)


def counted(epochs: int) -> str:
    """A number of epochs in words.

    >>> counted(1), counted(5000)
    ('1 epoch', '5000 epochs')
    """
    return f"{epochs} epoch" + "s" * (epochs != 1)


def _ready(program: Program, epochs: int, learning_rate: Rate | str | None) -> Program:
    if not 1 <= epochs <= MOST_EPOCHS:
        raise TracerError(f"epochs is {epochs}, expected 1 to {MOST_EPOCHS:,}")
    program.check_cost()
    rate = rate_of(program.learning_rate if learning_rate is None else learning_rate)
    if rate is None:
        raise TracerError(
            "no learning rate is set, expected one, as in ':learning-rate: 1' in the lesson or "
            "'--learning-rate 1'"
        )
    if not program.learned:
        raise TracerError("there is nothing to learn: every value is data")
    shape = program.formulas()[program.root].shape
    if shape:
        raise TracerError(
            f"{program.root} is {shape_text(shape)}, expected a single number to lower"
        )
    return replace(program, learning_rate=rate)


def _epoch(
    program: Program, state: Values, batches: Sequence[Batch], epoch: int
) -> tuple[float, Values]:
    """One pass over all examples: its cost, and what the last of its updates leaves."""
    if len(batches) == 1:
        values, moved = _step(program, state, batches[0].leaves, epoch)
        return float(values[program.root]), moved
    cost = 0.0
    for batch in batches:
        values, state = _step(program, state, batch.leaves, epoch)
        cost += _adds(program, values, batch.share)
    return cost, state


def _adds(program: Program, values: Values, share: float) -> float:
    """What a batch adds to the cost of its epoch, from its values and its share of the examples.

    Losses that are added up over examples are added up over batches. A mean over the examples is
    one over batches, each by its share, and so is a penalty, which belongs to no example.
    """
    if not program.summed:
        return share * float(values[program.root])
    if program.penalty is None:
        return float(values[program.root])
    loss, penalty = program.penalty
    return float(values[loss]) + share * float(values[penalty])


def _step(
    program: Program, parameters: Values, leaves: Sequence[Leaf], epoch: int
) -> tuple[Values, Values]:
    """Forward, backward and update, once: all values, and what is left to the next step.

    With the parameters go the states of their update, and the number of steps where it counts.
    """
    values: Values = {leaf.name: for_numpy(leaf.value) for leaf in leaves}
    values |= {name: for_numpy(value) for name, value in parameters.items()}
    program.fill(values)
    alpha = _alpha(program, parameters, epoch)
    slopes: dict[str, list[Value]] = {program.root: [1.0]}
    learned = [leaf.name for leaf in leaves if leaf.role == "parameter"]
    kept = {leaf.name for leaf in leaves if leaf.role != "parameter"}
    at_once = program.conventions.sequential
    live = program.live(program.root) if at_once else {}
    moved = dict(parameters)
    with np.errstate(all="ignore"):
        for equation in reversed(program.equations):
            if equation.output not in slopes:
                continue
            upstream = ops.total(M, *slopes[equation.output])
            mine = [name for name in learned if name in equation.inputs] if at_once else []
            if mine:
                _send(equation, upstream, values, slopes, kept, mine)
                complete = [name for name in mine if len(slopes.get(name, ())) == len(live[name])]
                moved |= _moved(program, moved, slopes, complete, alpha)
                _send(equation, upstream, {**values, **moved}, slopes, {*kept, *mine})
            else:
                _send(equation, upstream, values, slopes, kept)
        moved |= _moved(program, moved, slopes, [] if at_once else learned, alpha)
    if STEPS in moved:
        moved[STEPS] = float(moved[STEPS]) + 1
    return values, moved


def _alpha(program: Program, state: Values, epoch: int) -> float:
    """The learning rate of the next step; raises RateError where it has none."""
    rate = program.learning_rate
    if isinstance(rate, Schedule):
        return rate.at(float(state[STEPS]) + 1, _begun(program) + epoch)
    return rate or 0.0


def _begun(program: Program) -> int:
    """How many epochs lie behind a program that was trained before."""
    return int(float(program.memory.get(EPOCHS, 0)))


def _send(
    equation: Equation,
    upstream: Value,
    values: Values,
    slopes: dict[str, list[Value]],
    but: Container[str],
    only: Container[str] | None = None,
) -> None:
    """What an equation sends back to its inputs."""
    inputs, output = equation.taken_from(values), values[equation.output]
    sent: dict[str, list[Value]] = {}
    for name, slot in zip(equation.inputs, equation.op.slots, strict=True):
        if isinstance(name, str) and slot.local and name not in but and (not only or name in only):
            local = slot.local(M, output, *inputs)
            sent.setdefault(name, []).append(slot.join(M, upstream, local))
    for name, products in sent.items():
        slopes[name] = products + slopes.get(name, [])  # in the order of the uses


def _moved(
    program: Program,
    values: Values,
    slopes: dict[str, list[Value]],
    names: Sequence[str],
    alpha: float,
) -> Values:
    """Parameters after their update, and its states."""
    rule, found = program.update, Values()
    for name in names:
        if name not in slopes:
            continue
        known: dict[str, Value] = {
            "w": values[name],
            "g": ops.total(M, *slopes[name]),
            "alpha": alpha,
            "t": values.get(STEPS, 0.0) + 1,
            **rule.constants,
        }
        known |= {state.letter: values[state.of(name)] for state in rule.states}
        for line in rule.lines:
            known[f"{line.output}'"] = line.rule(M, *(known[i] for i in line.inputs))
        found |= {state.of(name): known[f"{state.letter}'"] for state in rule.states}
        found[name] = known["w'"]
    return found


def _trouble(root: str, cost: float, costs: Sequence[float], epoch: int, parameters: Values) -> str:
    """Why a run cannot go on, or nothing."""
    what = SPOKEN.get(root, root)
    if not np.isfinite(cost):
        called = "not a number" if np.isnan(cost) else "infinite"
        return f"{DIVERGED}: {what} is {called} at epoch {epoch}"
    if costs and cost > RUNAWAY * max(costs[0], 1e-12):
        grown = f"from {costs[0]:.3g} to {cost:.3g} at epoch {epoch}"
        return f"{DIVERGED}: {what} grows without end, {grown}"
    for name, value in parameters.items():
        if not np.all(np.isfinite(value)):
            return f"{DIVERGED}: {name} is not finite after epoch {epoch}"
    return ""


def _flattened(parameters: Values) -> np.ndarray:
    return np.concatenate([np.ravel(value) for value in parameters.values()])


def _unflattened(numbers: np.ndarray, program: Program) -> Values:
    values: Values = {}
    start = 0
    for name, first in _beginning(program).items():
        size = np.size(first)
        piece = numbers[start : start + size]
        values[name] = piece.reshape(np.shape(first)) if np.ndim(first) else float(piece[0])
        start += size
    return values


def _beginning(program: Program) -> Values:
    """The declared parameters, and what the update rule remembers before its first step."""
    states = Values()
    for leaf in program.leaves:
        states |= program.remembered(leaf)
    counts = isinstance(program.learning_rate, Schedule) or any(
        "t" in line.inputs for line in program.update.lines
    )
    return program.learned | states | ({STEPS: program.memory.get(STEPS, 0.0)} if counts else {})
