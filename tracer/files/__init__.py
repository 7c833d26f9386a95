"""Numbers from files beside a lesson, for which no file is believed: not its name, not its sizes.

A file is checked in the order in which it could do harm: its path, its size, the sizes that it
declares, and only then its numbers.
"""

from tracer.files.checks import Loaded as Loaded
from tracer.files.checks import Picks as Picks
from tracer.files.checks import Table as Table
from tracer.files.csv_files import Row as Row
from tracer.files.limits import LARGEST as LARGEST
from tracer.files.limits import LONGEST_NAME as LONGEST_NAME
from tracer.files.limits import MOST as MOST
from tracer.files.limits import WIDEST as WIDEST
from tracer.files.loading import load_table as load_table
from tracer.files.loading import load_values as load_values
from tracer.files.numpy_files import LONGEST_NPY_HEADER as LONGEST_NPY_HEADER
from tracer.files.safetensors import LONGEST_HEADER as LONGEST_HEADER
