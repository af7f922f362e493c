"""What was computed for a plan beside its ways, as its page shows it."""

from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.model.access import Scope
from gridmap.model.problem import not_found
from gridmap.services.viewing import note_listing
from gridmap.store import plan, plan_part, responses
from gridmap.store.database import Database, Row

# reasons that tell of a need
OF_NEEDS = frozenset({"unsuitable", "with_group"})
_SHOWN = (
    "clearance",
    "replan",
    "cuts",
    "tours",
    "verdict",
    "assembly",
    "walk_first",
    "staging",
    "prices",
    "robust",
)
# where a part holds the name of a shelter as it stood when it was computed
_NAMES = frozenset({"name", "shelter", "place"})
_OF_PLACES = ("cuts", "tours", "prices", "robust")


def parts(
    database: Database,
    scope: Scope,
    plan_id: int,
    needs_in: Sequence[str],
    *,
    english: bool = False,
) -> dict[str, Any]:
    """Give the parts of a plan by kind, None for those it has not.

    Who needs help leaves first: waves and some reasons are for those who may know of needs.
    """
    with database.transaction(scope) as tx:
        found = plan_part.read(tx, plan_id)
        row = plan.read(tx, plan_id)
        before = None if row is None or row["replans"] is None else plan.read(tx, row["replans"])
        priced = plan_part.pricing(tx, plan_id)
        response = None if row is None else responses.of_hazard(tx, int(row["hazard_id"]))
        names = plan_part.shelter_names(tx) if english else {}
    shown: dict[str, Any] = {kind: found.get(kind) for kind in _SHOWN}
    shown |= {kind: _named(shown[kind], names) for kind in _OF_PLACES if names}
    if row is None or not any(row["area_code"].startswith(own) for own in needs_in):
        if shown["clearance"] is not None:
            shown["clearance"] = {**shown["clearance"], "waves": []}
        shown["tours"] = None
        shown["walk_first"] = None
        if shown["replan"] is not None:
            shown["replan"] = {**shown["replan"], "why": _plain(shown["replan"]["why"])}
    shown["pricing"] = _pricing(shown["prices"], priced)
    shown["response"] = response
    shown["before"] = (
        None
        if before is None
        else {
            "id": before["id"],
            "number": f"P-{before['hazard_id']}-{before['version']}",
            "totals": {
                name: before["totals"].get(name)
                for name in ("people", "served_people", "unserved_people", "longest_seconds")
            },
        }
    )
    return shown


def _named(part: Any, names: Mapping[str, str]) -> Any:
    """Give a part with the names of shelters in the language of who reads."""
    if isinstance(part, list):
        return [_named(each, names) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        key: names.get(value, value)
        if key in _NAMES and isinstance(value, str)
        else value
        if key == "geometry"
        else _named(value, names)
        for key, value in part.items()
    }


def _pricing(part: Mapping[str, Any] | None, priced: Row | None) -> str | None:
    """Say where the prices of a plan are; None for one that was never to be priced.

    Returns
    -------
    state
        `listed`, `nothing` (none is worth listing), `waiting`, `changed` (the data are not those
        of the plan any more, so that nothing was priced) or `failed`.
    """
    if part is not None:
        return "listed" if part["prices"] else "nothing"
    if priced is None:
        return None
    if priced["state"] == "done":
        return "changed"
    return "waiting" if priced["state"] in ("queued", "running") else "failed"


def _plain(why: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    made: dict[str, dict[str, int]] = {}
    for word, sums in why.items():
        own = made.setdefault("other" if word in OF_NEEDS else word, {})
        for name, value in sums.items():
            own[name] = own.get(name, 0) + value
    return made


def changes(
    database: Database, scope: Scope, plan_id: int, language: str, needs_in: Sequence[str]
) -> list[dict[str, Any]]:
    """Give who goes elsewhere than in the plan before; a reason that is a need only where known.

    Raises
    ------
    Problem
        404.
    """
    with database.transaction(scope) as tx:
        row = plan.read(tx, plan_id)
        if row is None or not any(row["area_code"].startswith(own) for own in scope.areas):
            raise not_found(f"plan {plan_id}")
        found = [dict(one) for one in plan_part.changes(tx, plan_id, language == "en")]
        for one in found:
            known = any(str(one["grid"]).startswith(own) for own in needs_in)
            if not known and one["why"] in OF_NEEDS:
                one["why"] = "other"
        if found:
            note_listing(tx, needs_in, f"plan-{plan_id}", len(found))
    return found
