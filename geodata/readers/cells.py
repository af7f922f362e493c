"""One cell of a table into one value: text, numbers, dates, yes or no, choices."""

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from geodata.readers.schemas import Field

Value = str | int | float | bool | date | tuple[str, ...] | None


@dataclass(frozen=True)
class Unusable:
    """A cell that holds no value of its own: a formula, an error, the rest of a merged block."""

    reason: str


Cell = str | float | bool | None | Unusable
Reader = Callable[[Cell], Value]

# the full-width digits and letters of Chinese input methods; punctuation stays as written
_WIDE = (("０", "９"), ("Ａ", "Ｚ"), ("ａ", "ｚ"))
_INVISIBLE = (0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD)
_NARROW: dict[int, int | None] = {
    **{code: code - 0xFEE0 for a, z in _WIDE for code in range(ord(a), ord(z) + 1)},
    **dict.fromkeys(_INVISIBLE),
}
# controls, lone surrogates and marks that turn the direction of writing; rare characters of names
# lie in private and yet unassigned ranges and are let through
_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\u202a-\\u202e\\u2066-\\u2069]")
_NOTHING = frozenset(["", "-", "--", "—", "——", "/", "\\", "n/a", "null", "none", "nan"])
_UNSAID = _NOTHING | {"无", "暂无", "不详", "未填", "未知"}
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}(?:\.0+)?")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_COUNTED = re.compile(r"[人口户名个张床层]$")
_SEPARATORS = re.compile(r"[、，,;；/|+\n]+")
_DATE = re.compile(
    r"([0-9]{4})(?:[-/.年])([0-9]{1,2})(?:[-/.月])([0-9]{1,2})日?|([0-9]{4})([0-9]{2})([0-9]{2})"
)
_YES = frozenset(["是", "有", "yes", "y", "true", "1", "√", "✓", "对"])
_NO = frozenset(["否", "无", "没有", "no", "n", "false", "0", "×", "✗"])
_EXACT_DIGITS = 15  # a spreadsheet keeps no more of a number


class CellError(ValueError):
    """A cell that cannot be read; the message has no value in it if the field is private."""


def reader(field: Field) -> Reader:
    """Give the function that reads the cells of a field.

    The function takes a cell (text, number, bool or None) and gives a value, None for an empty
    cell; it raises CellError with the reason.
    """
    read = _READERS[field.kind](field)

    def checked(cell: Cell) -> Value:
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            return None
        if isinstance(cell, Unusable):
            raise CellError(cell.reason)
        return read(cell)

    return checked


def tidy(cell: Cell) -> str:
    """Give a cell as one line of text: digits and letters narrow, outer and odd spaces gone."""
    if isinstance(cell, Unusable):
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    text = cell or ""
    if not text.isascii():
        text = text.translate(_NARROW)
    return " ".join(text.split())


def _shown(text: str, field: Field) -> str:
    return "the value" if field.private else repr(text if len(text) <= 30 else f"{text[:30]}...")


def _text(field: Field) -> Reader:
    pattern = re.compile(field.pattern) if field.pattern else None

    def read(cell: Cell) -> Value:
        if isinstance(cell, float) and abs(cell) >= 10**_EXACT_DIGITS:
            raise CellError(
                f"a number of more than {_EXACT_DIGITS} digits has lost its last ones in the "
                "spreadsheet: format the column as text and enter it again"
            )
        text = tidy(cell)
        if text.lower() in _UNSAID:
            return None
        if _CONTROL.search(text):
            raise CellError("the text holds control characters")
        if len(text) > field.max_length:
            raise CellError(f"{len(text)} characters, at most {field.max_length} are allowed")
        if pattern and not pattern.fullmatch(text):
            raise CellError(f"{_shown(text, field)} is not written like a {field.name}")
        return text

    return read


def _number(field: Field, whole: bool) -> Reader:
    form, kind = (_WHOLE, "a whole number") if whole else (_DECIMAL, "a number")

    def read(cell: Cell) -> Value:
        text = unicodedata.normalize("NFKC", tidy(cell))
        if text.lower() in _UNSAID:
            return None
        digits = _COUNTED.sub("", text) if whole else text
        value = float(digits) if form.fullmatch(digits) else math.nan
        if not math.isfinite(value):
            raise CellError(f"{_shown(text, field)} is not {kind}")
        low, high = field.minimum, field.maximum
        if low is not None and value < low:
            raise CellError(f"{_shown(text, field)} is less than {low:g}")
        if high is not None and value > high:
            raise CellError(f"{_shown(text, field)} is more than {high:g}")
        return int(value) if whole else value

    return read


def _date(field: Field) -> Reader:
    def read(cell: Cell) -> Value:
        if isinstance(cell, float):  # days since 1899-12-30, as spreadsheets count
            if not 1 <= cell < 2_958_466:
                raise CellError(f"{cell:g} is not a date")
            return date(1899, 12, 30) + timedelta(days=int(cell))
        text = unicodedata.normalize("NFKC", tidy(cell)).replace(" ", "")
        if text.lower() in _UNSAID:
            return None
        match = _DATE.fullmatch(text)
        try:
            if match is None:
                raise ValueError
            year, month, day = (int(part) for part in match.groups() if part)
            return date(year, month, day)
        except ValueError:
            raise CellError(f"{_shown(text, field)} is not a date such as 2024-05-31") from None

    return read


def _bool(field: Field) -> Reader:
    def read(cell: Cell) -> Value:
        text = tidy(cell).lower()
        if text in _YES:
            return True
        if text in _NO:
            return False
        if text in _UNSAID:
            return None
        raise CellError(f"{_shown(text, field)} is neither yes (是) nor no (否)")

    return read


def _choice(field: Field) -> Reader:
    keys = {_word(word): key for key, words in field.choices.items() for word in (key, *words)}

    def read(cell: Cell) -> Value:
        text = tidy(cell)
        if text.lower() in _UNSAID:
            return () if field.many else None
        parts = [p for p in _SEPARATORS.split(text) if p.strip()] if field.many else [text]
        found = [keys.get(_word(part)) for part in parts]
        if field.many and None in found:  # "独居老人 残疾": spaces between words that are known
            parts = [piece for part in parts for piece in _split(part, keys)]
            found = [keys.get(_word(part)) for part in parts]
        if None in found:
            odd = parts[found.index(None)]
            examples = ", ".join(words[0] for words in list(field.choices.values())[:6])
            raise CellError(f"{_shown(odd, field)} is none of {examples}, ...")
        values = tuple(dict.fromkeys(key for key in found if key))
        return values if field.many else values[0]

    return read


def _split(part: str, keys: dict[str, str]) -> list[str]:
    return [part] if _word(part) in keys else part.split()


def _word(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text).lower()


_READERS: dict[str, Callable[[Field], Reader]] = {
    "text": _text,
    "int": lambda field: _number(field, whole=True),
    "float": lambda field: _number(field, whole=False),
    "date": _date,
    "bool": _bool,
    "choice": _choice,
}
