"""What a planner decides about imported grids: one by one or all of a kind, and taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gridmap.model.access import Scope
from gridmap.model.grid_import import FIELDS
from gridmap.model.problem import conflict
from gridmap.problems import bad_value
from gridmap.services.grid_import_work import Told, ground_of, work_out
from gridmap.services.grid_imports import both, check_open, show
from gridmap.services.scenario_views import Aside
from gridmap.store import grid_import
from gridmap.store.database import Database, Row


@dataclass(frozen=True)
class Wish:
    """What a planner changes about an import; None leaves it.

    Attributes
    ----------
    decisions
        Choice by id of a change; None takes a decision back.
    accept
        Kinds of changes that are all taken as they are shown.
    mapping
        Field of ours to column of the file.
    """

    decisions: Mapping[str, str | None]
    accept: tuple[str, ...] = ()
    metres: float | None = None
    mapping: Mapping[str, str] | None = None
    name: str | None = None


def decide(  # noqa: PLR0913 - whose, which, what, since when
    database: Database, scope: Scope, upload_id: int, wish: Wish, seen: int, aside: Aside
) -> dict[str, Any]:
    """Work an import out anew as a planner wishes, and give all of it.

    Raises
    ------
    Problem
        404; 409 when it was taken, or somebody has decided since; 400 for a change there is not,
        a choice it does not have, a column the file does not have.
    """
    with database.transaction(scope, snapshot=True) as tx:
        row, held = both(tx, upload_id)
        check_open(row, held, seen)
        features = grid_import.features(tx, upload_id)
        if not len(features):
            raise conflict("the file was kept for a week and is gone; send it again")
        ground = ground_of(tx, row["area_code"])
    columns = list(features["properties"].iloc[0])
    told = _told(row, wish, columns)
    worked_out = aside(lambda: work_out(features, told, ground))
    _check_choices(worked_out["changes"], row["changes"], wish)
    names = {each["id"] for each in worked_out["changes"]}
    worked_out["decisions"] = {
        name: choice for name, choice in worked_out["decisions"].items() if name in names
    }
    with database.transaction(scope) as tx:
        row, held = both(tx, upload_id, hold=True)
        check_open(row, held, seen)
        grid_import.save(tx, upload_id, worked_out)
    return show(database, scope, upload_id)


def _told(row: Row, wish: Wish, columns: list[str]) -> Told:
    decisions: dict[str, str] = dict(row["decisions"])
    for change in row["changes"]:
        if change["kind"] in wish.accept:
            decisions[change["id"]] = change["choice"]
    for name, choice in wish.decisions.items():
        if choice is None:
            decisions.pop(name, None)
        else:
            decisions[name] = choice
    told = Told(row["name"], row["metres"], row["mapping"], decisions)
    if wish.mapping is not None:
        unknown = sorted(set(wish.mapping) - set(FIELDS))
        if unknown:
            raise bad_value("mapping", f"{unknown[0][:40]} is no field of a grid")
        missing = sorted(set(wish.mapping.values()) - set(columns))
        if missing:
            raise bad_value("mapping", f"the file has no column {missing[0][:40]}")
        told = replace(told, mapping=dict(wish.mapping))
    if wish.metres is not None:
        told = replace(told, metres=wish.metres)
    if wish.name is not None:
        told = replace(told, name=wish.name)
    return told


def _check_choices(after: list[Any], before: list[Any], wish: Wish) -> None:
    """Refuse decisions about what neither was nor is a change, or that it does not offer."""
    choices = {each["id"]: each["choices"] for each in (*before, *after)}
    for name, choice in wish.decisions.items():
        if choice is not None and choice not in choices.get(name, ()):
            known = name in choices
            raise bad_value(
                "decisions",
                f"{name[:60]} cannot be {choice[:40]}" if known else f"no change {name[:60]}",
            )
