"""A written line as data, and how one line follows from the one above.

An expression is a tree of symbols, numbers, matrices and operations. Rules of `ops` build it by
being run on symbols; `working` then puts the numbers in and works it out line by line.
"""

from tracer.notation.brackets import ATOM as ATOM
from tracer.notation.brackets import LEVELS as LEVELS
from tracer.notation.brackets import level as level
from tracer.notation.brackets import needs_brackets as needs_brackets
from tracer.notation.entries import MOST_COLUMNS as MOST_COLUMNS
from tracer.notation.entries import MOST_ROWS as MOST_ROWS
from tracer.notation.entries import MOST_TERMS as MOST_TERMS
from tracer.notation.entries import entry as entry
from tracer.notation.entries import settle as settle
from tracer.notation.entries import shown as shown
from tracer.notation.entries import spread as spread
from tracer.notation.lines import PLAIN_OPERATORS as PLAIN_OPERATORS
from tracer.notation.lines import is_copy as is_copy
from tracer.notation.lines import substitute as substitute
from tracer.notation.lines import without_parts as without_parts
from tracer.notation.lines import working as working
from tracer.notation.tree import BORDERS as BORDERS
from tracer.notation.tree import BY_EXAMPLE as BY_EXAMPLE
from tracer.notation.tree import EXP_IN_FULL as EXP_IN_FULL
from tracer.notation.tree import FLAT as FLAT
from tracer.notation.tree import FLIPS as FLIPS
from tracer.notation.tree import REDUCTIONS as REDUCTIONS
from tracer.notation.tree import UNFLIPS as UNFLIPS
from tracer.notation.tree import Apply as Apply
from tracer.notation.tree import Dots as Dots
from tracer.notation.tree import Entry as Entry
from tracer.notation.tree import Expr as Expr
from tracer.notation.tree import Grid as Grid
from tracer.notation.tree import Matrix as Matrix
from tracer.notation.tree import Num as Num
from tracer.notation.tree import Part as Part
from tracer.notation.tree import Shape as Shape
from tracer.notation.tree import Sym as Sym
from tracer.notation.tree import Word as Word
from tracer.notation.tree import apply as apply
from tracer.notation.tree import lift as lift
