"""Tensors in a .safetensors, the format in which large models are published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tracer.errors import LessonError
from tracer.files import limits
from tracer.files.checks import Loaded, check_some, float64, size_of, values
from tracer.files.file import File, either, short
from tracer.files.json_files import parse_json

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


@dataclass(frozen=True, order=True)
class _Tensor:
    """Where the numbers of a tensor are, in bytes behind the header, and what they are."""

    begin: int
    end: int
    name: str
    kind: str
    shape: tuple[int, ...]


def safetensors_values(file: File) -> Loaded:
    header, start = _tensor_header(file)
    tensors = [
        _tensor(entry, name, file) for name, entry in header.items() if name != "__metadata__"
    ]
    check_some(tensors, file)
    data = memoryview(file.content)[start:]
    _check_layout(tensors, len(data), file)
    return values({tensor.name: _tensor_array(tensor, data, file) for tensor in tensors})


def _tensor_header(file: File) -> tuple[dict[str, Any], int]:
    length = int.from_bytes(file.content[:8], "little")
    start = 8 + length
    if start > len(file.content) or length > LONGEST_HEADER:
        raise file.fault(
            f"the header is cut, or longer than {LONGEST_HEADER:,} bytes; save the file again"
        )
    try:
        header = parse_json(file.content[8:start].decode(), file, _whole)
    except ValueError:
        raise file.fault("the header is no JSON, expected a .safetensors file") from None
    if not isinstance(header, dict):
        raise file.fault("the header is no JSON object, expected a .safetensors file")
    return header, start


def _whole(digits: str) -> int:
    if len(digits) > 20:  # longer ones cannot even be printed
        raise ValueError
    return int(digits)


def _tensor(entry: object, name: str, file: File) -> _Tensor:
    match entry:
        case {"dtype": str(kind), "shape": [*shape], "data_offsets": [begin, end], **rest}:
            if rest or any(type(n) is not int for n in (begin, end, *shape)):  # nor a bool
                raise _no_tensor(name, file)
            if kind not in _TYPES:
                raise file.fault(f"{short(name)} holds {short(kind)}, expected {either(_TYPES)}")
            return _Tensor(begin, end, name, kind, tuple(shape))
    raise _no_tensor(name, file)


def _no_tensor(name: str, file: File) -> LessonError:
    return file.fault(
        f"the header does not give {short(name)} a dtype, a shape and data_offsets; "
        "save the file again"
    )


def _check_layout(tensors: Iterable[_Tensor], length: int, file: File) -> None:
    """Tensors lie one behind the other, from the first byte to the last."""
    reached, room = 0, limits.MOST
    for tensor in sorted(tensors):
        size = size_of(tensor.shape, tensor.name, file, room)
        declared = size * np.dtype(_TYPES[tensor.kind]).itemsize
        if tensor.begin != reached:
            raise file.fault(
                f"{short(tensor.name)} begins at byte {tensor.begin}, expected {reached}: "
                "tensors lie one behind the other"
            )
        if tensor.end - tensor.begin != declared:
            raise file.fault(
                f"{short(tensor.name)} has {tensor.end - tensor.begin} bytes, expected {declared} "
                "for its shape"
            )
        reached, room = tensor.end, room - size
    if reached != length:
        raise file.fault(f"{length:,} bytes follow the header, expected {reached:,}")


def _tensor_array(tensor: _Tensor, data: memoryview, file: File) -> np.ndarray:
    numbers = np.frombuffer(data[tensor.begin : tensor.end], _TYPES[tensor.kind])
    if tensor.kind == "BF16":  # the upper half of a float32
        numbers = (numbers.astype(np.uint32) << 16).view(np.float32)
    return float64(numbers.reshape(tensor.shape), tensor.name, file)
