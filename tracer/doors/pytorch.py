"""A PyTorch model's training step, worked out in our operations and held against autograd."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from tracer import ops
from tracer.doors.notebook import Trace, work
from tracer.errors import ShapeError, TracerError
from tracer.network import Criterion, Spec, assemble
from tracer.ops import Loss, Op, Reduction
from tracer.trace.conventions import Conventions
from tracer.trace.program import Program, Value

ROWS = Conventions(rows=True)
"PyTorch's layout: one example a row, and W is (out, in)."
CLOSE = 1e-12
"Two sums of the same float64 numbers in another order differ by no more, relative to the largest."


@dataclass(frozen=True)
class Compared:
    """One parameter's gradient, ours beside autograd's."""

    name: str
    "as the model calls it: 0.weight"
    ours: np.ndarray
    autograd: np.ndarray
    difference: float
    "the largest, relative to the largest entry"
    difference_in_float64: float
    "the same with the model turned to float64"
    dtype: str
    "what the model is kept in: float32"

    @property
    def agrees(self) -> bool:
        """Whether both are the same but for the rounding of the model's own numbers."""
        return self.difference_in_float64 <= CLOSE

    def __str__(self) -> str:
        if not self.agrees:
            return f"{self.name}: differs by {self.difference_in_float64:.1e} in float64, too"
        if self.difference <= CLOSE:
            return f"{self.name}: equal (to {self.difference:.1e})"
        return (
            f"{self.name}: equal in float64 (to {self.difference_in_float64:.1e}); the model's "
            f"{self.dtype} is {self.difference:.1e} away"
        )


@dataclass(frozen=True)
class FromTorch:
    """A model's step worked out here, and its gradients compared."""

    trace: Trace
    gradients: tuple[Compared, ...]
    frozen: tuple[str, ...] = ()
    "parameters that do not learn, so that autograd has no gradient to compare"

    @property
    def agrees(self) -> bool:
        """Whether every gradient that autograd has is ours."""
        return all(compared.agrees for compared in self.gradients)

    def __str__(self) -> str:
        frozen = (f"{name}: frozen, so there is nothing to compare" for name in self.frozen)
        return "\n".join([*map(str, self.gradients), *frozen])


def from_torch(model: Any, loss: Any, x: Any, y: Any) -> FromTorch:
    """A step of an nn.Sequential replayed in our operations, its gradients beside autograd's.

        import torch
        from torch import nn
        model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
        step = tracer.from_torch(model, nn.MSELoss(), torch.randn(4, 2), torch.randn(4, 1))
        step.agrees, str(step), step.trace["dCost/dW[1]"]

    `x` is (examples x features), `y` what the loss takes: numbers of the output's shape, or for
    cross-entropy and multi-margin one class for each example. The model is left as it is; what is
    frozen in it (`requires_grad=False`) is held fixed, and not compared.
    Raises TracerError for a layer, a loss or a setting that has no counterpart here, ShapeError
    where sizes do not meet or PyTorch would stretch the labels, and TracerError where PyTorch is
    not installed.
    """
    torch = _torch()
    given, y = torch.as_tensor(x).detach(), torch.as_tensor(y).detach()
    x = given.unsqueeze(0) if given.ndim == 1 else given
    if x.ndim != 2:
        raise ShapeError(f"x has {x.ndim} dimensions, expected (examples x features)")
    linears, activations = _layers(torch, model)
    criterion = _criterion(torch, loss)
    _check_labels(torch, model, loss, given, y)
    values: dict[str, Value] = {"X": _numbers(x), "Y": _labels(torch, y, linears, criterion)}
    for number, linear in enumerate(linears, 1):
        values[f"W[{number}]"] = _numbers(linear.weight)
        if linear.bias is not None:
            values[f"b[{number}]"] = _numbers(linear.bias).reshape(1, -1)
    sizes = tuple(int(linear.out_features) for linear in linears)
    layers = tuple(zip(sizes, activations, strict=True))
    program = _held_fixed(assemble(Spec(layers, criterion, conventions=ROWS), values), linears)
    trace = work(program)
    compared = tuple(_compared(torch, model, loss, x, y, linears, trace))
    frozen = tuple(n for n, parameter in model.named_parameters() if not parameter.requires_grad)
    return FromTorch(trace, compared, frozen)


def _held_fixed(program: Program, linears: Sequence[Any]) -> Program:
    """The program with what is frozen in the model as values that are held fixed."""
    frozen = set()
    for number, linear in enumerate(linears, 1):
        for stem, parameter in (("W", linear.weight), ("b", linear.bias)):
            if parameter is not None and not parameter.requires_grad:
                frozen.add(program.aliases.get(f"{stem}[{number}]", f"{stem}[{number}]"))
    leaves = (
        replace(leaf, role="fixed") if leaf.name in frozen else leaf for leaf in program.leaves
    )
    return replace(program, leaves=tuple(leaves))


def _check_labels(torch: Any, model: Any, loss: Any, x: Any, y: Any) -> None:
    """Raise ShapeError for labels that PyTorch would stretch, or refuse, beside the output."""
    nn = torch.nn
    if isinstance(loss, nn.CrossEntropyLoss | nn.MultiMarginLoss) and not y.is_floating_point():
        return  # a class for each example
    try:
        with torch.no_grad():
            output = tuple(model(x.to(next(model.parameters()))).shape)
    except RuntimeError:
        return  # x does not fit the model, which is said of its weights
    labels, made = tuple(y.shape), None
    if isinstance(loss, nn.MSELoss | nn.L1Loss | nn.HuberLoss | nn.SmoothL1Loss):
        with suppress(RuntimeError):
            made = tuple(torch.broadcast_shapes(labels, output))
    if labels == output or (made == output and y.numel() == prod(output)):
        return
    instead = f"would make {made} of both" if made else "refuses them"
    raise ShapeError(
        f"y has the shape {labels} and the model's output {output}; PyTorch {instead}, expected "
        f"{_reshaped(labels, output)}"
    )


def _reshaped(labels: tuple[int, ...], output: tuple[int, ...]) -> str:
    """How labels come to the shape of the output, if they have its numbers in its order."""
    if len(labels) == 2 and labels[::-1] == output:
        return "y.T"
    same = [n for n in labels if n > 1] == [n for n in output if n > 1]
    return f"y.reshape{output}" if same else f"labels of the shape {output}"


def _torch() -> Any:
    try:
        import torch
    except ImportError:
        raise TracerError(
            "PyTorch is not installed, expected it for from_torch: "
            "python -m pip install 'tracer[torch]'"
        ) from None
    return torch


def _numbers(tensor: Any) -> np.ndarray:
    return np.asarray(tensor.detach().cpu().double().numpy())


def _layers(torch: Any, model: Any) -> tuple[list[Any], list[Op]]:
    """The linear modules, and the activation behind each."""
    linears: list[Any] = []
    activations: list[Op] = []
    for name, module in _modules(torch, model, ""):
        if isinstance(module, torch.nn.Linear):
            linears.append(module)
            activations.append(ops.IDENTITY)
            continue
        activation = _activation(torch, name, module)
        if activation is ops.IDENTITY:
            continue
        if not linears or activations[-1] is not ops.IDENTITY:
            raise TracerError(f"{name} ({module}) does not follow a Linear layer, expected one")
        activations[-1] = activation
    if not linears:
        raise TracerError("the model has no Linear layer, expected one or more in nn.Sequential")
    return linears, activations


def _modules(torch: Any, module: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The modules of a Sequential in order, those inside others opened."""
    if isinstance(module, torch.nn.Sequential):
        for key, child in module.named_children():
            yield from _modules(torch, child, f"{name}.{key}".strip("."))
    else:
        yield name or "the model", module


def _activation(torch: Any, name: str, module: Any) -> Op:
    nn = torch.nn
    match module:
        case nn.Identity() | nn.Flatten():
            return ops.IDENTITY
        case nn.Dropout() if not module.training or module.p == 0:
            return ops.IDENTITY
        case nn.ReLU():
            return ops.RELU
        case nn.Sigmoid():
            return ops.SIGMOID
        case nn.Tanh():
            return ops.TANH
        case nn.LeakyReLU():
            return ops.leaky_relu(float(module.negative_slope))
        case nn.ELU():
            return ops.elu(float(module.alpha))
        case nn.Softplus() if module.beta == 1:
            return ops.SOFTPLUS
        case nn.GELU() if module.approximate == "none":
            return ops.GELU
        case nn.SiLU():
            return ops.SILU
        case nn.Softmax() if module.dim in (1, -1):
            return ops.SHIFTED_SOFTMAX
    raise TracerError(
        f"{name} ({module}) has no counterpart here, expected Linear, ReLU, Sigmoid, Tanh, "
        "LeakyReLU, ELU, Softplus (beta 1), GELU, SiLU, Softmax over the outputs, Identity, or "
        "Dropout in eval mode"
    )


def _criterion(torch: Any, loss: Any) -> Criterion:
    """What is minimised, with PyTorch's own factors and means."""
    nn = torch.nn
    reduction = getattr(loss, "reduction", None)
    if reduction not in ("mean", "sum") or getattr(loss, "weight", None) is not None:
        raise TracerError(
            f"the loss {loss} cannot be read, expected a loss module such as nn.MSELoss(), with "
            "reduction 'mean' or 'sum' and without weights"
        )
    each: Loss | str
    match loss:
        case nn.MSELoss():
            each = ops.SQUARED_ERROR
        case nn.L1Loss():
            each = ops.ABSOLUTE_ERROR
        case nn.BCELoss():
            each = ops.BINARY_CROSS_ENTROPY
        case nn.BCEWithLogitsLoss() if loss.pos_weight is None:
            each = ops.BINARY_CROSS_ENTROPY_WITH_LOGITS
        case nn.HuberLoss():
            each = ops.huber(float(loss.delta))
        case nn.SmoothL1Loss() if loss.beta == 1:
            each = ops.huber(1.0)
        case nn.CrossEntropyLoss() if not loss.label_smoothing:
            each = "softmax cross-entropy"
        case nn.MultiMarginLoss() if loss.p == 1 and loss.margin == 1:
            each = "multiclass hinge"
        case _:
            raise TracerError(
                f"the loss {loss} has no counterpart here, expected MSELoss, L1Loss, BCELoss, "
                "BCEWithLogitsLoss, HuberLoss, SmoothL1Loss (beta 1), CrossEntropyLoss or "
                "MultiMarginLoss (p 1, margin 1)"
            )
    over_outputs = "sum" if each == "softmax cross-entropy" else "mean"
    outputs = "sum" if reduction == "sum" and each != "multiclass hinge" else over_outputs
    means = Reduction(Fraction(1), outputs, reduction)
    if isinstance(each, str):
        return Criterion(each, None, means)
    return Criterion(each.name, each, means)


def _labels(torch: Any, y: Any, linears: list[Any], criterion: Criterion) -> np.ndarray:
    """Labels with one example a row; classes as rows with a single 1."""
    outputs = int(linears[-1].out_features)
    y = y if y.ndim else y.unsqueeze(0)
    if criterion.loss is None and not torch.is_floating_point(y):
        if y.ndim > 1 or int(y.min()) < 0 or int(y.max()) >= outputs:
            raise ShapeError(
                f"y has the shape {tuple(y.shape)} and classes {int(y.min())} to {int(y.max())}, "
                f"expected one class from 0 to {outputs - 1} for each example"
            )
        return np.asarray(np.eye(outputs)[y.cpu().numpy()])
    if y.numel() % outputs:
        raise ShapeError(
            f"y has the shape {tuple(y.shape)}, expected {outputs} numbers for each example"
        )
    return _numbers(y).reshape(-1, outputs)


def _compared(
    torch: Any, model: Any, loss: Any, x: Any, y: Any, linears: list[Any], trace: Trace
) -> Iterator[Compared]:
    dtype = linears[0].weight.dtype
    own = _gradients(torch, deepcopy(model), loss, x, y, dtype)
    exact = _gradients(torch, deepcopy(model).double(), loss, x, y, torch.float64)
    called = {id(parameter): name for name, parameter in model.named_parameters()}
    single = len(linears) == 1
    for number, linear in enumerate(linears, 1):
        mark = "" if single else f"[{number}]"
        for stem, parameter in (("W", linear.weight), ("b", linear.bias)):
            if parameter is None or id(parameter) not in called or not parameter.requires_grad:
                continue
            name = called[id(parameter)]
            ours = np.asarray(trace[f"dCost/d{stem}{mark}"].exact)
            ours = ours.reshape(own[name].shape) if stem == "W" else ours.ravel()
            yield Compared(
                name,
                ours,
                own[name],
                _apart(ours, own[name]),
                _apart(ours, exact[name]),
                str(parameter.dtype).removeprefix("torch."),
            )


def _gradients(
    torch: Any, model: Any, loss: Any, x: Any, y: Any, dtype: Any
) -> dict[str, np.ndarray]:
    """Autograd's gradients of a model that may be used up."""
    model.zero_grad()
    output = model(x.to(dtype))
    if torch.is_floating_point(y):
        y = y.to(dtype).reshape(output.shape)
    if output.requires_grad:
        loss(output, y).backward()
    learned = ((name, p) for name, p in model.named_parameters() if p.grad is not None)
    return {name: _numbers(parameter.grad) for name, parameter in learned}


def _apart(a: np.ndarray, b: np.ndarray) -> float:
    """The largest difference, relative to the largest number."""
    size = max(float(np.abs(b).max(initial=0)), float(np.abs(a).max(initial=0)))
    return float(np.abs(a - b).max(initial=0)) / size if size else 0.0
