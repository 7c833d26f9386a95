"""A lesson worked out, as JSON and back: what was written, step by step, and its pages.

The text is described in `trace-schema.json`. Records are stored under the names of their fields,
those left out that have their default. Quantities share inputs, so they stand in one table and are
referred to by their place in it, counted from 0.
"""

from tracer.record.decoding import CALLED as CALLED
from tracer.record.decoding import NOT_FINITE as NOT_FINITE
from tracer.record.decoding import decode as decode
from tracer.record.encoding import LARGEST as LARGEST
from tracer.record.encoding import encode as encode
from tracer.record.make import record as record
from tracer.record.records import GivenValue as GivenValue
from tracer.record.records import Iteration as Iteration
from tracer.record.records import Origin as Origin
from tracer.record.records import Recording as Recording
from tracer.record.records import WrittenEquation as WrittenEquation
from tracer.record.records import WrittenStep as WrittenStep
from tracer.record.records import WrittenTrace as WrittenTrace
from tracer.record.stored import EXPRESSIONS as EXPRESSIONS
from tracer.record.stored import SCHEMA as SCHEMA
from tracer.record.stored import VERSION as VERSION
from tracer.trace.conventions import Conventions as Conventions
