"""Random lessons, and what an oracle that shares no code with `tracer` says of them.

records    a lesson as its generator knows it
markdown   the same as text
reals      true numbers: fractions as long as they last, then mpmath
duals      numbers with their slopes, forward mode
tables     matrices as plain lists of rows
pens       which digits stand on a page
formulas   formulas as trees: their text and their value
activations, losses, updates, networks, graphs
           what a lesson's words mean, by direct formulas
truth      every value, gradient and updated parameter of a lesson
naming     what a source calls them, and how they lie on its page
chance, moving, equations, layers, lessons
           the generator
words      what a lesson uses
smaller    lessons with something less
trees      what an exported line says, worked out
lines      whether a line follows from the one above it
notes      what is told of numbers that do not
hands      who writes what with which pen
exports    what was exported
pages      what stands on the pages of a lesson, judged from the first to the last
compared   what was exported beside what is true
judge      both
plain, run what knows `tracer`: a lesson as plain data, and the driver
"""
