"""A model of PyTorch worked out here: its gradients are autograd's. Skipped where there is none."""

import sys

import numpy as np
import pytest

import tracer
from tracer.errors import ShapeError

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install '.[torch]'")
nn = torch.nn

X = [[0.0, 1.0], [1.0, 0.5], [-1.0, 2.0], [0.3, -0.7]]
CLASSES = torch.tensor([0, 2, 1, 1])


def model(*modules, seed=0):
    """Layers with random weights that are the same each time."""
    torch.manual_seed(seed)
    return nn.Sequential(*(module() if isinstance(module, type) else module for module in modules))


def numbers(outputs):
    torch.manual_seed(7)
    return torch.rand(4, outputs)


def step(activation, loss, y, outputs=3):
    net = model(nn.Linear(2, 5), activation, nn.Linear(5, outputs))
    return tracer.from_torch(net, loss, torch.tensor(X), y)


@pytest.mark.parametrize(
    "activation",
    [
        nn.ReLU(), nn.Sigmoid(), nn.Tanh(), nn.LeakyReLU(0.2), nn.ELU(1.5), nn.Softplus(),
        nn.GELU(), nn.SiLU(), nn.Softmax(dim=1), nn.Identity(),
    ],
    ids=str,
)  # fmt: skip
def test_the_gradients_behind_each_activation_are_autograds(activation):
    assert step(activation, nn.MSELoss(), numbers(3)).agrees


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize(
    ("loss", "y"),
    [
        (nn.MSELoss, numbers(3)),
        (nn.L1Loss, numbers(3)),
        (nn.HuberLoss, numbers(3)),
        (nn.SmoothL1Loss, numbers(3)),
        (nn.BCEWithLogitsLoss, numbers(3)),
        (nn.CrossEntropyLoss, CLASSES),
        (nn.CrossEntropyLoss, torch.eye(3)[CLASSES]),
        (nn.MultiMarginLoss, CLASSES),
    ],
)
def test_the_gradients_of_each_loss_are_autograds(loss, y, reduction):
    found = step(nn.Tanh(), loss(reduction=reduction), y)
    assert found.agrees
    assert [g.name for g in found.gradients] == ["0.weight", "0.bias", "2.weight", "2.bias"]


def test_probabilities_and_binary_cross_entropy_agree_too():
    net = model(nn.Linear(2, 5), nn.ReLU, nn.Sequential(nn.Linear(5, 1), nn.Sigmoid()))
    assert tracer.from_torch(net, nn.BCELoss(), torch.tensor(X), numbers(1)).agrees


def test_the_step_is_our_own_in_rows_as_pytorch_has_it():
    net = nn.Sequential(nn.Linear(2, 1))
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor([[0.5, -1.0]]))
        net[0].bias.fill_(0.25)
    found = tracer.from_torch(net, nn.MSELoss(), [[1.0, 2.0], [3.0, 4.0]], [[1.0], [0.0]])
    # 0.5*1 - 2 + 0.25 = -1.25 and 0.5*3 - 4 + 0.25 = -2.25; errors 2.25 and 2.25
    assert found.trace["Yhat"].written.tolist() == [[-1.25], [-2.25]]
    assert found.trace["Cost"].written == 2.25**2
    assert found.trace["dCost/dW"].written.tolist() == [[-2.25 * 4, -2.25 * 6]]


def test_float32_is_named_where_it_makes_the_difference():
    said = str(step(nn.Tanh(), nn.MSELoss(), numbers(3)).gradients[0])
    assert said.startswith("0.weight: equal in float64 (to ")
    assert "; the model's float32 is " in said


def test_a_model_in_float64_is_equal_without_more_words():
    net = model(nn.Linear(2, 3), nn.Tanh, nn.Linear(3, 1)).double()
    found = tracer.from_torch(net, nn.MSELoss(), torch.tensor(X), numbers(1))
    assert all(": equal (to " in line for line in str(found).splitlines())


def test_a_gradient_that_differs_is_said_to():
    class Doubled(nn.MSELoss):
        def forward(self, output, y):
            return 2 * super().forward(output, y)

    found = step(nn.Tanh(), Doubled(), numbers(3))
    assert not found.agrees
    assert "0.weight: differs by 5.0e-01 in float64, too" in str(found)


def test_the_model_is_left_as_it_is():
    net = model(nn.Linear(2, 3), nn.Tanh, nn.Linear(3, 1))
    before = [p.clone() for p in net.parameters()]
    tracer.from_torch(net, nn.MSELoss(), torch.tensor(X), numbers(1))
    assert all(torch.equal(a, b) for a, b in zip(before, net.parameters(), strict=True))
    assert all(p.grad is None for p in net.parameters())


@pytest.mark.parametrize(
    ("modules", "loss", "x", "y", "complaint"),
    [
        ([nn.Conv2d(1, 1, 1)], nn.MSELoss(), X, numbers(1), r"0 \(Conv2d.*has no counterpart"),
        ([nn.ReLU()], nn.MSELoss(), X, numbers(1), "does not follow a Linear layer, expected one"),
        ([nn.Identity()], nn.MSELoss(), X, numbers(1), "the model has no Linear layer"),
        ([nn.Linear(2, 1), nn.Softplus(beta=2)], nn.MSELoss(), X, numbers(1), "Softplus .beta 1."),
        ([nn.Linear(2, 1)], nn.KLDivLoss(), X, numbers(1), "expected MSELoss, L1Loss"),
        (
            [nn.Linear(2, 1)],
            nn.MSELoss(reduction="none"),
            X,
            numbers(1),
            "with reduction 'mean' or",
        ),
        ([nn.Linear(3, 1)], nn.MSELoss(), X, numbers(1), r"W is \(1 x 3\), expected \(1 x 2\)"),
        ([nn.Linear(2, 3)], nn.MSELoss(), X, torch.rand(4), "expected labels of the shape .4, 3."),
        ([nn.Linear(2, 3)], nn.CrossEntropyLoss(), X, torch.tensor([0, 1, 2, 3]), "from 0 to 2"),
        ([nn.Linear(2, 1)], nn.MSELoss(), [[[0.0]]], numbers(1), "x has 3 dimensions"),
    ],
)
def test_what_has_no_counterpart_is_refused(modules, loss, x, y, complaint):
    with pytest.raises(tracer.TracerError, match=complaint):
        tracer.from_torch(nn.Sequential(*modules), loss, torch.tensor(x), y)


def test_the_gradients_are_those_of_plain_numpy_as_well():
    net = model(nn.Linear(2, 3)).double()
    found = tracer.from_torch(net, nn.CrossEntropyLoss(), torch.tensor(X), CLASSES)
    x, W, b = np.array(X), net[0].weight.detach().numpy(), net[0].bias.detach().numpy()
    powers = np.exp(x @ W.T + b)
    errors = powers / powers.sum(axis=1, keepdims=True) - np.eye(3)[CLASSES.numpy()]
    assert np.allclose(found.gradients[0].ours, errors.T @ x / 4, rtol=1e-12)


def test_without_pytorch_the_way_out_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(tracer.TracerError, match=r"pip install 'tracer\[torch\]'"):
        tracer.from_torch(None, None, None, None)


# labels that PyTorch would stretch


STRETCHING = [nn.MSELoss, nn.L1Loss, nn.HuberLoss, nn.SmoothL1Loss]


@pytest.mark.parametrize("loss", STRETCHING)
@pytest.mark.parametrize(
    ("shape", "made", "way_out"),
    [
        ((4,), (4, 4), "y.reshape(4, 1)"),
        ((1, 4), (4, 4), "y.T"),
        ((1,), (4, 1), "labels of the shape (4, 1)"),
        ((4, 3), (4, 3), "labels of the shape (4, 1)"),
    ],
)
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_labels_of_another_shape_are_refused_with_what_pytorch_would_make(
    loss, shape, made, way_out
):
    net = model(nn.Linear(2, 1))
    y = torch.rand(shape)
    # an oracle: PyTorch's own loss for each pair that it makes
    assert tuple(loss(reduction="none")(net(torch.tensor(X)), y).shape) == made
    with pytest.raises(ShapeError) as refused:
        tracer.from_torch(net, loss(), torch.tensor(X), y)
    assert str(refused.value) == (
        f"y has the shape {shape} and the model's output (4, 1); PyTorch would make {made} of "
        f"both, expected {way_out}"
    )


@pytest.mark.parametrize("loss", [nn.BCELoss, nn.BCEWithLogitsLoss])
def test_losses_that_refuse_such_labels_themselves_are_said_to(loss):
    net = model(nn.Linear(2, 1), nn.Sigmoid if loss is nn.BCELoss else nn.Identity)
    with pytest.raises(ValueError, match=r"same|different"):
        loss()(net(torch.tensor(X)), torch.rand(4))
    with pytest.raises(ShapeError) as refused:
        tracer.from_torch(net, loss(), torch.tensor(X), torch.rand(4))
    assert str(refused.value) == (
        "y has the shape (4,) and the model's output (4, 1); PyTorch refuses them, expected "
        "y.reshape(4, 1)"
    )


@pytest.mark.parametrize("loss", STRETCHING)
@pytest.mark.parametrize(
    ("modules", "x", "y"),
    [
        ([nn.Linear(2, 1)], X, torch.rand(4, 1)),
        ([nn.Linear(2, 1), nn.Flatten(0)], X, torch.rand(4)),
        ([nn.Linear(2, 3)], X[0], torch.rand(3)),
        ([nn.Linear(2, 1)], X[0], torch.tensor(0.5)),
    ],
)
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_labels_of_the_shape_of_the_output_agree_whatever_it_is(loss, modules, x, y):
    assert tracer.from_torch(model(*modules), loss(), torch.tensor(x), y).agrees


# frozen layers


def frozen(*names):
    net = model(nn.Linear(2, 3), nn.Tanh, nn.Linear(3, 1))
    for name, parameter in net.named_parameters():
        parameter.requires_grad = name not in names
    return tracer.from_torch(net, nn.MSELoss(), torch.tensor(X), numbers(1))


EVERY = ("0.weight", "0.bias", "2.weight", "2.bias")


@pytest.mark.parametrize("names", [(), ("0.weight",), ("0.weight", "0.bias"), ("2.bias",), EVERY])
def test_what_is_frozen_is_said_to_be_and_the_rest_is_compared(names):
    found = frozen(*names)
    assert found.frozen == names
    assert [g.name for g in found.gradients] == [name for name in EVERY if name not in names]
    assert found.agrees
    said = [line.partition(": ") for line in str(found).splitlines()]
    told = {name for name, _, words in said if words == "frozen, so there is nothing to compare"}
    assert told == set(names)
    assert {name for name, _, _ in said} == set(EVERY)


def test_what_is_frozen_is_held_fixed_in_the_step_as_well():
    trace = frozen("0.weight", "2.bias").trace
    roles = {leaf.name: leaf.role for leaf in trace.program.leaves}
    assert (roles["W[1]"], roles["b[2]"]) == ("fixed", "fixed")
    assert "dCost/dW[1]" not in trace
    assert "dCost/dW[2]" in trace
