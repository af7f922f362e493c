"""Reading a run file without trusting it: a zip of tables, every value looked at.

Shares no code with what makes such files; see ``README.txt`` inside one for what they hold.
"""

import csv
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from geodata.errors import Fault, GeodataError
from geodata.verifying_formats import FLAG, FLOAT, FORMATS, INT, TEXT, Format

MOST_BYTES = 4 * 2**30
"""What all tables of a file may come to; a county of a million households has a tenth of it."""

Column = NDArray[Any]
Table = Mapping[str, Column]

_MOST_NAMES, _LINE, _TEXT, _NUMBER = 40, 2000, 200, 64
_ROWS = 50_000

_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,  # another way of packing
    RuntimeError,  # a password
)


@dataclass(frozen=True)
class RunFile:
    """A run file, read.

    Attributes
    ----------
    manifest
        What the file states.
    tables
        Columns by table and name, all of one length in a table.
    altered
        Tables whose bytes are not those the manifest names.
    """

    manifest: Mapping[str, Any]
    tables: Mapping[str, Table]
    altered: tuple[str, ...]


def read(file: IO[bytes], most_bytes: int = MOST_BYTES) -> RunFile:
    """Read a run file.

    Raises
    ------
    GeodataError
        If it is no such file, larger than `most_bytes` when unpacked, or a value cannot be read;
        names table, row and column.
    """
    try:
        with zipfile.ZipFile(file) as packed:
            names = _names(packed, most_bytes)
            manifest, form = _manifest(packed, names)
            sums = manifest["sha256"]
            tables, altered = {}, []
            for name, kinds in form.tables.items():
                if name not in names:
                    continue
                total = hashlib.sha256()
                with packed.open(name) as entry:
                    tables[name] = _table(name, _lines(name, entry, total), kinds, form.optional)
                if sums.get(name) != total.hexdigest():
                    altered.append(name)
    except _UNREADABLE as error:
        raise GeodataError(f"not a run file: {error}") from error
    return RunFile(manifest, tables, tuple(altered))


def _names(packed: zipfile.ZipFile, most_bytes: int) -> set[str]:
    entries = packed.infolist()
    names = {entry.filename for entry in entries}
    if len(entries) > _MOST_NAMES or len(names) < len(entries):
        raise GeodataError("not a run file: it holds too many files, or one twice")
    if sum(entry.file_size for entry in entries) > most_bytes:
        raise GeodataError(f"the file unpacks to more than {most_bytes} bytes")
    if "manifest.json" not in names:
        raise GeodataError([Fault("the table is missing", None, "manifest.json")])
    return names


def _manifest(packed: zipfile.ZipFile, names: set[str]) -> tuple[Mapping[str, Any], Format]:
    try:
        found = json.loads(packed.read("manifest.json"))
    except (ValueError, RecursionError) as error:
        raise GeodataError([Fault(f"cannot be read: {error}", None, "manifest.json")]) from error
    said = found.get("format") if isinstance(found, dict) else None
    form = FORMATS.get(said) if isinstance(said, str) else None
    if form is None:
        known = " or ".join(repr(name) for name in FORMATS)
        raise GeodataError(f"not a run file of the format {known}")
    faults = [Fault("the table is missing", None, name) for name in sorted(form.needed - names)]
    faults += [
        Fault("the manifest does not say", None, key)
        for key, kind in form.states.items()
        if not isinstance(found.get(key), kind)
    ]
    if faults:
        raise GeodataError(faults)
    if not form.sound(found):
        raise GeodataError([Fault("the standard cannot be read", None, "manifest.json")])
    return found, form


def _lines(name: str, entry: IO[bytes], total: Any) -> Iterator[str]:
    """Give the lines of a table; one that never ends is refused before it is read."""
    buffered = io.BufferedReader(entry, 2**20)  # type: ignore[type-var]
    while line := buffered.readline(_LINE + 1):
        if len(line) > _LINE:
            raise GeodataError([Fault(f"a line is longer than {_LINE} bytes", None, name)])
        total.update(line)
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            raise GeodataError([Fault("not UTF-8", None, name)]) from error


def _table(
    name: str, lines: Iterator[str], kinds: Mapping[str, str], optional: frozenset[str]
) -> Table:
    reader = csv.reader(lines, strict=True)
    try:
        header = next(reader, [])
        faults = [
            Fault(f"{name}: the column is missing", None, column)
            for column in kinds
            if column not in header and column not in optional
        ]
        faults += [
            Fault(f"{name}: the column is not known, or there twice", None, column)
            for column in header
            if column not in kinds or header.count(column) > 1
        ]
        if faults:
            raise GeodataError(faults)
        parts: dict[str, list[Column]] = {column: [] for column in header}
        start = 0
        while rows := list(islice(reader, _ROWS)):
            for offset, row in enumerate(rows):
                if len(row) != len(header):
                    raise GeodataError([Fault(f"{name}: {len(row)} values", start + offset)])
            for column, texts in zip(header, zip(*rows, strict=True), strict=True):
                parts[column].append(_values(name, column, kinds[column], texts, start))
            start += len(rows)
    except csv.Error as error:
        raise GeodataError([Fault(f"cannot be read: {error}", None, name)]) from error
    return {column: _joined(kinds[column], held) for column, held in parts.items()}


def _joined(kind: str, held: list[Column]) -> Column:
    if held:
        return np.concatenate(held)
    kinds: Mapping[str, Any] = {INT: np.int64, FLOAT: np.float64, FLAG: np.bool_, TEXT: object}
    return np.zeros(0, dtype=kinds[kind])


def _values(name: str, column: str, kind: str, texts: tuple[str, ...], start: int) -> Column:
    longest = _TEXT if kind == TEXT else _NUMBER
    if max(map(len, texts)) > longest:
        raise GeodataError([Fault(f"{name}: a value is too long", None, column)])
    if kind == TEXT:
        return np.array(texts, dtype=object)
    try:
        if kind == FLOAT:
            return np.array(texts).astype(np.float64)
        whole = np.array(texts).astype(np.int64)
        if kind == FLAG and not np.isin(whole, (0, 1)).all():
            raise ValueError
        return whole.astype(bool) if kind == FLAG else whole
    except (ValueError, OverflowError) as error:
        raise GeodataError(
            [Fault(f"{name}: not a {kind}", start + _unread(kind, texts), column)]
        ) from error


def _unread(kind: str, texts: tuple[str, ...]) -> int:
    """Return the position of the first value that cannot be read."""
    for position, text in enumerate(texts):
        try:
            if kind == FLAG and text not in ("0", "1"):
                return position
            np.array([text]).astype(np.float64 if kind == FLOAT else np.int64)
        except (ValueError, OverflowError):
            return position
    return 0
