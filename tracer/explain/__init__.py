"""Lesson and trace to blocks: the only part that knows everything."""

from tracer.explain.notes import pen_in_words as pen_in_words
from tracer.explain.pages import explain as explain
from tracer.explain.pages import explain_entry as explain_entry
from tracer.explain.pages import explain_quantity as explain_quantity
from tracer.explain.pages import explain_trace as explain_trace
