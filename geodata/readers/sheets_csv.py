"""Rows of a delimited text file: encoding and delimiter found out, line numbers kept."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from geodata.errors import Fault, GeodataError
from geodata.readers.cells import Cell

MAX_BYTES = 100 * 1024**2
_DELIMITERS = ",;\t|"
_LOOKED_AT = 20  # lines read to find the delimiter

Row = tuple[int, list[Cell]]


def rows(path: Path) -> Iterator[Row]:
    """Give the rows of a csv file.

    Parameters
    ----------
    path
        UTF-8 with or without a byte order mark, UTF-16 with one, or GB18030 (and so GBK, GB2312);
        separated by comma, semicolon, tab or bar.

    Yields
    ------
    (line, cells)
        Number of the line of the file on which the row starts, and its texts.

    Raises
    ------
    GeodataError
        If the file is too large, not text, in no known encoding, or has an open quote.
    """
    text = decode(path)
    delimiter = _delimiter(text)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in lines:
            yield line, [_unwrapped(cell) for cell in cells]
            line = lines.line_num + 1
    except csv.Error as error:
        raise GeodataError(
            [Fault(f"{path.name}: not readable as csv: {error}", row=line)]
        ) from error


def decode(path: Path) -> str:
    """Read a text file in whichever of the usual encodings it is."""
    if path.stat().st_size > MAX_BYTES:
        raise GeodataError(f"{path.name}: more than {MAX_BYTES:,} bytes")
    data = path.read_bytes()
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\x00" in data and not wide:
        raise GeodataError(f"{path.name}: this is not a text file")
    encodings = ("utf-16",) if wide else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            place = data.count(b"\n", 0, error.start) + 1
    raise GeodataError(
        [Fault(f"{path.name}: neither UTF-8 nor GB18030: save it as UTF-8", row=place)]
    )


def _delimiter(text: str) -> str:
    """Choose the separator that cuts the first lines into most cells."""
    start = "".join(text.splitlines(keepends=True)[:_LOOKED_AT])
    return max(_DELIMITERS, key=lambda mark: (start.count(mark), -_DELIMITERS.index(mark)))


def _unwrapped(cell: str) -> str:
    """Undo ="0123", which spreadsheets write to keep digits as text."""
    if cell.startswith('="') and cell.endswith('"') and len(cell) > 2:
        return cell[2:-1]
    return cell
