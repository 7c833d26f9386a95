"""One row per operation: its value, and for each input a local gradient and a join.

A rule is a plain function of a vocabulary `m` (see `readings`) and the operation's inputs. A local
gradient may also use the output, as sigmoid's does. The join says how the upstream gradient meets
the local one: entry by entry unless the row says otherwise.
"""

from fractions import Fraction

from tracer.ops.activations import GELU as GELU
from tracer.ops.activations import IDENTITY as IDENTITY
from tracer.ops.activations import PLAIN as PLAIN
from tracer.ops.activations import RELU as RELU
from tracer.ops.activations import SHIFTED_SOFTMAX as SHIFTED_SOFTMAX
from tracer.ops.activations import SIGMOID as SIGMOID
from tracer.ops.activations import SILU as SILU
from tracer.ops.activations import SOFTMAX as SOFTMAX
from tracer.ops.activations import SOFTPLUS as SOFTPLUS
from tracer.ops.activations import TANH as TANH
from tracer.ops.activations import TUNABLE as TUNABLE
from tracer.ops.activations import elu as elu
from tracer.ops.activations import leaky_relu as leaky_relu
from tracer.ops.activations import softmax_of_scalars as softmax_of_scalars
from tracer.ops.arithmetic import ABS as ABS
from tracer.ops.arithmetic import ADD as ADD
from tracer.ops.arithmetic import ATAN as ATAN
from tracer.ops.arithmetic import BESIDE_A_NUMBER as BESIDE_A_NUMBER
from tracer.ops.arithmetic import CLIP as CLIP
from tracer.ops.arithmetic import COS as COS
from tracer.ops.arithmetic import COSH as COSH
from tracer.ops.arithmetic import DIVIDE as DIVIDE
from tracer.ops.arithmetic import ERF as ERF
from tracer.ops.arithmetic import EXP as EXP
from tracer.ops.arithmetic import LOG as LOG
from tracer.ops.arithmetic import MAX as MAX
from tracer.ops.arithmetic import MEAN as MEAN
from tracer.ops.arithmetic import MIN as MIN
from tracer.ops.arithmetic import MULTIPLY as MULTIPLY
from tracer.ops.arithmetic import NEGATE as NEGATE
from tracer.ops.arithmetic import POWER as POWER
from tracer.ops.arithmetic import SIN as SIN
from tracer.ops.arithmetic import SINH as SINH
from tracer.ops.arithmetic import SQRT as SQRT
from tracer.ops.arithmetic import SUBTRACT as SUBTRACT
from tracer.ops.arithmetic import SUM as SUM
from tracer.ops.arithmetic import TAN as TAN
from tracer.ops.arithmetic import TO_THE_ZERO as TO_THE_ZERO
from tracer.ops.arithmetic import sum_of as sum_of
from tracer.ops.arithmetic import total as total
from tracer.ops.arithmetic import weighted_sum as weighted_sum
from tracer.ops.linear import LINEAR as LINEAR
from tracer.ops.linear import LINEAR_SHARED_BIAS as LINEAR_SHARED_BIAS
from tracer.ops.linear import LINEAR_WITHOUT_BIAS as LINEAR_WITHOUT_BIAS
from tracer.ops.linear import TRANSPOSE as TRANSPOSE
from tracer.ops.linear import averaging as averaging
from tracer.ops.linear import linear_folded as linear_folded
from tracer.ops.linear import matmul as matmul
from tracer.ops.linear import subtracting as subtracting
from tracer.ops.losses import ABSOLUTE_ERROR as ABSOLUTE_ERROR
from tracer.ops.losses import BINARY_CROSS_ENTROPY as BINARY_CROSS_ENTROPY
from tracer.ops.losses import BINARY_CROSS_ENTROPY_WITH_LOGITS as BINARY_CROSS_ENTROPY_WITH_LOGITS
from tracer.ops.losses import CROSS_ENTROPY as CROSS_ENTROPY
from tracer.ops.losses import FUSED as FUSED
from tracer.ops.losses import HINGE as HINGE
from tracer.ops.losses import LOSSES as LOSSES
from tracer.ops.losses import MARGINS as MARGINS
from tracer.ops.losses import ON_SCORES as ON_SCORES
from tracer.ops.losses import SQUARED_ERROR as SQUARED_ERROR
from tracer.ops.losses import TUNABLE_LOSSES as TUNABLE_LOSSES
from tracer.ops.losses import Loss as Loss
from tracer.ops.losses import Reduction as Reduction
from tracer.ops.losses import cost as cost
from tracer.ops.losses import fused_cost as fused_cost
from tracer.ops.losses import fused_loss_of_one as fused_loss_of_one
from tracer.ops.losses import huber as huber
from tracer.ops.losses import loss_of_one as loss_of_one
from tracer.ops.losses import multiclass_hinge as multiclass_hinge
from tracer.ops.losses import softmax_cross_entropy as softmax_cross_entropy
from tracer.ops.losses import weight_penalty as weight_penalty
from tracer.ops.rows import Op as Op
from tracer.ops.rows import Rule as Rule
from tracer.ops.rows import Slot as Slot
from tracer.ops.rows import Steps as Steps
from tracer.ops.rows import Write as Write
from tracer.ops.rows import elementwise as elementwise
from tracer.ops.rows import fitted as fitted
from tracer.ops.rows import of_pi as of_pi
from tracer.ops.rows import over_all as over_all
from tracer.ops.rows import over_examples as over_examples
from tracer.ops.rows import over_outputs as over_outputs
from tracer.ops.rows import row as row
from tracer.ops.rows import silent as silent
from tracer.ops.rows import single as single
from tracer.ops.rows import without_slopes as without_slopes
from tracer.ops.rows import worked as worked
from tracer.ops.updates import GRADIENT_DESCENT as GRADIENT_DESCENT
from tracer.ops.updates import LETTERS as LETTERS
from tracer.ops.updates import UPDATES as UPDATES
from tracer.ops.updates import State as State
from tracer.ops.updates import UpdateLine as UpdateLine
from tracer.ops.updates import UpdateRule as UpdateRule
from tracer.ops.updates import descend as descend

SQUARED_ERROR_LOSS = loss_of_one(SQUARED_ERROR, Reduction(Fraction(1, 2)))
SQUARED_ERROR_COST = cost(SQUARED_ERROR, Reduction(Fraction(1, 2)))
ALSO = {"swish": SILU, "sigma": SIGMOID}
"""Other names of activations in a formula."""
ACTIVATIONS = {**PLAIN, "swish": SILU, "sin": SIN, "cos": COS, "tan": TAN}
FUNCTIONS = {
    "exp": EXP,
    "log": LOG,
    "ln": LOG,
    "sqrt": SQRT,
    "abs": ABS,
    "sin": SIN,
    "cos": COS,
    "tan": TAN,
    "sinh": SINH,
    "cosh": COSH,
    "atan": ATAN,
    "erf": ERF,
    "max": MAX,
    "min": MIN,
    **{name: op for name, op in PLAIN.items() if name.isidentifier() and op is not IDENTITY},
    **{name.replace(" ", "_"): usual() for name, usual in TUNABLE.items()},
    **ALSO,
    "sum": SUM,
    "mean": MEAN,
    "transpose": TRANSPOSE,
}
"""What a formula may call."""
OF_MATRICES = ("sum", "mean", "transpose", "softmax")
"""Functions of a matrix as a whole; all others are worked out entry by entry."""
CALLED = {
    name: op.symbol or next(first for first, same in FUNCTIONS.items() if same is op)
    for name, op in FUNCTIONS.items()
}
"""What a function is called in a written line, be it typed under another name: log for ln."""
