"""The one way JSON from outside becomes objects: everything ambiguous or hostile is refused."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from geodata.errors import Fault, GeodataError

# One pass over the text finds every token that the checks below look at. The quantifiers are
# possessive and the closing quote optional, so that hostile text is read once, never again.
_TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\]++|\\.)*+"?)[ \t\r\n]*+(?P<colon>:)?'
    r"|(?P<open>[\[{])"
    r"|(?P<close>[\]}])"
    r"|(?P<constant>-?(?:NaN|Infinity))"
    r"|(?P<number>-?[0-9]++(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)",
    re.DOTALL,
)
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|(?P<nul>\\u0000)"
    r"|\\.",
    re.DOTALL,
)
_LONGEST_NUMBER = 300  # digits; a double ends near 1e308


def loads(raw: bytes, *, max_bytes: int = 1_000_000, max_depth: int = 32) -> object:
    """Read one JSON document strictly.

    Parameters
    ----------
    raw
        UTF-8 bytes as they came in; a byte order mark is skipped.
    max_bytes
        Longest document taken.
    max_depth
        Deepest nesting of objects and arrays taken.

    Returns
    -------
    object
        dict, list, str, int, float, bool or None.

    Raises
    ------
    GeodataError
        Too long, not UTF-8, not JSON, NaN or Infinity (also by overflow, as in ``1e999``), a key
        twice in one object, a NUL character, half a surrogate pair, nested too deep. The message
        starts with line and column, both counted from 1.
    """
    if len(raw) > max_bytes:
        raise GeodataError(f"the document has {len(raw):,} bytes; at most {max_bytes:,} are taken")
    text = _decode(bytes(raw))
    for position, message in _Scan(text, max_depth).faults():
        raise GeodataError([Fault(f"{_place(text, position)}: {message}")])
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise GeodataError([Fault(f"{place}: not JSON: {error.msg}")]) from None


def _decode(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise GeodataError(f"byte {error.start + 1}: the document is not UTF-8") from None
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise GeodataError([Fault(f"{_place(text, text.index(chr(0)))}: a NUL character")])
    return text


def _place(text: str, position: int) -> str:
    line = text.count("\n", 0, position) + 1
    return f"line {line}, column {position - text.rfind(chr(10), 0, position)}"


@dataclass
class _Scan:
    """What `json.loads` would let pass, found in one pass over the tokens."""

    text: str
    max_depth: int
    # one entry an open bracket: the keys seen so far in an object, None in an array
    open: list[set[str] | None] = field(default_factory=list)

    def faults(self) -> Iterator[tuple[int, str]]:
        """Yield position and message, in the order of the text."""
        for token in _TOKEN.finditer(self.text):
            kind = token.lastgroup
            if kind == "open":
                self.open.append(set() if token[0] == "{" else None)
                if len(self.open) > self.max_depth:
                    yield token.start(), f"nested deeper than {self.max_depth} levels"
            elif kind == "close":
                if self.open:
                    self.open.pop()
            elif kind == "constant":
                yield token.start(), f"{token[0]} is not a number"
            elif kind == "number":
                if _overflows(token[0]):
                    yield token.start(), "the number is too large"
            else:
                yield from self._string(token)

    def _string(self, token: re.Match[str]) -> Iterator[tuple[int, str]]:
        quoted = token["string"]
        if "\\u" in quoted:
            for escape in _ESCAPE.finditer(quoted):
                if escape["nul"]:
                    yield token.start() + escape.start(), "a NUL character"
                elif escape["lone"]:
                    yield token.start() + escape.start(), "half a surrogate pair"
        keys = self.open[-1] if self.open else None
        if token["colon"] and keys is not None:
            key = _unquoted(quoted)
            if key in keys:
                yield token.start(), f"the key {key!r} appears twice"
            keys.add(key)


def _unquoted(quoted: str) -> str:
    # two spellings of one key ("a" and "\u0061") are the same key
    if "\\" not in quoted:
        return quoted[1:-1]
    try:
        return str(json.loads(quoted))
    except json.JSONDecodeError:
        return quoted  # a broken escape: json.loads of the whole names it


def _overflows(number: str) -> bool:
    return len(number) > _LONGEST_NUMBER or not math.isfinite(float(number))
