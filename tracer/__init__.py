"""Small neural networks worked out as on paper, in the author's own rounding.

>>> import tracer
>>> net = tracer.net("1 sigmoid", X=[[0, 0, 1, 1], [0, 1, 0, 1]], Y=[[0, 1, 1, 1]],
...                  W=[[0.1, 0.6]], b=0, learning_rate=1)
>>> trace = tracer.work(net, "carry 3")
>>> trace["dCost/dW[1,2]"].written
-0.038
>>> round(trace["dCost/dW[1,2]"].exact, 3)
-0.039
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracer import layers as layers
    from tracer.doors.notebook import Trace as Trace
    from tracer.doors.notebook import work as work
    from tracer.doors.opened import load as load
    from tracer.doors.pytorch import from_torch as from_torch
    from tracer.errors import TracerError as TracerError
    from tracer.network import net as net
    from tracer.numbers.rounding import Pen as Pen
    from tracer.trace.equations import graph as graph

_HOMES = {
    "Pen": "numbers.rounding",
    "Trace": "doors.notebook",
    "TracerError": "errors",
    "from_torch": "doors.pytorch",
    "graph": "trace.equations",
    "layers": "layers",
    "load": "doors.opened",
    "net": "network",
    "work": "doors.notebook",
}
__all__ = sorted(_HOMES)
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """The public names, fetched when first asked for: listing lessons needs no NumPy."""
    if name not in _HOMES:
        raise AttributeError(f"module 'tracer' has no attribute {name!r}")
    home = import_module(f"tracer.{_HOMES[name]}")
    return home if name == "layers" else getattr(home, name)


def __dir__() -> list[str]:
    """The public names and nothing else, whatever has been imported."""
    return __all__
