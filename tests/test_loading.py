"""Numbers from a file beside the lesson: what is read, and the one line said where it is not."""

import io
import json
import os
import struct
import sys
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tracer.errors import TracerError
from tracer.files import limits, load_table, load_values

BOUNDED = settings(max_examples=100, deadline=None, derandomize=True)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
ARRAYS = arrays.arrays(
    np.float64, arrays.array_shapes(min_dims=0, max_dims=2, min_side=1, max_side=4), elements=FINITE
)
NAMES = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=10)
NAMED = st.dictionaries(NAMES, ARRAYS, min_size=1, max_size=4)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory):
    """A folder that many generated files are written to, one after the other."""
    return tmp_path_factory.mktemp("shelf")


def put(folder: Path, name: str, content: bytes | str) -> str:
    """A file in the folder, and its name."""
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


def fault(load, words: str, folder: Path) -> str:
    with pytest.raises(TracerError) as refused:
        load(words, folder)
    return str(refused.value)


def each(table: dict[str, dict[str, tuple]]) -> list:
    """The cases of a table that has them by the file's name, then by the claim."""
    return [
        pytest.param(name, *case, id=f"{name}, {claim}")
        for name, cases in table.items()
        for claim, case in cases.items()
    ]


def npy(numbers) -> bytes:
    stream = io.BytesIO()
    np.save(stream, numbers)
    return stream.getvalue()


def npy_by_hand(header: str, data: bytes = b"", version: int = 1) -> bytes:
    """An .npy array as numpy would never write it."""
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + length + header.encode("latin-1") + data


def declared(shape: str, descr: str = "'<f8'") -> str:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}"


def npz(save=np.savez, **named) -> bytes:
    stream = io.BytesIO()
    save(stream, **named)
    return stream.getvalue()


def zipped(members: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", how) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def in_the_directory(archive: bytes, offset: int, number: int) -> bytes:
    """The same archive with another number in the entry of its first file."""
    at = archive.index(b"PK\1\2") + offset
    return archive[:at] + struct.pack("<I", number) + archive[at + 4 :]


def safetensors(header: object, data: bytes = b"") -> bytes:
    """The format as its description has it: the header's length, the header, the numbers."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def tensor(dtype: str, shape: list, begin: int, end: int) -> dict:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def tensors(named: dict[str, np.ndarray]) -> bytes:
    header, data = {}, b""
    for name, numbers in named.items():
        header[name] = tensor("F64", list(numbers.shape), len(data), len(data) + numbers.nbytes)
        data += numbers.tobytes()
    return safetensors(header, data)


VALID = {
    "w.npz": npz(np.savez_compressed, W=[[0.1, 0.6], [0.2, 0.4]], b=[1, 2], c=3),
    "w.npy": npy(np.array([[0.1, 0.6], [0.2, 0.4]], ">f4")),
    "w.csv": b'x1,"x2",label\r\n0.1,0.6,1\n2e1,-0.4,0\n',
    "w.json": b'{"W": [[0.1, 0.6], [0.2, 0.4]], "b": [1, -2], "c": 3}',
    "w.safetensors": tensors({"W": np.array([[0.1, 0.6], [0.2, 0.4]]), "c": np.array(3.0)}),
}
"A file of each format."


def same(found, expected) -> bool:
    """Whether two sets of named numbers agree in names, kinds, shapes and every bit."""
    return list(found) == list(expected) and all(
        type(found[name]) is (float if np.ndim(numbers) == 0 else np.ndarray)
        and np.shape(found[name]) == np.shape(numbers)
        and np.asarray(found[name]).dtype == np.float64
        and np.asarray(found[name]).flags.c_contiguous
        and np.asarray(found[name]).tobytes() == np.asarray(numbers, np.float64).tobytes()
        for name, numbers in expected.items()
    )


# what is read

W, b, c = np.array([[0.1, 0.6], [0.2, 0.4]]), np.array([1.0, -2.0]), np.array(3.0)
READ = {
    "an .npz": ("w.npz", npz(W=W, b=b, c=c), {"W": W, "b": b, "c": 3}),
    "a packed .npz": ("w.npz", npz(np.savez_compressed, W=W, c=c), {"W": W, "c": 3}),
    "an .npz with a path in a name": ("w.npz", npz(**{"layer/W": W}), {"layer/W": W}),
    "a matrix in an .npy": ("W1.npy", npy(W), {"W1": W}),
    "a list in an .npy": ("b.npy", npy(b), {"b": b}),
    "a number in an .npy": ("c.npy", npy(c), {"c": 3}),
    "columns first": ("W.npy", npy(np.asfortranarray(W)), {"W": W}),
    "version 2 of .npy": ("a.npy", npy_by_hand(declared("(1,)"), bytes(8), 2), {"a": [0]}),
    "a .csv": ("W.csv", "0.1,0.6\n0.2,0.4\n", {"W": W}),
    "a .csv with a header": ("W.csv", "x1,x2\n0.1,0.6\n0.2,0.4\n", {"W": W}),
    "a header with an empty cell": ("W.csv", ",x1\n0,5\n1,6\n", {"W": [[0, 5], [1, 6]]}),
    "one row": ("W.csv", "1,2", {"W": [[1, 2]]}),
    "one column": ("W.csv", "1\n2", {"W": [[1], [2]]}),
    "spaces, quotes and blank lines": ("W.csv", ' 1 , "2"\n\n3, 4e0\n\n', {"W": [[1, 2], [3, 4]]}),
    "line ends of Windows": ("W.csv", "1,2\r\n3,4\r\n", {"W": [[1, 2], [3, 4]]}),
    "line ends of old": ("W.csv", "1,2\r3,4\r", {"W": [[1, 2], [3, 4]]}),
    "a byte order mark": ("W.csv", "\ufeff1,2\n", {"W": [[1, 2]]}),
    "a .json": (
        "w.json",
        '{"W": [[0.1, 0.6], [0.2, 0.4]], "b": [1, -2], "c": 3}',
        {"W": W, "b": b, "c": 3},
    ),
    "a .json with a byte order mark": ("w.json", '\ufeff{"c": 3}', {"c": 3}),
    "a .safetensors": (
        "w.safetensors",
        tensors({"W": W, "b": b, "c": c}),
        {"W": W, "b": b, "c": 3},
    ),
    "a .safetensors with notes": (
        "w.safetensors",
        safetensors({"__metadata__": {"format": "pt"}, "c": tensor("I8", [], 0, 1)}, b"\3"),
        {"c": 3},
    ),
    "a padded header": (
        "w.safetensors",
        safetensors(json.dumps({"c": tensor("I8", [], 0, 1)}).encode() + b"   ", b"\3"),
        {"c": 3},
    ),
    "tensors in another order than their numbers": (
        "w.safetensors",
        safetensors({"b": tensor("I8", [2], 1, 3), "a": tensor("I8", [], 0, 1)}, b"\1\2\3"),
        {"a": 1, "b": [2, 3]},
    ),
    "capitals": ("W.CSV", "1,2\n", {"W": [[1, 2]]}),
    "a file in a folder": ("data/my weights.json", '{"c": 3}', {"c": 3}),
    "a way back": ("data/../w.json", '{"c": 3}', {"c": 3}),
}


@pytest.mark.parametrize(("name", "content", "numbers"), READ.values(), ids=READ)
def test_numbers_are_read(tmp_path, name, content, numbers):
    (tmp_path / "data").mkdir()
    assert same(load_values(put(tmp_path, name, content), tmp_path), numbers)


def test_what_is_read_can_be_written_to(tmp_path):
    for name, content in VALID.items():
        for numbers in load_values(put(tmp_path, name, content), tmp_path).values():
            assert isinstance(numbers, float) or numbers.flags.writeable


@pytest.mark.parametrize(
    "dtype",
    ["f2", "f4", "f8", "g", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?", ">f4", ">i2"],
)
def test_every_real_dtype_becomes_float64(tmp_path, dtype):
    numbers = np.array([[0, 1], [1, 0]], dtype)
    content = npz(a=numbers)
    assert same(load_values(put(tmp_path, "a.npz", content), tmp_path), {"a": [[0, 1], [1, 0]]})


@pytest.mark.parametrize(
    ("dtype", "data", "numbers"),
    [
        ("F64", struct.pack("<2d", 0.1, -2e300), [0.1, -2e300]),
        (
            "F32",
            struct.pack("<2f", 0.5, -3e38),
            struct.unpack("<2f", struct.pack("<2f", 0.5, -3e38)),
        ),
        ("F16", struct.pack("<2e", 0.5, -65504), [0.5, -65504]),
        ("BF16", bytes.fromhex("803f 00c0 4940 0080"), [1, -2, 3.140625, -0.0]),
        ("I64", struct.pack("<2q", 3, -(2**53)), [3, -(2**53)]),
        ("I32", struct.pack("<2i", 3, -(2**31)), [3, -(2**31)]),
        ("I16", struct.pack("<2h", 3, -(2**15)), [3, -(2**15)]),
        ("I8", b"\x03\x80", [3, -128]),
        ("U8", b"\x03\xff", [3, 255]),
        ("BOOL", b"\x00\x01", [0, 1]),
    ],
)
def test_the_types_of_a_safetensors_file(tmp_path, dtype, data, numbers):
    content = safetensors({"a": tensor(dtype, [len(numbers)], 0, len(data))}, data)
    assert same(load_values(put(tmp_path, "a.safetensors", content), tmp_path), {"a": numbers})


CSV = "x1,x2,species,label\n0,0.5,setosa,1\n1,1.5,virginica,0\n"
TABLES = {
    "columns": (
        "d.csv, X from x1 x2, Y from label",
        CSV,
        {"X": [[0, 0.5], [1, 1.5]], "Y": [[1], [0]]},
    ),
    "their order is that of the words": ("d.csv, X from x2 x1", CSV, {"X": [[0.5, 0], [1.5, 1]]}),
    "one column for both": ("d.csv, X from x1, Y from x1", CSV, {"X": [[0], [1]], "Y": [[0], [1]]}),
    "all columns": ("d.csv", "x1,x2\n1,2\n3,4\n", {"x1": [[1], [3]], "x2": [[2], [4]]}),
    "idle spaces": ("  d.csv ,X  from  x1 ", CSV, {"X": [[0], [1]]}),
    "spaces around names": ("d.csv, X from x1 x2", " x1 , x2 \n5,6\n", {"X": [[5, 6]]}),
    "a column without a name": ("d.csv, X from x1", ",x1\n0,5\n1,6\n", {"X": [[5], [6]]}),
    "columns named by numbers": ("d.csv, X from 1", "0,1\n5,6\n", {"X": [[6]]}),
    "quoted names": ("d.csv, X from x1", '"x1","x, y"\n5,6\n', {"X": [[5]]}),
    "arrays": (
        "d.npz, X from data, Y from target",
        npz(data=W, target=b, names=np.array(["a"]), images=np.zeros((1, 2, 3)), seed=7),
        {"X": W, "Y": b},
    ),
    "all arrays": ("d.npz", npz(X=W, Y=b), {"X": W, "Y": b}),
}


@pytest.mark.parametrize(("words", "content", "numbers"), TABLES.values(), ids=TABLES)
def test_a_table_is_read_with_examples_in_rows(tmp_path, words, content, numbers):
    put(tmp_path, words.partition(",")[0].strip(), content)
    assert same(load_table(words, tmp_path), numbers)


# what others write is read bit for bit


@BOUNDED
@given(NAMED, st.sampled_from([np.savez, np.savez_compressed]))
def test_what_numpy_saves_together_is_read(shelf, named, save):
    content = zipped({f"{name}.npy": npy(a) for name, a in named.items()})
    if "file" not in named and "allow_pickle" not in named:
        content = npz(save, **named)
    assert same(load_values(put(shelf, "w.npz", content), shelf), named)


@BOUNDED
@given(ARRAYS, st.booleans())
def test_what_numpy_saves_alone_is_read(shelf, numbers, columns_first):
    saved = np.asfortranarray(numbers) if columns_first and numbers.ndim else numbers
    assert same(load_values(put(shelf, "a.npy", npy(saved)), shelf), {"a": numbers})


@BOUNDED
@given(ARRAYS.filter(lambda numbers: numbers.ndim == 2), st.sampled_from(["", "x,y", "made today"]))
def test_what_numpy_writes_as_text_is_read(shelf, numbers, header):
    np.savetxt(shelf / "a.csv", numbers, fmt="%.17g", delimiter=",", header=header)
    assert same(load_values("a.csv", shelf), {"a": numbers})


@BOUNDED
@given(NAMED)
def test_what_json_writes_is_read(shelf, named):
    content = json.dumps({name: numbers.tolist() for name, numbers in named.items()})
    assert same(load_values(put(shelf, "w.json", content), shelf), named)


@BOUNDED
@given(NAMED)
def test_a_safetensors_file_is_read(shelf, named):
    written = dict(sorted(named.items()))  # the format has no order of names
    assert same(load_values(put(shelf, "w.safetensors", tensors(named)), shelf), written)


# what is refused, each with what is said behind the name of the file

NAN = "is not a number, expected one such as -0.038 between commas"
NOT_TEXT = "the file is not UTF-8 text; save it as UTF-8"
REAL = "expected real numbers; save it as float64"
TWICE = "a name stands twice in one object, expected each name once"
CUT = "the header is cut, or longer than 1,000,000 bytes; save the file again"
NOT_WHOLE = "its header cannot be read or does not fit its numbers; save the file again"
DIMENSIONS = "has 3 dimensions, expected at most 2; reshape it first"
NOTHING = "has no entries, expected at least one number"
FINITE_ONES = "expected finite numbers"
A_NAME = "is no name, expected 1 to 100 printable characters"
NO_CELLS = "the line cannot be read, expected cells between commas"
NO_ARRAYS = "the file has no arrays, expected at least one"
NO_ARCHIVE = "this is no .npz archive; save it with numpy.savez"
NESTED = "the lists are nested too deeply, expected at most 2 dimensions"
NO_ROW = "there is a header and no row, expected rows of numbers"
EACH_ONCE = "has a name twice, expected each name once"
UNREAD = "cannot be read, expected 'X from x1 x2'"
NOT_NPY = "is no .npy array; save it with numpy.save or numpy.savez"
TOO_MANY = "the file has too many numbers, expected at most 5,000,000; keep a part of it"
KINDS = "expected a number, a list of numbers or a list of rows"
SAVE_AGAIN = "save the arrays with numpy.savez"
TENSOR_TYPES = "BF16, BOOL, F16, F32, F64, I16, I32, I64, I8 or U8"
REFUSED = {
    "w.npz": {
        "an empty file": ("", ": the file is empty, expected numbers"),
        "text for .npz": ("1,2\n", f": {NO_ARCHIVE}"),
        "half an archive": (npz(W=W)[:-30], f": {NO_ARCHIVE}"),
        "no arrays": (zipped({}), f": {NO_ARRAYS}"),
        "another file in the archive": (
            zipped({"a.txt": b"1"}),
            f": 'a.txt' is no array or stands twice; {SAVE_AGAIN}",
        ),
        "an array twice": (
            zipped({"a.npy": npy(W), "b.npy": npy(W)}).replace(b"b.npy", b"a.npy"),
            f": 'a.npy' is no array or stands twice; {SAVE_AGAIN}",
        ),
        "another file named so": (zipped({"a.npy": b"1"}), f": 'a' {NOT_NPY}"),
        "an unusual packing": (
            zipped({"a.npy": npy(W)}, zipfile.ZIP_LZMA),
            f": 'a' is packed in an unusual way; {SAVE_AGAIN}",
        ),
        "a changed byte": (
            npz(W=W).replace(struct.pack("<d", 0.6), struct.pack("<d", 0.7)),
            f": 'W' cannot be unpacked; {SAVE_AGAIN}",
        ),
        "three dimensions in .npz": (npz(W=W, a=np.zeros((1, 1, 1))), f": 'a' {DIMENSIONS}"),
    },
    "w.csv": {
        "a word among numbers": ("1,2\n3,x\n", f":2: 'x' in column 2 {NAN}"),
        "a word in the first row": ("1,x\n3,4\n", f":1: 'x' in column 2 {NAN}"),
        "a missing number": ("1,2\n3,\n", f":2: '' in column 2 {NAN}"),
        "missing numbers in front": (",\n3,4\n", f":1: '' in column 1 {NAN}"),
        "a number of Python": ("1_000\n", f":1: '1_000' in column 1 {NAN}"),
        "semicolons": ("a;b\n1;2\n", f":2: '1;2' in column 1 {NAN}"),
        "nan": ("1,2\n\nnan,2\n", ":3: 'nan' in column 1 is not a finite number"),
        "nan in the first row": ("nan,inf\n", ":1: 'nan' in column 1 is not a finite number"),
        "too large a number": ("1e999\n", ":1: '1e999' in column 1 is not a finite number"),
        "a short row": ("1,2\n3\n", ":2: the row has 1 cells, expected 2"),
        "a header alone": ("x1,x2\n", f":1: 'x1' in column 1 {NAN}"),
        "blank lines alone": ("\n \n", ": the file is blank, expected numbers"),
        "an open quote": ('1\n"2\n3"\n', f":2: {NO_CELLS}"),
        "a cell without end": ("1" * 200_000, f":1: {NO_CELLS}"),
        "another encoding": (b"1,2\n\xff\xfe,2\n", f":2: {NOT_TEXT}"),
        "a line too wide": (
            "1," * 10_000,
            ":1: the line has too many cells, expected at most 10,000",
        ),
    },
    "w.json": {
        "no JSON": ('{"a":\n 1 2}', ":2: this is no JSON: Expecting ',' delimiter, column 4"),
        "JSON in another encoding": (b'{"a":\n\xff}', f":2: {NOT_TEXT}"),
        "a list at the top": (
            "[1]",
            ': expected names and their numbers, such as {"W": [[0.1, 0.6]], "b": 0}',
        ),
        "an empty object": ("{}", f": {NO_ARRAYS}"),
        "an object in an object": (
            '{"a": {"W": 1}}',
            f": 'a' holds an object for a number, {KINDS}",
        ),
        "a number in quotes": ('{"a": ["1"]}', f": 'a' holds text for a number, {KINDS}"),
        "true": ('{"a": [1, true]}', f": 'a' holds true, {KINDS}"),
        "null": ('{"a": null}', f": 'a' holds null, {KINDS}"),
        "a list among numbers": ('{"a": [1, [2]]}', f": 'a' holds a list for a number, {KINDS}"),
        "a number among lists": (
            '{"a": [[1], 2]}',
            ": row 2 of 'a' is unlike row 1, expected 1 numbers",
        ),
        "rows of unequal length": (
            '{"a": [[1, 2], [3]]}',
            ": row 2 of 'a' is unlike row 1, expected 2 numbers",
        ),
        "three dimensions in JSON": ('{"a": [[[1]]]}', f": 'a' holds a list for a number, {KINDS}"),
        "an empty list": ('{"a": []}', f": 'a' {NOTHING}"),
        "empty rows": ('{"a": [[], []]}', f": 'a' {NOTHING}"),
        "NaN": ('{"a": NaN}', f": NaN is not a finite number, {FINITE_ONES}"),
        "-Infinity": ('{"a": [-Infinity]}', f": -Infinity is not a finite number, {FINITE_ONES}"),
        "too large a number in JSON": ('{"a": [1, 1e999]}', f": 'a'[2] is inf, {FINITE_ONES}"),
        "a name twice": ('{"a": 1, "a": 2}', f": {TWICE}"),
        "a name twice, written otherwise": ('{"a": 1, "\\u0061": 2}', f": {TWICE}"),
        "no name": ('{"": 1}', f": '' {A_NAME}"),
        "a name of two lines": ('{"a\\nb": 1}', rf": 'a\nb' {A_NAME}"),
    },
    "w.npy": {
        "text for .npy": ("1,2\n", f": 'w' {NOT_NPY}"),
        "an .npz for .npy": (npz(W=W), f": 'w' {NOT_NPY}"),
        "three dimensions": (npy(np.zeros((1, 2, 3))), f": 'w' {DIMENSIONS}"),
        "nothing": (npy(np.zeros((0, 3))), f": 'w' {NOTHING}"),
        "words": (npy(np.array(["ab"])), f": 'w' holds '<U2', {REAL}"),
        "complex numbers": (npy(np.array([1j])), f": 'w' holds 'complex128', {REAL}"),
        "dates": (npy(np.zeros(1, "M8[s]")), f": 'w' holds 'datetime64[s]', {REAL}"),
        "records": (npy(np.zeros(1, [("a", "f8")])), f": 'w' holds \"[('a', '<f8')]\", {REAL}"),
        "nan in a matrix": (
            npy(np.array([[1, 2], [np.nan, 4]])),
            f": 'w'[2,1] is nan, {FINITE_ONES}",
        ),
        "infinity alone": (npy(np.array(-np.inf)), f": 'w' is -inf, {FINITE_ONES}"),
        "half the numbers": (
            npy(W)[:-8],
            ": 'w' declares 32 bytes of numbers and has 24; save it again",
        ),
        "numbers behind the numbers": (
            npy(W) + b"\0",
            ": 'w' declares 32 bytes of numbers and has 33; save it again",
        ),
        "half a header": (npy(W)[:20], f": 'w' {NOT_NPY}"),
    },
    "w.safetensors": {
        "text for .safetensors": ("1,2\n", f": {CUT}"),
        "a header that goes on": (struct.pack("<Q", 3) + b"{}", f": {NOT_WHOLE}"),
        "a header too long": (safetensors(b"{}" + b" " * 1_000_000), f": {CUT}"),
        "a header in another encoding": (safetensors(b'{"\xff": 1}'), f": {NOT_WHOLE}"),
        "a list for a header": (
            safetensors([]),
            f": {NOT_WHOLE}",
        ),
        "no tensors": (safetensors({"__metadata__": {}}), f": {NO_ARRAYS}"),
        "a tensor twice": (safetensors(b'{"a": 1, "a": 1}'), f": {NOT_WHOLE}"),
        "an unknown type": (
            safetensors({"a": tensor("F8_E4M3", [1], 0, 1)}, b"1"),
            f": 'a' holds 'F8_E4M3', expected {TENSOR_TYPES}",
        ),
        "no offsets": (safetensors({"a": {"dtype": "I8", "shape": []}}), f": {NOT_WHOLE}"),
        "more than offsets": (
            safetensors({"a": {**tensor("I8", [], 0, 1), "x": 1}}),
            f": {NOT_WHOLE}",
        ),
        "a type that is no word": (safetensors({"a": tensor([], [], 0, 1)}), f": {NOT_WHOLE}"),
        "half a row": (safetensors({"a": tensor("I8", [1.5], 0, 1)}), f": {NOT_WHOLE}"),
        "true for 1": (safetensors({"a": tensor("I8", [True], 0, 1)}, b"1"), f": {NOT_WHOLE}"),
        "three dimensions in a tensor": (
            safetensors({"a": tensor("I8", [1, 1, 1], 0, 1)}, b"1"),
            f": 'a' {DIMENSIONS}",
        ),
        "nothing in a tensor": (safetensors({"a": tensor("I8", [0], 0, 0)}), f": 'a' {NOTHING}"),
        "nan in a tensor": (
            safetensors({"a": tensor("BF16", [2], 0, 4)}, b"\x80\x3f\xc0\x7f"),
            f": 'a'[2] is nan, {FINITE_ONES}",
        ),
        "one tensor over another": (
            safetensors({"a": tensor("I8", [2], 0, 2), "b": tensor("I8", [2], 1, 3)}, b"123"),
            f": {NOT_WHOLE}",
        ),
        "two tensors in one place": (
            safetensors({"a": tensor("I8", [2], 0, 2), "b": tensor("I8", [2], 0, 2)}, b"12"),
            f": {NOT_WHOLE}",
        ),
        "a gap": (
            safetensors({"a": tensor("I8", [1], 0, 1), "b": tensor("I8", [1], 2, 3)}, b"123"),
            f": {NOT_WHOLE}",
        ),
        "a tensor before the data": (
            safetensors({"a": tensor("I8", [2], -1, 1)}, b"1"),
            f": {NOT_WHOLE}",
        ),
        "a tensor backwards": (
            safetensors({"a": tensor("I8", [1], 0, -1)}, b"1"),
            f": {NOT_WHOLE}",
        ),
        "too few bytes for a shape": (
            safetensors({"a": tensor("F32", [2], 0, 4)}, b"1234"),
            f": {NOT_WHOLE}",
        ),
        "too few bytes in the file": (
            safetensors({"a": tensor("F32", [2], 0, 8)}, b"1234"),
            f": {NOT_WHOLE}",
        ),
        "bytes behind the tensors": (
            safetensors({"a": tensor("I8", [1], 0, 1)}, b"12"),
            f": {NOT_WHOLE}",
        ),
    },
}


@pytest.mark.parametrize(("name", "content", "said"), each(REFUSED))
def test_a_file_is_refused(tmp_path, name, content, said):
    assert fault(load_values, put(tmp_path, name, content), tmp_path) == name + said


TABLES_REFUSED = {
    "a misspelt column": (
        "d.csv, Y from labels",
        CSV,
        ":1: the header has no column 'labels'; did you mean 'label'?",
    ),
    "an unknown column": (
        "d.csv, X from x3",
        CSV,
        ":1: the header has no column 'x3'; known here: x1, x2, species, label",
    ),
    "a column without numbers": ("d.csv, X from species", CSV, f":2: 'setosa' in column 3 {NAN}"),
    "all columns, one without numbers": ("d.csv", CSV, f":2: 'setosa' in column 3 {NAN}"),
    "all columns, one without a name": (
        "d.csv",
        ",x1\n0,5\n",
        ":1: a column has no name; say which to take, as in 'X from x1 x2'",
    ),
    "all columns, no header": (
        "d.csv",
        "1,2\n3,4\n",
        ":1: the line has numbers, expected a header with the columns' names",
    ),
    "two columns of one name": (
        "d.csv, X from x",
        "x,x\n1,2\n",
        ":1: the header has 'x' twice, expected each name once",
    ),
    "a header alone": ("d.csv, X from x1", "x1\n", f": {NO_ROW}"),
    "a long row": (
        "d.csv, X from x1",
        "x1,x2\n1,2\n1,2,3\n",
        ":3: the row has 3 cells, expected 2",
    ),
    "an unknown array": (
        "d.npz, X from date",
        npz(data=W),
        ": there is no array 'date'; did you mean 'data'?",
    ),
    "two arrays for one": (
        "d.npz, X from a b",
        npz(a=W, b=W),
        ": 'X' is from 2 arrays, expected one",
    ),
    "an archive of nothing": ("d.npz", zipped({}), f": {NO_ARRAYS}"),
    "a number for a table": (
        "d.npz",
        npz(X=W, seed=7),
        ": 'seed' is a single number, expected examples in rows; "
        "say which arrays to take, as in 'X from data'",
    ),
    "a part without from": ("d.csv, X is x1", CSV, f"'X is x1' {UNREAD}"),
    "a part without columns": ("d.csv, X from", CSV, f"'X from' {UNREAD}"),
    "an empty part": ("d.csv,", CSV, f"'' {UNREAD}"),
    "a target twice": ("d.csv, X from x1, X from x2", CSV, f"'X from x2' {EACH_ONCE}"),
    "a column twice": ("d.csv, X from x1 x1", CSV, f"'X from x1 x1' {EACH_ONCE}"),
    "a format without tables": (
        "d.json, X from a",
        "{}",
        "'d.json' is not read here, expected .csv or .npz",
    ),
}


@pytest.mark.parametrize(("words", "content", "said"), TABLES_REFUSED.values(), ids=TABLES_REFUSED)
def test_a_table_is_refused(tmp_path, words, content, said):
    name = put(tmp_path, words.partition(",")[0], content)
    assert fault(load_table, words, tmp_path) == (name + said if said.startswith(":") else said)


# what once broke a reader or is made to, and what is said now

BROKE = {
    "w.npy": {
        "numpy's reader takes True for a length, its reshape does not": (
            npy_by_hand(declared("(True,)"), bytes(8)),
            f": 'w' {NOT_NPY}",
        ),
        "a length below 0 counts backwards": (
            npy_by_hand(declared("(-2, -2)"), bytes(32)),
            f": 'w' {NOTHING}",
        ),
        "a length longer than Python prints": (
            npy_by_hand(declared(f"(0x{'f' * 4000},)")),
            f": 'w' {NOT_NPY}",
        ),
        "lengths whose product is 0 in 64 bits": (
            npy_by_hand(declared("(4294967296, 4294967296)")),
            f": {TOO_MANY}",
        ),
        "a header that nests": (npy_by_hand("(" * 900), f": 'w' {NOT_NPY}"),
        "a header with signs without end": (npy_by_hand("-" * 900 + "1"), f": 'w' {NOT_NPY}"),
        "a header longer than any": (
            npy_by_hand(declared("(1,)") + " " * 2000, bytes(8)),
            f": 'w' {NOT_NPY}",
        ),
        "a header of 4 GB": (b"\x93NUMPY\2\0\xff\xff\xff\xff{", f": 'w' {NOT_NPY}"),
        "a header of Python 2, which warns": (
            npy_by_hand(declared("(1L,)"), bytes(8)),
            f": 'w' {NOT_NPY}",
        ),
        "a type that warns": (npy_by_hand(declared("(1,)", "'\\d'"), bytes(8)), f": 'w' {NOT_NPY}"),
        "a type that is no type": (
            npy_by_hand(declared("(1,)", "5"), bytes(8)),
            f": 'w' {NOT_NPY}",
        ),
        "a type with a shape of its own": (
            npy_by_hand(declared("(1,)", "('<f8', (2,))"), bytes(16)),
            f": 'w' holds \"('<f8', (2,))\", {REAL}",
        ),
        "an object to unpickle": (
            npy_by_hand(declared("(1,)", "'|O'"), b"cos\nsystem\n(S'true'\ntR."),
            f": 'w' holds 'object', {REAL}",
        ),
        "a version to come": (npy_by_hand(declared("(1,)"), bytes(8), 9), f": 'w' {NOT_NPY}"),
    },
    "w.npz": {
        "a password": (in_the_directory(npz(W=W), 8, 1), f": 'W' cannot be unpacked; {SAVE_AGAIN}"),
        "a directory that points nowhere": (
            npz(W=W)[:-6] + b"\xff\xff\xff\x7f\0\0",
            f": 'W' cannot be unpacked; {SAVE_AGAIN}",
        ),
        "an archive of a version to come": (in_the_directory(npz(W=W), 6, 255), f": {NO_ARCHIVE}"),
        "a pickle named .npz": (b"cos\nsystem\n(S'true'\ntR.", f": {NO_ARCHIVE}"),
        "a directory of ten million": (
            b"PK\1\2" * 10_001,
            ": the file has too many arrays, expected at most 10,000",
        ),
    },
    "w.json": {
        "lists without end": ('{"a": ' + "[" * 100_000, f": {NESTED}"),
        "objects without end": ('{"a": ' * 100_000, f": {NESTED}"),
        "a number longer than Python reads": (
            '{"a": ' + "1" * 5000 + "}",
            f": 'a' is inf, {FINITE_ONES}",
        ),
        "a name of half a character": ('{"\\ud800": 1}', rf": '\ud800' {A_NAME}"),
        "a name without end": ('{"' + "a" * 100_000 + '": 1}', f": '{'a' * 37}...' {A_NAME}"),
        "more names than are compared": (
            json.dumps({f"a{k}": 1 for k in range(10_001)}),
            ": an object has too many names, expected at most 10,000",
        ),
    },
    "w.safetensors": {
        "a header of 16 million TB": (b"\xff" * 8 + b"{}", f": {CUT}"),
        "a header that is half a number": (b"\2\0\0", f": {NOT_WHOLE}"),
        "a header that nests, in JSON": (safetensors(b"[" * 100_000), f": {NOT_WHOLE}"),
        "an offset longer than Python prints": (
            safetensors(
                b'{"a": {"dtype": "I8", "shape": [1], "data_offsets": [0, ' + b"1" * 4000 + b"]}}"
            ),
            f": {NOT_WHOLE}",
        ),
        "lengths whose product is 0 in 64 bits, in a tensor": (
            safetensors({"a": tensor("I8", [2**32, 2**32], 0, 0)}),
            f": {NOT_WHOLE}",
        ),
    },
    "w.csv": {
        "a null byte in a number": ("1\0,2\n", rf":1: '1\x00' in column 1 {NAN}"),
        "a line end that only Unicode knows": (
            "3\n1\u20282\n",
            rf":2: '1\u20282' in column 1 {NAN}",
        ),
    },
}


@pytest.mark.parametrize(("name", "content", "said"), each(BROKE))
def test_what_broke_a_reader_is_refused(tmp_path, name, content, said):
    assert fault(load_values, put(tmp_path, name, content), tmp_path) == name + said


def test_without_its_package_a_safetensors_file_is_refused_with_the_way_to_it(
    tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    said = (
        "w.safetensors: reading it needs the package safetensors: "
        "python -m pip install 'tracer[safetensors]'"
    )
    assert fault(load_values, put(tmp_path, "w.safetensors", "1"), tmp_path) == said


def test_a_header_that_warns_is_refused_whether_warnings_are_shown_or_not(tmp_path):
    name = put(tmp_path, "w.npy", npy_by_hand(declared("(1L,)"), bytes(8)))
    with warnings.catch_warnings(record=True, action="always") as shown:
        assert fault(load_values, name, tmp_path) == f"w.npy: 'w' {NOT_NPY}"
    assert shown == []


@pytest.mark.skipif(
    np.finfo(np.longdouble).max == np.finfo(np.float64).max, reason="no number here is larger"
)
def test_a_number_too_large_for_float64_is_refused(tmp_path):
    name = put(tmp_path, "w.npy", npy(np.finfo(np.longdouble).max))
    assert fault(load_values, name, tmp_path) == f"w.npy: 'w' is inf, {FINITE_ONES}"


# a file is named by a path inside the lesson's folder

SECRET = '{"secret": 777}'
INSIDE = (
    "is no path in the lesson's folder, expected one such as data/points.csv, "
    "with / between folders"
)
OUTSIDE = "leads out of the lesson's folder, expected a file in it; copy it there"
FORMATS = "expected .csv, .json, .npy, .npz or .safetensors"
PATHS = {
    "": f"'' {INSIDE}",
    ".": f"'.' is not read here, {FORMATS}",
    "..": f"'..' {OUTSIDE}",
    "../secret.json": f"'../secret.json' {OUTSIDE}",
    "../nothing.json": f"'../nothing.json' {OUTSIDE}",
    "data/../../secret.json": f"'data/../../secret.json' {OUTSIDE}",
    "nowhere/../../secret.json": f"'nowhere/../../secret.json' {OUTSIDE}",
    "../lesson-2/secret.json": f"'../lesson-2/secret.json' {OUTSIDE}",
    "/etc/hosts": f"'/etc/hosts' {INSIDE}",
    "//host/share/w.json": f"'//host/share/w.json' {INSIDE}",
    r"..\secret.json": rf"'..\\secret.json' {INSIDE}",
    r"data\w.json": rf"'data\\w.json' {INSIDE}",
    "C:/w.json": f"'C:/w.json' {INSIDE}",
    "w.json:stream": f"'w.json:stream' {INSIDE}",
    "w.json\0.npy": rf"'w.json\x00.npy' {INSIDE}",
    "w\n.json": rf"'w\n.json' {INSIDE}",
    "\ud800.json": rf"'\ud800.json' {INSIDE}",
    "~/w.json": "there is no file '~/w.json' beside the lesson; put it there",
    "v.json": "there is no file 'v.json' beside the lesson; did you mean 'w.json'?",
    "data/v.json": "there is no file 'data/v.json' beside the lesson; did you mean 'data/w.json'?",
    "data.json": "'data.json' is a folder or a device, expected a file",
    "data": f"'data' is not read here, {FORMATS}",
    "w.pt": f"'w.pt' is not read here, {FORMATS}",
}


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A lesson's folder, with files in it and files around it."""
    around = tmp_path_factory.mktemp("around")
    folder = around / "lesson"
    (folder / "data.json").mkdir(parents=True)
    put(folder, "w.json", '{"w": 1}')
    put(folder, "data/w.json", '{"w": 2}')
    put(around, "secret.json", SECRET)
    put(around, "lesson-2/secret.json", SECRET)
    return folder


@pytest.fixture(scope="session")
def linked(home):
    """The same folder, with links that lead in and out."""
    links = {
        "in.json": "w.json",
        "out.json": "../secret.json",
        "out": "..",
        "again.json": "again.json",
        "gone.json": "../gone.json",
    }
    for name, target in links.items():
        try:
            (home / name).symlink_to(target)
        except OSError:
            pytest.skip("this system makes no links")
    return home


@pytest.fixture(scope="session")
def opened():
    """Every path that Python opens, as its own audit says."""
    paths = []
    sys.addaudithook(lambda event, args: paths.append(args[0]) if event == "open" else None)
    return paths


@pytest.mark.parametrize(("words", "said"), PATHS.items(), ids=[words[:30] for words in PATHS])
def test_a_path_is_refused(home, words, said):
    assert fault(load_values, words, home) == said


def test_a_whole_path_is_refused_even_of_a_file_in_the_folder(home):
    words = (home / "w.json").as_posix()
    assert fault(load_values, words, home).endswith(f"' {INSIDE}")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_file_whose_name_cannot_be_printed_is_not_suggested(tmp_path):
    put(tmp_path, "w\n.json", "{}")
    said = "there is no file 'w.json' beside the lesson; put it there"
    assert fault(load_values, "w.json", tmp_path) == said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("out.json", f"'out.json' {OUTSIDE}"),
        ("gone.json", f"'gone.json' {OUTSIDE}"),
        ("out/secret.json", f"'out/secret.json' {OUTSIDE}"),
        ("out/../lesson/w.json", f"'out/../lesson/w.json' {OUTSIDE}"),
    ],
)
def test_a_link_that_leads_out_is_refused(linked, words, said):
    assert fault(load_values, words, linked) == said


@pytest.mark.parametrize("words", ["again.json", "w.json/v.json", "a" * 300 + ".json"])
def test_where_the_system_finds_nothing_it_says_so_in_its_own_words(linked, words):
    assert fault(load_values, words, linked).startswith(f"'{words[:37]}")


def test_a_link_that_stays_in_the_folder_is_followed(linked):
    assert load_values("in.json", linked) == {"w": 1}
    assert load_values("out/lesson/w.json", linked) == {"w": 1}


PARTS = ["..", ".", "", "lesson", "data", "out", "secret", "w", "in", "gone", "C:", "~", "\\", "\0"]
PATH_WORDS = st.tuples(
    st.lists(st.sampled_from(PARTS), max_size=5).map("/".join), st.sampled_from([".json", ""])
).map("".join)


@BOUNDED
@given(PATH_WORDS | st.text(max_size=20))
@example("../secret.json")
@example("out.json")
@example("out/secret.json")
def test_nothing_outside_the_folder_is_opened(linked, opened, words):
    opened.clear()
    try:
        found = load_values(words, linked)
    except TracerError:
        found = {}
    assert found in ({}, {"w": 1}, {"w": 2})
    paths = [Path(os.path.realpath(path)) for path in opened if isinstance(path, str)]
    assert all(path.is_relative_to(linked) for path in paths)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "w.json")
    said = "'w.json' is a folder or a device, expected a file"
    assert fault(load_values, "w.json", tmp_path) == said


def test_a_file_that_may_not_be_read_is_refused(home, monkeypatch):
    def refuse(*args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert fault(load_values, "w.json", home) == "'w.json' cannot be read: Permission denied"


# sizes are checked before memory is taken


def test_a_large_file_is_not_opened(tmp_path, opened):
    with (tmp_path / "w.npy").open("wb") as file:
        file.truncate(50_000_001)
    opened.clear()
    said = "w.npy: the file has 50,000,001 bytes, expected at most 50,000,000; keep a part"
    assert fault(load_values, "w.npy", tmp_path) == said
    assert opened == []


def peak(load, words: str, folder: Path) -> tuple[int, str]:
    """The most bytes in use while a file is refused, and what is said."""
    tracemalloc.start()
    try:
        said = fault(load, words, folder)
        return tracemalloc.get_traced_memory()[1], said
    finally:
        tracemalloc.stop()


def bomb(*megabytes: int) -> bytes:
    """An archive of files full of zeros, a thousandth of their size."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, size in enumerate(megabytes, 1):
            with archive.open(f"W{number}.npy", "w") as member:
                for _ in range(size):
                    member.write(bytes(1_000_000))
    return stream.getvalue()


BOMBS = {
    "60 MB of zeros": (
        "w.npz",
        bomb(60),
        ": the file unpacks to 60,000,000 bytes, expected at most 50,000,000",
    ),
    "30 MB of zeros, twice": (
        "w.npz",
        bomb(30, 30),
        ": the file unpacks to 60,000,000 bytes, expected at most 50,000,000",
    ),
    "60 MB that claim to be 1 kB": (
        "w.npz",
        in_the_directory(bomb(60), 24, 1000),
        f": 'W1' cannot be unpacked; {SAVE_AGAIN}",
    ),
    "a header that declares 40 GB": (
        "w.npy",
        npy_by_hand(declared("(5000, 1000000)")),
        f": {TOO_MANY}",
    ),
    "a header that declares 40 MB": (
        "w.npy",
        npy_by_hand(declared("(5000, 1000)")),
        ": 'w' declares 40,000,000 bytes of numbers and has 0; save it again",
    ),
    "tensors that declare 40 GB": (
        "w.safetensors",
        safetensors({"a": tensor("F64", [5000, 10**6], 0, 4 * 10**10)}),
        f": {NOT_WHOLE}",
    ),
    "tensors that declare 40 MB": (
        "w.safetensors",
        safetensors({"a": tensor("F64", [5000, 1000], 0, 4 * 10**7)}),
        f": {NOT_WHOLE}",
    ),
}


@pytest.mark.parametrize(("name", "content", "said"), BOMBS.values(), ids=BOMBS)
def test_what_is_declared_takes_no_memory(tmp_path, name, content, said):
    most, text = peak(load_values, put(tmp_path, name, content), tmp_path)
    assert text == name + said
    assert most < 2_000_000


SIX, SEVEN = list(range(6)), list(range(7))


@pytest.mark.parametrize(
    ("name", "six", "seven"),
    [
        ("w.npy", npy(SIX), npy(SEVEN)),
        ("w.npz", npz(a=SIX[:3], b=SIX[3:]), npz(a=SIX[:3], b=SEVEN[3:])),
        ("w.csv", "0,1,2\n3,4,5\n", "0\n1\n2\n3\n4\n5\n6"),
        (
            "w.safetensors",
            tensors({"a": np.arange(3.0), "b": np.arange(3.0)}),
            tensors({"a": np.arange(3.0), "b": np.arange(4.0)}),
        ),
    ],
)
def test_the_numbers_of_a_file_are_counted_together(tmp_path, monkeypatch, name, six, seven):
    monkeypatch.setattr(limits, "MOST", 6)
    found = load_values(put(tmp_path, name, six), tmp_path)
    assert sum(map(np.size, found.values())) == 6
    said = f"{name}: the file has too many numbers, expected at most 6; keep a part of it"
    assert fault(load_values, put(tmp_path, name, seven), tmp_path) == said


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [("w.csv", "\n" * 7 + "1", "lines"), ("w.json", '{"a": [[],[],[],[]]}', "numbers and lists")],
)
def test_lines_and_lists_are_counted_too(tmp_path, monkeypatch, name, content, what):
    monkeypatch.setattr(limits, "MOST", 6)
    said = f"{name}: the file has too many {what}, expected at most 6; keep a part of it"
    assert fault(load_values, put(tmp_path, name, content), tmp_path) == said


def test_only_the_columns_and_arrays_that_are_taken_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MOST", 6)
    put(tmp_path, "d.csv", "a,b,c\n" + "1,2,3\n" * 3)
    put(tmp_path, "d.npz", npz(a=SIX, b=SEVEN))
    assert load_table("d.csv, X from a b", tmp_path)["X"].shape == (3, 2)
    assert load_table("d.npz, X from a", tmp_path)["X"].shape == (6,)


# whatever a file holds, it is read or refused in one line

FRAGMENTS = [
    *(b"True", b"(-1,)", b"(1, 2, 3)", b"()", b"(1L,)", b"9" * 30, b"9" * 400, b"0xff", b"((((("),
    *(b"|O", b"<U5", b"<c16", b">f4", b"?", b"('<f8', (2,))", b"nan", b"1e999", b"1_0", b"NaN"),
    *(b"[", b"]", b"{", b"}", b'"', b"'", b",", b"\n", b"\r", b"\0", b"null", b"true", b"\\ud800"),
    *(b"PK\1\2", b"PK\3\4", b"PK\5\6", b"\xff\xff\xff\xff", b"\xff\xfe", b"\xef\xbb\xbf"),
]
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["insert", "overwrite", "delete", "cut"]),
        st.integers(0, 1000),
        st.sampled_from(FRAGMENTS) | st.binary(min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=4,
)


def changed(content: bytes, changes) -> bytes:
    for how, where, piece in changes:
        at = where % (len(content) + 1)
        content = {
            "insert": content[:at] + piece + content[at:],
            "overwrite": content[:at] + piece + content[at + len(piece) :],
            "delete": content[:at] + content[at + len(piece) :],
            "cut": content[:at],
        }[how]
    return content


def read_or_refused(load, words: str, folder: Path) -> None:
    try:
        found = load(words, folder)
    except TracerError as error:
        text = str(error)
        assert text.isprintable()
        assert len(text) < 500
    else:
        assert found
        for numbers in found.values():
            assert np.asarray(numbers).dtype == np.float64
            assert np.isfinite(numbers).all()
            assert np.ndim(numbers) <= 2
            assert np.size(numbers)


def each_way(name: str, content: bytes, folder: Path) -> None:
    put(folder, name, content)
    read_or_refused(load_values, name, folder)
    if name in ("w.csv", "w.npz"):
        read_or_refused(load_table, name, folder)
        read_or_refused(load_table, f"{name}, X from x1 label, Y from x2", folder)
        read_or_refused(load_table, f"{name}, X from W", folder)


@pytest.mark.parametrize("name", VALID)
@BOUNDED
@given(content=st.binary(max_size=300))
def test_random_bytes(shelf, name, content):
    each_way(name, content, shelf)


@pytest.mark.parametrize("name", VALID)
@BOUNDED
@given(changes=CHANGES)
def test_a_file_with_changes(shelf, name, changes):
    each_way(name, changed(VALID[name], changes), shelf)


LENGTHS = st.integers(-2, 3) | st.sampled_from([2**32, 2**63, 2**64, True, 1.0, None, "1", [1]])
SHAPES = st.lists(LENGTHS, max_size=3)
DESCRS = ["<f8", "|O", "|b1", "<U1", "<c16", "V8", ">i2", "<f16", "f8,f8", "<m8[s]", "a8", "", None]


@BOUNDED
@given(SHAPES, st.sampled_from(DESCRS), st.sampled_from([0, 1, 8, 16]), st.sampled_from([1, 2, 3]))
def test_a_header_of_npy_made_up(shelf, shape, descr, size, version):
    content = npy_by_hand(declared(repr(tuple(shape)), repr(descr)), bytes(size), version)
    each_way("w.npy", content, shelf)
    each_way("w.npz", zipped({"W.npy": content}), shelf)


OFFSETS = st.integers(-1, 9) | st.sampled_from([2**64, 1.5, None, True])
ENTRIES = st.fixed_dictionaries(
    {},
    optional={
        "dtype": st.sampled_from(["F64", "BF16", "I8", "BOOL", "F8", 1, None, []]),
        "shape": SHAPES | st.none(),
        "data_offsets": st.lists(OFFSETS, max_size=3) | st.none(),
        "more": st.none(),
    },
)


@BOUNDED
@given(
    st.dictionaries(st.sampled_from(["a", "b", "", "__metadata__"]), ENTRIES | st.none()),
    st.binary(max_size=9),
)
def test_a_header_of_safetensors_made_up(shelf, header, data):
    each_way("w.safetensors", safetensors(header, data), shelf)


@BOUNDED
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=10,
    )
)
def test_any_json(shelf, value):
    each_way("w.json", json.dumps(value).encode(), shelf)
    each_way("w.json", json.dumps({"a": value}).encode(), shelf)


@BOUNDED
@given(st.text(st.sampled_from(list('0123.,-e"\n\r \t_;naif#\0\u2028\u3000\u0661')), max_size=40))
def test_any_csv(shelf, text):
    each_way("w.csv", text.encode(), shelf)
    each_way("w.csv", b"x1,x2,label\n" + text.encode(), shelf)


@BOUNDED
@given(st.text(max_size=30) | st.text(st.sampled_from(list("w.csv, Xfrom x1")), max_size=30))
def test_any_words(shelf, words):
    put(shelf, "w.csv", VALID["w.csv"])
    read_or_refused(load_table, words, shelf)
    read_or_refused(load_table, f"w.csv,{words}", shelf)
    read_or_refused(load_values, words, shelf)
