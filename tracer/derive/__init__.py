"""Derivations: named steps that sympy proves."""

from tracer.derive.steps import Proof as Proof
from tracer.derive.steps import ProvedLine as ProvedLine
from tracer.derive.steps import derivation as derivation
from tracer.derive.steps import derive as derive
from tracer.derive.steps import only_variable as only_variable
from tracer.derive.stepwise import derive_stepwise as derive_stepwise
