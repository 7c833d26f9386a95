"""`tracer replay`: a lesson step by step, as an application at the keyboard or printed at once."""

from tracer.cli.replay.command import replay as replay
