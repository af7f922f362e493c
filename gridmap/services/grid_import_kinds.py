"""Grids of a file that are no comprehensive ones: what they are, and what is decided about them."""

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import shapely

from geodata.grid_changes import Change
from gridmap.model import grid_import as told_by
from gridmap.services.grid_import_special import Over

_NAME = 80
_CHOICES = {"special": ("leave", "take"), "micro": ("leave", "take"), None: ("take", "leave")}


def plain_change(  # noqa: PLR0913 - the parts of a change
    name: str,
    kind: str,
    grids: Sequence[str],
    shape: Any,
    choices: Sequence[str],
    choice: str | None,
    *,
    ask: bool = False,
    **figures: Any,
) -> Change:
    """Make a change that moves no ground."""
    return Change(
        id=name,
        kind=kind,
        grids=tuple(grids),
        geometry=shape,
        area_m2=0.0,
        choice=choice or choices[0],
        default=choices[0],
        choices=tuple(choices),
        ask=ask,
        figures=figures,
    )


def kinds(
    names: Sequence[str],
    rows: Sequence[Mapping[str, str]],
    shapes: Mapping[str, Any],
    decisions: Mapping[str, str],
    over: Over,
) -> list[Change]:
    """Find grids that are no comprehensive ones; special ones are laid over them where told so.

    A word for what a special grid is that nobody knows is shown with its grid: somebody says what
    it means before such a grid is taken.
    """
    found = []
    for name, row in zip(names, rows, strict=True):
        kind = told_by.kind_of(row)
        if name in over.same:
            continue
        choice = "leave" if kind == "comprehensive" else "take"
        if kind != "comprehensive":
            change = _kind(name, row, shapes[name], kind, decisions, over)
            choice = change.choice
            found.append(change)
        if told_by.unknown_use(row) and row["use"]:
            found.append(_use(name, row, shapes[name], kind, choice, decisions))
    return found


def _kind(  # noqa: PLR0913, PLR0917 - which grid, of which kind, as decided
    name: str,
    row: Mapping[str, str],
    shape: Any,
    kind: str | None,
    decisions: Mapping[str, str],
    over: Over,
) -> Change:
    why = over.refused.get(name)
    choices = ("leave",) if why and name not in over.late else _CHOICES[kind]
    decided = "leave" if why else decisions.get(f"kind-{name}")
    return plain_change(
        f"kind-{name}", "kind", [name], shape, choices,
        decided if decided in choices else choices[0],
        ask=kind is None, word=(row["kind"] or row["use"])[:_NAME], means=kind,
        **({"refused": why} if why else {}), **over.trimmed(name),
    )  # fmt: skip


def _use(  # noqa: PLR0913, PLR0917 - which grid, of which kind, as decided
    name: str,
    row: Mapping[str, str],
    shape: Any,
    kind: str | None,
    taken: str,
    decisions: Mapping[str, str],
) -> Change:
    special = kind == "special"
    choices = ("none", *told_by.USES) if special else ("leave",)
    decided = decisions.get(f"use-{name}")
    return plain_change(
        f"use-{name}", "use", [name], shape, choices,
        decided if decided in choices else choices[0],
        ask=special and taken == "take", word=row["use"][:_NAME], row=int(name),
    )  # fmt: skip


def over_nothing(
    communities: Sequence[str], outlines: gpd.GeoDataFrame, homes: Any
) -> list[Change]:
    """Warn of communities without a comprehensive grid under their special ones."""
    found = []
    for code in communities:
        outline = outlines.geometry[code]
        inside = int(shapely.intersects(outline, homes).sum())
        found.append(
            plain_change(f"bare-{code}", "bare", [], outline, ("fill",), "fill", households=inside)
        )
    return found
