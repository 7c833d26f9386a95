"""Arrays as numpy saves them: one in an .npy, several in an .npz."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Collection

import numpy as np

from tracer.errors import nearest
from tracer.files import limits
from tracer.files.checks import (
    Loaded,
    Picks,
    Table,
    check_name,
    check_some,
    float64,
    size_of,
    values,
)
from tracer.files.file import File, short

LONGEST_NPY_HEADER = 1_000
"The most characters in the header of an .npy array; numpy writes about a hundred."
_SAVE_AGAIN = "save the arrays with numpy.savez"


def npy_values(file: File) -> Loaded:
    check_name(file.stem, file)
    return values({file.stem: _npy(file.content, file.stem, file, limits.MOST)})


def _npy(content: bytes, name: str, file: File, room: int) -> np.ndarray:
    shape, dtype, start = _npy_header(content, name, file)
    if dtype.kind not in "biuf":
        raise file.fault(
            f"{short(name)} holds {short(str(dtype))}, expected real numbers; save it as float64"
        )
    declared = size_of(shape, name, file, room) * dtype.itemsize
    if declared != len(content) - start:
        raise file.fault(
            f"{short(name)} declares {declared:,} bytes of numbers and has "
            f"{len(content) - start:,}; save it again"
        )
    return float64(np.load(io.BytesIO(content), allow_pickle=False), name, file)


def _npy_header(content: bytes, name: str, file: File) -> tuple[tuple[int, ...], np.dtype, int]:
    """The shape and the type that an .npy array declares, and where its numbers begin."""
    formats = np.lib.format
    stream = io.BytesIO(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            readers = {(1, 0): formats.read_array_header_1_0, (2, 0): formats.read_array_header_2_0}
            reader = readers[formats.read_magic(stream)]
            shape, _, dtype = reader(stream, max_header_size=LONGEST_NPY_HEADER)
            if bool in map(type, shape):  # an int to numpy's reader, and not to its reshape
                raise TypeError
    except Exception:  # a header is Python text, and reading one raises whatever it runs into
        raise file.fault(
            f"{short(name)} is no .npy array; save it with numpy.save or numpy.savez"
        ) from None
    return shape, dtype, stream.tell()


def npz_values(file: File) -> Loaded:
    return values(_npz(file, ()))


def npz_table(file: File, picks: Picks) -> Table:
    for target, names in picks.items():
        if len(names) > 1:
            raise file.fault(f"{short(target)} is from {len(names)} arrays, expected one")
    arrays = _npz(file, [names[0] for names in picks.values()])
    for name, found in arrays.items():
        if not found.ndim:
            raise file.fault(
                f"{short(name)} is a single number, expected examples in rows; "
                "say which arrays to take, as in 'X from data'"
            )
    return {target: arrays[names[0]] for target, names in picks.items()} or arrays


def _npz(file: File, wanted: Collection[str]) -> Table:
    """The wanted arrays of an .npz, or all of them."""
    archive, members = _members(file)
    chosen = dict.fromkeys(wanted or members)
    for name in chosen:
        if name not in members:
            raise file.fault(f"there is no array {short(name)}; {nearest(name, members)}")
    unpacked = sum(members[name].file_size for name in chosen)
    if unpacked > limits.LARGEST:
        raise file.fault(
            f"the file unpacks to {unpacked:,} bytes, expected at most {limits.LARGEST:,}"
        )
    arrays: Table = {}
    room = limits.MOST
    for name in chosen:
        arrays[name] = _npy(_unpacked(archive, members[name], name, file), name, file, room)
        room -= arrays[name].size
    return arrays


def _members(file: File) -> tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]:
    # counted before zipfile makes an object of each
    if file.content.count(b"PK\1\2") > limits.WIDEST:
        raise file.fault(f"the file has too many arrays, expected at most {limits.WIDEST:,}")
    try:
        archive = zipfile.ZipFile(io.BytesIO(file.content))
    except Exception:  # zipfile raises whatever a damaged directory makes it run into
        raise file.fault("this is no .npz archive; save it with numpy.savez") from None
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename.removesuffix(".npy")
        check_name(name, file)
        if name == info.filename or name in members:
            raise file.fault(f"{short(info.filename)} is no array or stands twice; {_SAVE_AGAIN}")
        members[name] = info
    check_some(members, file)
    return archive, members


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, file: File) -> bytes:
    """The bytes of one array, no more than its entry in the directory declares."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise file.fault(f"{short(name)} is packed in an unusual way; {_SAVE_AGAIN}")
    try:
        with archive.open(info) as member:
            # with a length, since read() unpacks far more before it cuts
            return member.read(info.file_size)
    except Exception:  # a password, a false checksum, a broken stream, ...
        raise file.fault(f"{short(name)} cannot be unpacked; {_SAVE_AGAIN}") from None
