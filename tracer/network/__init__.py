"""Layers and a loss as one training step, from words and numbers to a program."""

from tracer.network.assemble import assemble as assemble
from tracer.network.assemble import net as net
from tracer.network.data import drawn as drawn
from tracer.network.data import gate as gate
from tracer.network.features import with_features as with_features
from tracer.network.spec import Criterion as Criterion
from tracer.network.spec import Spec as Spec
from tracer.network.words import graph_conventions as graph_conventions
from tracer.network.words import parse_layers as parse_layers
from tracer.network.words import spec_of as spec_of
from tracer.network.words import update_of as update_of
