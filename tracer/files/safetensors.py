"""Tensors in a .safetensors, the format in which large models are published."""

from __future__ import annotations

from typing import Any

import numpy as np

from tracer.errors import LessonError
from tracer.files import limits
from tracer.files.checks import Loaded, check_name, check_some, float64, size_of, values
from tracer.files.file import File, either, short

LONGEST_HEADER = 1_000_000
"The most bytes in the header of a .safetensors file."
_TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U8": "u1",
    "BOOL": "?",
}


def safetensors_values(file: File) -> Loaded:
    found = _tensors(file)
    check_some(found, file)
    room = limits.MOST
    arrays = {}
    for name in sorted(found):
        check_name(name, file)
        room -= size_of(found[name]["shape"], name, file, room)
        arrays[name] = _array(found[name], name, file)
    return values(arrays)


def _tensors(file: File) -> dict[str, Any]:
    """The type, the shape and the bytes of each tensor, by its name."""
    try:
        from safetensors import SafetensorError, deserialize
    except ImportError:
        raise LessonError(
            "reading it needs the package safetensors: python -m pip install 'tracer[safetensors]'",
            file.name,
        ) from None
    if int.from_bytes(file.content[:8], "little") > LONGEST_HEADER:
        raise file.fault(
            f"the header is cut, or longer than {LONGEST_HEADER:,} bytes; save the file again"
        )
    try:
        return dict(deserialize(file.content))
    except SafetensorError:
        raise file.fault(
            "its header cannot be read or does not fit its numbers; save the file again"
        ) from None


def _array(tensor: dict[str, Any], name: str, file: File) -> np.ndarray:
    kind = tensor["dtype"]
    if kind not in _TYPES:
        raise file.fault(f"{short(name)} holds {short(kind)}, expected {either(_TYPES)}")
    numbers = np.frombuffer(tensor["data"], _TYPES[kind])
    if kind == "BF16":  # the upper half of a float32
        numbers = (numbers.astype(np.uint32) << 16).view(np.float32)
    return float64(numbers.reshape(tensor["shape"]), name, file)
