"""Finds the words of scripts and problems for Babel; named in ``babel.cfg``."""

import ast
import re
from collections.abc import Iterator
from typing import IO

from babel.messages.jslexer import tokenize, unquote_string

Message = tuple[int, str | None, str, list[str]]

_HAN = re.compile(r"[\u3400-\u9fff]")
_WIDE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
_MARKED = re.compile(r"\b(?:_|n_)\(\s*\"((?:[^\"\\]|\\.)*)\"")
_TITLED = frozenset({"Problem", "TryLater"})
_TEXTS = 2  # title and detail


def script(fileobj: IO[bytes], *_given: object, **_options: object) -> Iterator[Message]:
    """Yield the Chinese words of a script: strings of two characters or more, and marked ones.

    Words stand in tables (states, kinds, legends) as often as in calls; a string of one
    character is the sign on a symbol, which every language keeps, unless it is marked.
    """
    text = fileobj.read().decode()
    found: dict[str, int] = {}
    for token in tokenize(text, jsx=False):
        if token.type == "string":
            words = unquote_string(token.value)
            if len(words) > 1 and _HAN.search(words):
                found.setdefault(words, token.lineno)
    # calls inside template strings, which the lexer gives as one token
    for match in _MARKED.finditer(text):
        if _WIDE.search(match[1]):
            found.setdefault(match[1], text.count("\n", 0, match.start()) + 1)
    for words, line in sorted(found.items(), key=lambda each: each[1]):
        yield line, None, words, []


def constants(fileobj: IO[bytes], *_given: object, **_options: object) -> Iterator[Message]:
    """Yield the Chinese strings of a Python table of words."""
    for node in ast.walk(ast.parse(fileobj.read())):
        if isinstance(node, ast.Dict):
            for value in node.values:
                words = getattr(value, "value", None)
                if isinstance(words, str) and _HAN.search(words):
                    yield value.lineno, None, words, []


def problems(fileobj: IO[bytes], *_given: object, **_options: object) -> Iterator[Message]:
    """Yield titles and fixed details of problems, and what `gettext` marks."""
    for node in ast.walk(ast.parse(fileobj.read())):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in _TITLED or name == "gettext":
            texts = [arg for arg in node.args if isinstance(arg, ast.Constant)]
            for arg in [text for text in texts if isinstance(text.value, str)][:_TEXTS]:
                if arg.value:
                    yield arg.lineno, None, str(arg.value), []
