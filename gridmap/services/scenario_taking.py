"""Steps of a proposal taken: each is an ordinary operation, undone like any other."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata import boundaries
from geodata.coverage_change import change
from gridmap.model.access import Scope
from gridmap.model.problem import Problem, conflict, not_found
from gridmap.problems import bad_value
from gridmap.services import scenario_changes, scenario_merging
from gridmap.services.scenario_done import Done, measured_done
from gridmap.services.scenario_edits import apply_made
from gridmap.services.scenario_operations import Edit, check_since, handed_over
from gridmap.services.scenario_views import Aside, head
from gridmap.store import frames, scenario, scenario_grid, scenario_proposal
from gridmap.store.database import Database, Row, Transaction


def take(  # noqa: PLR0913 - which steps of which proposal of which scenario, as seen when
    database: Database,
    scope: Scope,
    scenario_id: int,
    proposal_id: int,
    base: int,
    wanted: Sequence[int] | None,
    aside: Aside,
) -> dict[str, Any]:
    """Take steps of a proposal, all that are open when none is named.

    Returns
    -------
    dict
        What has changed since *base*, `taken` (numbers of steps), and `refused` with the reason
        of each that could not be taken.

    Raises
    ------
    Problem
        404; 400 for steps that there are not; 409 for a proposal that is not ready, and where not
        a single step could be taken.
    """
    with database.transaction(scope) as tx:
        head(tx, scenario_id)
        proposal = scenario_proposal.read(tx, scenario_id, proposal_id)
        done = scenario_proposal.taken(tx, scenario_id, proposal_id)
    if proposal is None:
        raise not_found(f"proposal {proposal_id}")
    if proposal["state"] != "ready":
        raise conflict(f"a proposal that is {proposal['state']} cannot be taken")
    steps = _wanted(proposal["result"].get("steps", []), wanted, done)
    visit = _Visit(database, scope, proposal, dict(proposal["result"].get("fresh", {})), aside)
    visit.go(steps, base, done)
    if not visit.taken:
        raise visit.problem or conflict("none of these steps can be taken", refused=visit.refused)
    with database.transaction(scope, snapshot=True) as tx:
        found = scenario_changes.collected(tx, head(tx, scenario_id), base, aside)
    return {**found, "taken": visit.taken, "refused": visit.refused}


@dataclass
class _Visit:
    """Steps taken one after the other, each in a transaction of its own."""

    database: Database
    scope: Scope
    proposal: Row
    fresh: dict[str, str]
    aside: Aside
    taken: list[int] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    problem: Problem | None = None

    def go(self, steps: Sequence[dict[str, Any]], seen: int, done: set[int]) -> None:
        """Take what can be taken; a step whose forerunner is missing waits for it."""
        for step in steps:
            number = step["n"]
            missing = [need for need in step["needs"] if need not in done]
            if missing:
                self._refuse(number, f"step {missing[0]} comes first", None)
                continue
            try:
                seen = self._one(step, seen)
            except Problem as error:
                self.problem = error
                self._refuse(number, error.detail, error.more.get("point"))
                continue
            self.taken.append(number)
            done.add(number)

    def _one(self, step: dict[str, Any], seen: int) -> int:
        told = {"proposal": self.proposal["id"], "step": step["n"]}
        edit = Edit(kind=step["kind"], base=seen, arguments=told)
        taker = _Taker(step, self.proposal["id"], self.fresh, self.aside)
        answer = apply_made(
            self.database, self.scope, self.proposal["scenario_id"], edit, taker.make, self.aside
        )
        return int(answer["version"])

    def _refuse(self, number: int, detail: str, point: Any) -> None:
        self.refused.append({"n": number, "detail": detail, "point": point})


def _wanted(
    steps: Sequence[dict[str, Any]], wanted: Sequence[int] | None, done: set[int]
) -> list[dict[str, Any]]:
    known = {step["n"]: step for step in steps}
    if wanted is None:
        return [step for step in steps if step["n"] not in done]
    missing = set(wanted) - set(known)
    if missing:
        raise bad_value("steps", f"there is no step {min(missing)}")
    if set(wanted) & done:
        raise bad_value("steps", f"step {min(set(wanted) & done)} has been taken")
    return [known[number] for number in sorted(set(wanted))]


class _Taker:
    """Makes the change of one step, and notes in its transaction that it was taken."""

    def __init__(
        self, step: dict[str, Any], proposal_id: int, fresh: dict[str, str], aside: Aside
    ) -> None:
        self.step, self.proposal_id, self.fresh, self.aside = step, proposal_id, fresh, aside

    def make(self, tx: Transaction, row: Row, since: Sequence[str]) -> Done:
        """Make the change, unless somebody else has taken the step meanwhile."""
        held = scenario_proposal.lock(tx, row["id"], self.proposal_id)
        assert held is not None
        if self.step["n"] in scenario_proposal.taken(tx, row["id"], self.proposal_id):
            raise conflict("this step has been taken", version=row["version"], changed=[])
        self.fresh |= held["result"].get("fresh", {})
        makers = {"redraw": self._redraw, "merge_communities": self._communities}
        done = makers.get(self.step["kind"], self._ground)(tx, row, since)
        scenario_proposal.set_fresh(tx, self.proposal_id, self.fresh)
        return done

    def _ground(self, tx: Transaction, row: Row, since: Sequence[str]) -> Done:
        giver, taker = self._key(self.step["from"]), self._key(self.step["to"])
        ground = shapely.from_wkb(bytes.fromhex(self.step["geom"]))
        if self.step["kind"] == "split":
            taker = scenario.take_numbers(tx, row["id"], 1)[0]
            self.fresh[self.step["to"]] = taker
        local = scenario_grid.around(tx, row["id"], [giver, taker])
        self._check_there(row, local, [giver, *([] if self.step["kind"] == "split" else [taker])])
        check_since(row, [giver, taker], since)
        if self.step["kind"] == "merge":
            return measured_done(
                tx, row, local, lambda: boundaries.merge(local, [taker, giver], taker), self.aside
            )
        parts = np.asarray(shapely.get_parts(ground), dtype=object)
        if self.step["kind"] == "split":
            return measured_done(
                tx, row, local, lambda: boundaries.carve(local, parts, giver, taker), self.aside
            )
        frame = gpd.GeoDataFrame(
            {"community": local.at[taker, "community"]},
            geometry=parts,
            index=range(len(parts)),
            crs=frames.CRS,
        )
        done = handed_over(tx, row, frame, taker, since, self.aside)
        if set(done.keys) - {giver, taker}:
            raise conflict(
                "its ground belongs to other grids now", version=row["version"], changed=done.keys
            )
        return done

    def _key(self, key: str) -> str:
        return self.fresh.get(key, key)

    def _check_there(self, row: Row, local: gpd.GeoDataFrame, keys: Sequence[str]) -> None:
        missing = [key for key in keys if key not in local.index]
        if missing:
            raise conflict(
                f"grid {missing[0]} is no longer there", version=row["version"], changed=missing
            )

    def _communities(self, tx: Transaction, row: Row, since: Sequence[str]) -> Done:
        step = self.step
        return scenario_merging.merged(tx, row, step["communities"], step["name"], since)

    def _redraw(self, tx: Transaction, row: Row, since: Sequence[str]) -> Done:
        grids = scenario_grid.all_of(tx, row["id"])
        own = [str(key) for key in grids.index[grids["community"] == self.step["community"]]]
        check_since(row, own, since)
        drawn = {
            key: shapely.from_wkb(bytes.fromhex(each)) for key, each in self.step["rows"].items()
        }
        new = [key for key in drawn if key.startswith("+")]
        numbers = scenario.take_numbers(tx, row["id"], len(new)) if new else []
        self.fresh |= dict(zip(new, numbers, strict=True))
        shapes = {self._key(key): _plain(shape) for key, shape in drawn.items()}
        self._check_there(row, grids, [key for key in drawn if not key.startswith("+")])
        removed = [key for key in own if key not in shapes]
        return measured_done(
            tx, row, grids, lambda: change(grids, shapes, removed, own[0]), self.aside
        )


def _plain(shape: Any) -> Any:
    parts = shapely.get_parts(shape)
    return parts[0] if len(parts) == 1 else shape
