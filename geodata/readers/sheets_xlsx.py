"""Rows of an xlsx workbook, read as a stream of events and never evaluated."""

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from string import digits
from xml.parsers import expat

from geodata.errors import GeodataError
from geodata.readers.archive import open_zip
from geodata.readers.cells import Cell, Unusable

MAX_ROWS = 500_000
MAX_COLUMNS = 500
MAX_CELLS = 6_000_000
MAX_TEXT = 32_767  # characters of one cell, as the format has it

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_ERRORS = {"#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"}
Row = tuple[int, list[Cell]]
Start = Callable[[str, dict[str, str]], None]
Block = tuple[int, int, int, int]  # first row, first column, last row, last column


@dataclass
class Sheet:
    """One worksheet.

    Attributes
    ----------
    name
        As on its tab.
    rows
        (row number of the sheet, cells) of the rows that hold anything; hidden rows and columns
        are read like the others. Formulas are `Unusable`.
    merged
        Merged blocks: (first row, first column, last row, last column), rows from 1, columns
        from 0.
    """

    name: str
    rows: list[Row] = field(default_factory=list)
    merged: list[Block] = field(default_factory=list)


def sheets(path: Path) -> Iterator[Sheet]:
    """Give the visible worksheets of a workbook in the order of their tabs.

    Raises
    ------
    GeodataError
        If the file is no workbook, exceeds the limits of :mod:`geodata.readers.archive` or of
        this module, or its XML is damaged or carries a document type definition.
    """
    with open_zip(path) as archive:
        parts = _targets(archive, path.name)
        strings = _strings(archive, parts["strings"]) if "strings" in parts else []
        for name, target in _tabs(archive, path.name):
            if target in parts:
                yield _sheet(archive, parts[target], name, strings)


def _parse(
    archive: zipfile.ZipFile,
    part: str,
    start: Start,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    if text:
        parser.CharacterDataHandler = text

    def root(name: str, attributes: dict[str, str]) -> None:
        # most writers use no prefix for the main namespace: then no name needs looking at again
        if ":" in name:
            parser.StartElementHandler = lambda tag, given: start(_local(tag), given)
            parser.EndElementHandler = (lambda tag: end(_local(tag))) if end else None
        else:
            parser.StartElementHandler, parser.EndElementHandler = start, end
        start(_local(name), attributes)

    parser.StartElementHandler = root

    def refuse(*_: object) -> None:
        raise GeodataError(f"{part}: XML with a document type definition is refused")

    parser.StartDoctypeDeclHandler = refuse
    try:
        with archive.open(part) as stream:
            parser.ParseFile(stream)
    except KeyError as error:
        raise GeodataError(f"the workbook lacks its part {part}") from error
    except expat.ExpatError as error:
        raise GeodataError(f"{part}: the XML is damaged: {error}") from error


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _targets(archive: zipfile.ZipFile, name: str) -> dict[str, str]:
    """Map relation ids, and "strings", to the parts of the workbook they point to."""
    if "xl/workbook.xml" not in archive.namelist():
        raise GeodataError(f"{name}: this zip file is no xlsx workbook")
    targets: dict[str, str] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            kind = attributes.get("Type", "").rpartition("/")[2]
            if kind == "worksheet":
                targets[attributes.get("Id", "")] = part
            elif kind == "sharedStrings":
                targets["strings"] = part

    _parse(archive, "xl/_rels/workbook.xml.rels", start)
    return targets


def _tabs(archive: zipfile.ZipFile, name: str) -> list[tuple[str, str]]:
    tabs: list[tuple[str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "workbookPr" and attributes.get("date1904") in {"1", "true"}:
            raise GeodataError(f"{name}: dates count from 1904: save the workbook with 1900 dates")
        if tag == "sheet" and attributes.get("state", "visible") == "visible":
            target = next((v for k, v in attributes.items() if _local(k) == "id"), "")
            tabs.append((attributes.get("name", ""), target))

    _parse(archive, "xl/workbook.xml", start)
    return tabs


def _strings(archive: zipfile.ZipFile, part: str) -> list[str]:
    strings: list[str] = []
    pieces: list[str] = []
    state = {"text": False, "phonetic": False}

    def start(tag: str, _: dict[str, str]) -> None:
        if tag == "si":
            pieces.clear()
        state["phonetic"] = state["phonetic"] or tag == "rPh"
        state["text"] = tag == "t" and not state["phonetic"]

    def end(tag: str) -> None:
        state["text"] = False
        if tag == "rPh":
            state["phonetic"] = False
        elif tag == "si":
            strings.append("".join(pieces))

    def text(data: str) -> None:
        if state["text"]:
            pieces.append(data)

    _parse(archive, part, start, end, text)
    return strings


def _sheet(archive: zipfile.ZipFile, part: str, name: str, strings: list[str]) -> Sheet:
    builder = _Builder(Sheet(name), strings)
    _parse(archive, part, builder.start, builder.end, builder.text)
    return builder.sheet


class _Builder:
    """Rows out of the events of a worksheet."""

    def __init__(self, sheet: Sheet, strings: list[str]) -> None:
        self.sheet, self.strings = sheet, strings
        self.line, self.place, self.count = 0, -1, 0
        self.cells: list[Cell] = []
        self.kind, self.formula, self.wanted, self.value = "n", False, False, ""
        self.phonetic = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._open_cell(attributes)
        elif tag in {"v", "t"}:
            self.wanted = not self.phonetic
        elif tag == "rPh":  # how a name is read aloud, not part of it
            self.phonetic = True
        elif tag == "f":
            self.formula = True
        elif tag == "row":
            self._open_row(attributes)
        elif tag == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def text(self, data: str) -> None:
        if self.wanted and len(self.value) <= MAX_TEXT:
            self.value += data

    def end(self, tag: str) -> None:
        if tag in {"v", "t"}:
            self.wanted = False
        elif tag == "c":
            self._close_cell()
        elif tag == "rPh":
            self.phonetic = False
        elif tag == "row" and any(cell is not None for cell in self.cells):
            self.sheet.rows.append((self.line, self.cells))

    def _open_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r", "")
        line = int(number) if number.isdecimal() and len(number) < 8 else self.line + 1
        if line <= self.line:
            raise GeodataError(f"sheet {self.sheet.name!r}: row {line} comes after {self.line}")
        self.line = line
        self.cells, self.place = [], -1
        if len(self.sheet.rows) >= MAX_ROWS:
            raise GeodataError(f"sheet {self.sheet.name!r} has more than {MAX_ROWS:,} rows")

    def _open_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        self.place = _column(reference.rstrip(digits)) if reference else self.place + 1
        self.kind = attributes.get("t", "n")
        self.formula, self.wanted, self.value = False, False, ""
        self.count += 1
        if self.count > MAX_CELLS:
            raise GeodataError(f"sheet {self.sheet.name!r} has more than {MAX_CELLS:,} cells")

    def _close_cell(self) -> None:
        cell = self._cell()
        if cell is None:
            return
        if self.place >= MAX_COLUMNS:
            raise GeodataError(f"sheet {self.sheet.name!r} has more than {MAX_COLUMNS} columns")
        self.cells.extend([None] * (self.place - len(self.cells) + 1))
        self.cells[self.place] = cell

    def _cell(self) -> Cell:
        if self.formula:
            return Unusable("a formula stands here: paste its result as a value")
        if self.kind == "s" or not self.value:
            return self._shared() if self.value else None
        if len(self.value) > MAX_TEXT:
            return Unusable(f"the text is longer than {MAX_TEXT:,} characters")
        if self.kind == "b":
            return self.value.strip() == "1"
        if self.kind == "e" or self.value in _ERRORS:
            return Unusable(f"the spreadsheet's error {self.value[:10]} stands here")
        return self._number() if self.kind == "n" else self.value

    def _number(self) -> Cell:
        try:
            return float(self.value)
        except ValueError:
            return Unusable("the cell is damaged")

    def _shared(self) -> Cell:
        number = int(self.value) if self.value.isdecimal() and len(self.value) < 9 else -1
        if not 0 <= number < len(self.strings):
            return Unusable("the cell is damaged")
        return self.strings[number] or None

    def _merge(self, reference: str) -> None:
        ends = [_REFERENCE.fullmatch(end) for end in reference.split(":")]
        if len(ends) == 2 and ends[0] and ends[1]:
            (a, top), (b, bottom) = ends[0].groups(), ends[1].groups()
            self.sheet.merged.append((int(top), _column(a), int(bottom), _column(b)))


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    if not re.fullmatch("[A-Z]{1,3}", letters):
        raise GeodataError(f"a cell has the odd reference {letters[:10]!r}: the sheet is damaged")
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
