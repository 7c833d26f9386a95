"""The blocks of a lesson, one class in one file: its keys, its work, its pages.

What a block is worked out with is imported when it is: a lesson that is only listed needs none.
"""

from tracer.lesson.blocks.base import Section as Section
from tracer.lesson.blocks.base import Text as Text
from tracer.lesson.blocks.curve import Curve
from tracer.lesson.blocks.derive import Derive
from tracer.lesson.blocks.graph import Graph
from tracer.lesson.blocks.network import Network
from tracer.lesson.blocks.opening import Opening
from tracer.lesson.blocks.paths import Paths
from tracer.lesson.blocks.phases import Backward, Forward, Update
from tracer.lesson.blocks.shapes import Shapes
from tracer.lesson.blocks.train import Train

BLOCKS: dict[str, type[Section]] = {
    "lesson": Opening,
    "network": Network,
    "graph": Graph,
    "forward": Forward,
    "backward": Backward,
    "update": Update,
    "train": Train,
    "paths": Paths,
    "shapes": Shapes,
    "derive": Derive,
    "curve": Curve,
}
"Each block by its name, in the order of the reference."
KEYS = {kind: block.keys for kind, block in BLOCKS.items()}
