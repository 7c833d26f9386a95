"""The command `tracer`: input, keys and exit codes live here and nowhere else."""

from tracer.cli.main import main as main
