"""The blocks of a lesson, one class in one file: its keys, its work, its pages.

What a block is worked out with is imported when it is: a lesson that is only listed needs none.
"""

from tracer.lesson.blocks.base import Each as Each
from tracer.lesson.blocks.base import Section as Section
from tracer.lesson.blocks.base import Text as Text
from tracer.lesson.blocks.base import unheard as unheard
from tracer.lesson.blocks.curve import CurveBlock
from tracer.lesson.blocks.derive import DeriveBlock
from tracer.lesson.blocks.graph import GraphBlock
from tracer.lesson.blocks.network import NetworkBlock
from tracer.lesson.blocks.nudge import NudgeBlock
from tracer.lesson.blocks.opening import OpeningBlock
from tracer.lesson.blocks.paths import PathsBlock
from tracer.lesson.blocks.phases import BackwardBlock, ForwardBlock, UpdateBlock
from tracer.lesson.blocks.points import PointsBlock
from tracer.lesson.blocks.shapes import ShapesBlock
from tracer.lesson.blocks.train import TrainBlock

KINDS: dict[str, type[Section]] = {
    "lesson": OpeningBlock,
    "network": NetworkBlock,
    "graph": GraphBlock,
    "forward": ForwardBlock,
    "backward": BackwardBlock,
    "update": UpdateBlock,
    "train": TrainBlock,
    "paths": PathsBlock,
    "nudge": NudgeBlock,
    "shapes": ShapesBlock,
    "derive": DeriveBlock,
    "curve": CurveBlock,
    "points": PointsBlock,
}
"Each block by its name, in the order of the reference."
KEYS = {kind: block.keys for kind, block in KINDS.items()}
