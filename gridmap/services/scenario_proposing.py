"""What a worker proposes for a scenario: fewest households moved, each step with its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np

from geodata import proposals
from geodata.reassignment import EFFORT, Answer, Question, reassign
from gridmap.model.access import Scope
from gridmap.model.grid_rules import GridRule
from gridmap.services import scenario_merger, scenario_redraw
from gridmap.services.progress import Progress
from gridmap.services.scenario_figures import Found, kept, together, written
from gridmap.services.scenario_measures import Ground, read_ground, rules_of
from gridmap.services.scenario_units import Pieces, pieces
from gridmap.services.scenario_views import head
from gridmap.store import event, job, scenario_burden, scenario_grid, scenario_proposal
from gridmap.store.database import Database, Row
from gridmap.store.view import scenarios as view

_EFFORT = 30.0  # of the solver's own seconds, for all communities of a proposal
_MOST_NEW = 6  # grids that an estate may need


def make(database: Database, row: Row, progress: Progress) -> None:
    """Do a claimed job: find the proposal and store it for the scenario as it is then."""
    scope = Scope((row["area_code"],), row["user_id"], f"job-{row['id']}")
    scenario_id, proposal_id = row["arguments"]["scenario"], row["arguments"]["proposal"]
    progress.step(0, 2, "reading")
    with database.transaction(scope, snapshot=True) as tx:
        of = head(tx, scenario_id)
        asked = scenario_proposal.read(tx, scenario_id, proposal_id)
        assert asked is not None
        grids = scenario_grid.all_of(tx, scenario_id)
        labels = view.labels(tx, scenario_id)
    # the search may take a minute: no transaction stays open for it
    result = _made(Reader(database, scope), asked, grids, progress)
    result["labels"] = labels
    with database.transaction(scope) as tx:
        stored = scenario_proposal.set_ready(tx, proposal_id, of["version"], result)
        told = {"proposal": proposal_id, "steps": len(result["steps"]), "stored": stored}
        job.finish(tx, row["id"], row["token"], told, "")
        event.record(
            tx,
            "scenario.proposed",
            area_code=row["area_code"],
            subject_id=scenario_id,
            payload={"scenario": scenario_id, **told},
        )


@dataclass(frozen=True)
class Reader:
    """Reads what a proposal needs, each time in a transaction of its own."""

    database: Database
    scope: Scope

    def around(self, grids: gpd.GeoDataFrame) -> tuple[Ground, gpd.GeoDataFrame]:
        """Give what lies in and around grids, and the water there."""
        west, south, east, north = map(float, grids.total_bounds)
        with self.database.transaction(self.scope, snapshot=True) as tx:
            return (
                read_ground(tx, grids.geometry),
                scenario_burden.water(tx, (west, south, east, north)),
            )

    def rule(self, grids: gpd.GeoDataFrame) -> GridRule:
        """Give the rule of the one community of some grids."""
        code = str(grids["community"].iloc[0])
        with self.database.transaction(self.scope, snapshot=True) as tx:
            return rules_of(tx, [code])[code]


def _made(read: Reader, asked: Row, grids: gpd.GeoDataFrame, progress: Progress) -> dict[str, Any]:
    kind, told = asked["kind"], asked["arguments"]
    if kind == "merge_communities":
        with read.database.transaction(read.scope, snapshot=True) as tx:
            return scenario_merger.proposed(tx, asked["scenario_id"], told, grids)
    if kind == "redraw":
        return scenario_redraw.proposed(read.database, read.scope, told, grids)
    if kind == "rebalance":
        return _rebalanced(read, told, grids, progress)
    near = grids[grids["community"] == grids.at[_first(told), "community"]]
    ground, water = read.around(near)
    progress.step(1, 2, "searching")
    found = pieces(near, ground, water)
    if kind == "resign":
        return _resigned(read, told, near, found, ground)
    return _absorbed(read, told, near, found, ground)


def _first(told: dict[str, Any]) -> str:
    return str(told["grid"] if "grid" in told else told["grids"][0])


def _rebalanced(
    read: Reader, told: dict[str, Any], grids: gpd.GeoDataFrame, progress: Progress
) -> dict[str, Any]:
    """Community by community: ground never goes from one to another."""
    wanted = grids[grids["kind"] == "comprehensive"]
    if told.get("community"):
        wanted = wanted[wanted["community"] == told["community"]]
    if told.get("grids"):
        wanted = wanted[wanted.index.isin(told["grids"])]
    results = []
    codes = sorted(set(wanted["community"]))
    left = _EFFORT
    for position, code in enumerate(codes):
        own = wanted[wanted["community"] == code]
        rule = read.rule(own)
        if own["households"].map(rule.fits).all():
            results.append(kept(rule, own))
            continue
        ground, water = read.around(own)
        found = pieces(own, ground, water)
        question = found.question([rule] * len(own))
        watch = _Watch(progress, position, len(codes), code)
        # what an easy community leaves of its share is there for those that follow
        share = min(left / (len(codes) - position), EFFORT)
        answer = reassign(question, share, watch.tell)
        left -= share * watch.spent
        results.append(written(rule, own, found, Found(question, answer), ground))
    return together(results)


class _Watch:
    """Passes on how far the search in one community among several is."""

    def __init__(self, progress: Progress, position: int, of: int, code: str) -> None:
        self.progress, self.position, self.of, self.code = progress, position, of, code
        self.spent = 0.0

    def tell(self, spent: float) -> None:
        self.spent = spent
        done = 100 * self.position + int(100 * spent)
        self.progress.step(done, 100 * (self.of + 1), self.code)


def _resigned(
    read: Reader,
    told: dict[str, Any],
    near: gpd.GeoDataFrame,
    found: Pieces,
    ground: Ground,
) -> dict[str, Any]:
    rule = read.rule(near)
    question = found.question([rule] * len(near), gone=[told["grid"]])
    gone = found.keys.index(told["grid"])
    if told.get("to"):
        owner = found.owner.copy()
        owner[owner == gone] = found.keys.index(told["to"])
        moved = int(found.households[found.owner == gone].sum())
        answer: Answer | None = Answer(owner, moved, moved, True, 0, False)
    else:
        answer = _nearby(question, [gone])
    result = written(rule, near, found, Found(question, answer), ground)
    if answer is not None:
        own = int(found.households[found.owner == gone].sum())
        result["figures"]["households_besides"] = answer.moved - own
    return result


def _absorbed(
    read: Reader,
    told: dict[str, Any],
    near: gpd.GeoDataFrame,
    found: Pieces,
    ground: Ground,
) -> dict[str, Any]:
    """Find room for an estate: among the neighbours, else in ever more new grids."""
    rule = read.rule(near)
    about = [found.keys.index(key) for key in told["grids"] if key in found.keys]
    best: tuple[Question, Answer] | None = None
    for new in range(_MOST_NEW + 1):
        question = found.question([rule] * len(near), new=new)
        answer = _nearby(question, about)
        if answer is None:
            continue
        if best is None or answer.outside < best[1].outside:
            best = (question, answer)
        if answer.outside == 0:
            break
    question, chosen = (found.question([rule] * len(near)), None) if best is None else best
    return written(rule, near, found, Found(question, chosen), ground)


def _nearby(question: Question, about: Sequence[int]) -> Answer | None:
    """Solve a question with as few grids around as it takes, and those that are new."""
    old = int(question.owner.max()) + 1
    new = list(range(old, len(question.maximum)))
    best: Answer | None = None
    grids: list[int] = []
    for rings in (1, 2, 3):
        wider = proposals.around(question, about, rings)
        if wider == grids or (best is not None and len(wider) > proposals.WHOLE):
            break
        grids = wider
        small, mine = proposals.restricted(question, [*grids, *new])
        answer = reassign(small, EFFORT / 2)
        if answer is None:
            continue
        owner = question.owner.copy()
        owner[mine] = np.array([*grids, *new], dtype=np.int64)[answer.owner]
        whole = len(grids) == old
        answer = Answer(
            owner,
            answer.moved,
            answer.bound,
            answer.proven,
            answer.outside,
            answer.everywhere and whole,
        )
        if best is None or answer.outside < best.outside:
            best = answer
        if answer.outside == 0:
            break
    return best
