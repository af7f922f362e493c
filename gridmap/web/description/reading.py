"""What a view takes, read out of the view: the calls of `gridmap.web.inputs` it makes.

A description written beside the code would one day say something else than the code does. Every
parameter, field and header goes through `inputs`, `edits` and `layers`, so the calls of these are
the truth, and this reads them.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

_DEPTH = 4  # views call helpers of their module, which may call another
_SUCCESSES = (200, 201, 202, 204, 303)


@dataclass
class Taken:
    """What one view takes and gives.

    Attributes
    ----------
    query, body
        Models of parameters and body; None where there are none.
    path
        Name of each part of the path -> kind: number, code, uuid or digits.
    tagged
        True if the answer carries an entity tag.
    versioned
        True if the request names the version that was read.
    features
        True if the answer is a GeoJSON collection.
    raw
        True if the body is the bytes of a file.
    codes
        Statuses of success.
    """

    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    path: dict[str, str] = field(default_factory=dict)
    tagged: bool = False
    versioned: bool = False
    features: bool = False
    raw: bool = False
    codes: set[int] = field(default_factory=set)


def read(view: Callable[..., Any]) -> Taken:
    """Read what a view takes, following the functions of its own module that it calls."""
    taken = Taken()
    _read(inspect.unwrap(view), {}, taken, 0, set())
    if not taken.codes - {303}:
        taken.codes.add(200)
    return taken


def _read(
    function: Any, names: dict[str, str], taken: Taken, depth: int, seen: set[object]
) -> None:
    if depth > _DEPTH or function in seen:
        return
    seen.add(function)
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Return):
            taken.codes |= _codes(node)
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "request.mimetype":
            taken.raw = True
        if isinstance(node, ast.Call):
            _call(node, function, names, taken, depth, seen)


def _codes(node: ast.Return) -> set[int]:
    if node.value is None:
        return set()
    found = {
        each.value
        for each in ast.walk(node.value)
        if isinstance(each, ast.Constant) and type(each.value) is int
    }
    return found & set(_SUCCESSES)


def _call(  # noqa: PLR0913 - the state of one walk
    node: ast.Call,
    function: Any,
    names: dict[str, str],
    taken: Taken,
    depth: int,
    seen: set[object],
) -> None:
    called = ast.unparse(node.func)
    first = node.args[0] if node.args else None
    match called.rpartition(".")[2]:
        case "query" if called.startswith("inputs."):
            taken.query = _value(first, function)
        case "body" if called.startswith("inputs."):
            taken.body = _value(first, function)
        case "path_number" | "path_code" | "path_uuid" | "digits" as kind:
            if isinstance(first, ast.Name):
                taken.path[names.get(first.id, first.id)] = kind.removeprefix("path_")
        case "if_match":
            taken.versioned = True
        case "tagged" | "not_modified" | "versioned":
            taken.tagged = True
        case "answer" if called.startswith("layers."):
            taken.tagged = taken.features = True
        case "written" | "collection" if called.startswith("layers."):
            taken.features = True
        case _:
            _follow(node, function, names, taken, depth, seen)


def _follow(  # noqa: PLR0913 - the state of one walk
    node: ast.Call,
    function: Any,
    names: dict[str, str],
    taken: Taken,
    depth: int,
    seen: set[object],
) -> None:
    """Go into a function of the same module; a part of the path keeps its name on the way."""
    if not isinstance(node.func, ast.Name):
        return
    helper = function.__globals__.get(node.func.id)
    if not inspect.isfunction(helper) or helper.__module__ != function.__module__:
        return
    parameters = list(inspect.signature(helper).parameters)
    passed = {
        parameter: names.get(given.id, given.id)
        for parameter, given in zip(parameters, node.args, strict=False)
        if isinstance(given, ast.Name)
    }
    _read(helper, passed, taken, depth + 1, seen)


def _value(node: ast.expr | None, function: Any) -> Any:
    """Give the model a call names: a name of the module, or of a module it knows."""
    if isinstance(node, ast.Name):
        return function.__globals__.get(node.id)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return getattr(function.__globals__.get(node.value.id), node.attr, None)
    return None
