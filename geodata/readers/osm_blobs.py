"""The blocks of a PBF file, counted before it is read: cut-off ends and unpacking bombs found."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from geodata.errors import GeodataError

MAX_RATIO = 60  # real extracts unpack to 2 to 10 times their size
_HARMLESS = 64 * 1024**2
_MAX_HEADER = 64 * 1024
_MAX_BLOB = 32 * 1024**2


def check(path: Path) -> None:
    """Walk over the blocks of a PBF file without unpacking them.

    Raises
    ------
    GeodataError
        If the file ends within a block (its number and byte are named), a block breaks the limits
        of the format, or the blocks say they unpack to more than 60 times the size of the file.
    """
    size, unpacked = path.stat().st_size, 0
    with path.open("rb") as stream:
        for number, start, raw in _blocks(stream, size, path.name):
            unpacked += raw
            if unpacked > max(_HARMLESS, MAX_RATIO * size):
                raise GeodataError(
                    f"{path.name}: block {number} at byte {start:,}: the file unpacks to more than "
                    f"{MAX_RATIO} times its size"
                )


def _blocks(stream: BinaryIO, size: int, name: str) -> Iterator[tuple[int, int, int]]:
    """Give number, first byte and unpacked size of every block."""
    number, start = 0, 0
    while start < size:
        number += 1
        place = f"{name}: block {number} at byte {start:,}"
        stream.seek(start)
        head = stream.read(4)
        length = struct.unpack(">I", head)[0] if len(head) == 4 else 0
        if len(head) == 4 and length > _MAX_HEADER:
            raise GeodataError(f"{place}: the file is damaged: a header of {length:,} bytes")
        header = stream.read(length)
        data = _field(header, 3)
        end = start + 4 + length + (data or 0)
        if len(head) < 4 or len(header) < length or end > size:
            raise GeodataError(f"{place}: the file is cut off: it ends within this block")
        if data is None or data > _MAX_BLOB:
            raise GeodataError(f"{place}: the file is damaged: a block of no or too large a size")
        raw = _field(stream.read(min(data, 32)), 2)
        yield number, start, raw if raw is not None else data
        start = end


def _field(message: bytes, wanted: int) -> int | None:
    """Read a whole number from a protocol buffer; None if it is not in the bytes at hand."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        kind = key & 7
        if kind == 0:
            value, place = _varint(message, place)
            if key >> 3 == wanted:
                return value
        elif kind == 2:
            length, place = _varint(message, place)
            place += length
        else:
            return None
    return None


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 64, 7):
        if place >= len(message):
            break
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
    return value, place
