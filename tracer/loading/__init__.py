"""Numbers from files beside a lesson, for which no file is believed: not its name, not its sizes.

A file is checked in the order in which it could do harm: its path, its size, the sizes that it
declares, and only then its numbers.
"""

from tracer.loading.checks import Loaded as Loaded
from tracer.loading.checks import Picks as Picks
from tracer.loading.checks import Table as Table
from tracer.loading.limits import LARGEST as LARGEST
from tracer.loading.limits import LONGEST_NAME as LONGEST_NAME
from tracer.loading.limits import MOST as MOST
from tracer.loading.limits import WIDEST as WIDEST
from tracer.loading.numpy_files import LONGEST_NPY_HEADER as LONGEST_NPY_HEADER
from tracer.loading.safetensors import LONGEST_HEADER as LONGEST_HEADER
from tracer.loading.tables import Row as Row
from tracer.loading.words import load_table as load_table
from tracer.loading.words import load_values as load_values
