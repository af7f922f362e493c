"""Publishing: a second person brings a scenario into force, whole or not at all."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import structlog

from geodata.numbering import MOST_GRIDS, numbers
from gridmap.model.access import Scope, system_scope
from gridmap.model.problem import Problem, conflict
from gridmap.model.states import ScenarioState
from gridmap.problems import bad_value
from gridmap.services import community_mergers
from gridmap.services.ended_communities import refuse_ended
from gridmap.services.scenario_views import shown
from gridmap.services.scenarios import check_version, locked, refuse_editors
from gridmap.store import event, grid, publication, scenario, scenario_grid, scenario_special, token
from gridmap.store import publication_effects as effects
from gridmap.store.database import OUTAGES, Database, Row, Transaction
from gridmap.store.failures import problem_of

_AHEAD = timedelta(days=400)

_REFUSALS: tuple[type[Exception], ...] = (Problem, *OUTAGES)

log = structlog.get_logger("publishing")


def publish(  # noqa: PLR0913 - what is published, from when, by whom, as seen when
    database: Database,
    scope: Scope,
    scenario_id: int,
    effective_from: date,
    today: date,
    seen: int | None = None,
) -> dict[str, Any]:
    """Publish an approved scenario from a day on; of today, it comes into force at once.

    Raises
    ------
    Problem
        404; 409 in another state or version, where other grids are in force than the scenario
        was copied from, where another scenario waits for its day, where nothing changes; 403 for
        whoever has made or edited it; 400 for a day that is past or more than 400 days ahead.
    """
    if not today <= effective_from <= today + _AHEAD:
        raise bad_value("effective_from", f"a day from {today} to {today + _AHEAD} is needed")
    with database.transaction(scope) as tx:
        row = locked(tx, scenario_id, ScenarioState.PUBLISHED)
        check_version(row, seen)
        refuse_editors(tx, row, "publish")
        communities = publication.touched(tx, scenario_id)
        if not communities:
            raise conflict("nothing would change", version=row["version"])
        publication.lock_communities(tx, communities)
        _check_base(tx, row, communities)
        _check_pending(tx, row, communities)
        _number(tx, scenario_id)
        scenario.set_published(tx, scenario_id, effective_from)
        figures: dict[str, Any] = {"communities": len(communities)}
        if effective_from == today:
            now, told = _bring_into_force(tx, row, communities, today)
            figures |= now
            community_mergers.record(tx, told)
        event.record(
            tx,
            "grids.published",
            area_code=row["area_code"],
            subject_id=scenario_id,
            payload={
                "scenario": scenario_id,
                "version": row["version"],
                "effective_from": effective_from.isoformat(),
                **figures,
            },
        )
    return figures


def _check_base(tx: Transaction, row: Row, communities: list[str]) -> None:
    refuse_ended(tx, communities)
    moved = [c for c in publication.stale_codes(tx, row["id"]) if c[:12] in communities]
    if moved:
        raise conflict(
            f"other grids are in force than the scenario was copied from: {shown(moved)}",
            version=row["version"],
            stale=moved,
        )


def _check_pending(tx: Transaction, row: Row, communities: list[str]) -> None:
    for other in publication.pending(tx, row["id"], communities):
        if set(publication.touched(tx, other["id"])) & set(communities):
            raise conflict(
                f"scenario {other['id']} is published there from {other['effective_from']} on;"
                " withdraw it first, or wait",
                version=row["version"],
                pending=other["id"],
            )


def _number(tx: Transaction, scenario_id: int) -> None:
    """Give new grids the numbers after the highest ever used: west to east, north to south."""
    new = scenario_grid.without_code(tx, scenario_id)
    for community, own in new.groupby("community"):
        last = publication.highest_number(tx, str(community))
        if last + len(own) > MOST_GRIDS:
            raise conflict(f"community {community} has used its numbers up to {MOST_GRIDS}")
        given = numbers(own) + last
        codes = {str(key): f"{community}{number:03d}" for key, number in given.items()}
        publication.give_codes(tx, scenario_id, str(community), codes)


def _bring_into_force(
    tx: Transaction, row: Row, communities: Iterable[str], day: date
) -> tuple[dict[str, Any], community_mergers.Followed]:
    """Change grids and everything that hangs on them; the database has the last word.

    Gives figures, and what is to be recorded beside them when all is done.
    """
    scenario_id = row["id"]
    heirs = publication.parents(tx, scenario_id)
    successors = publication.successors(tx, scenario_id)
    merged = community_mergers.begin(tx, row, day)
    ended = publication.end_grids(tx, scenario_id, day)
    begun = publication.begin_grids(tx, scenario_id, day)
    gone = [each["code"] for each in ended if each["gone"]]
    effects.appoint_members(tx, heirs, day)
    for old, new in sorted(successors.items()):
        effects.appoint_members(tx, {new: old}, day)
    effects.appoint_chosen(tx, scenario_id, day)
    effects.dismiss_members(tx, gone, day)
    told = community_mergers.follow(
        tx, merged, successors, publication.special_parents(tx, scenario_id)
    )
    moved: Counter[str] = Counter()
    now = community_mergers.left(communities, merged)
    token.renew_heirs(tx, now)
    for community in now:
        moved["households"] += grid.tag_households(tx, community)
        moved["households"] += effects.retag_stray(tx, community)
        effects.retag_needs(tx, community)
        moved["incidents"] += effects.retag_incidents(tx, community)
        grid.appoint(tx, community)
        scenario_special.recount(tx, community)
        publication.guard(tx, community)
    publication.set_applied(tx, scenario_id)
    before = {each["code"] for each in ended}
    added = sum(each["code"] not in before for each in begun)
    figures = {
        "changed": len(begun) - added,
        "new": added,
        "ended": len(gone),
        "households": moved["households"],
        "incidents": moved["incidents"],
        **({"merged": merged} if merged else {}),
    }
    return figures, told


def withdraw(database: Database, scope: Scope, scenario_id: int, seen: int | None = None) -> None:
    """Take a publication back before its day; it is approved again.

    Raises
    ------
    Problem
        404; 409 when it is not published, or in force already.
    """
    with database.transaction(scope) as tx:
        row = locked(tx, scenario_id, ScenarioState.APPROVED)
        if row["state"] != ScenarioState.PUBLISHED:
            raise conflict(f"a scenario that is {row['state']} is not published")
        if row["applied_at"] is not None:
            raise conflict("its grids are in force; change them by another scenario")
        check_version(row, seen)
        publication.take_codes_back(tx, scenario_id)
        scenario.set_withdrawn(tx, scenario_id)
        event.record(
            tx,
            "grids.withdrawn",
            area_code=row["area_code"],
            subject_id=scenario_id,
            payload={"scenario": scenario_id, "version": row["version"]},
        )


def take_effect(database: Database, today: date) -> int:
    """Bring every scenario into force whose day has come; any number may try at once."""
    with database.transaction(system_scope()) as tx:
        waiting = publication.due(tx, today)
    return sum(_take_effect(database, scenario_id) for scenario_id in waiting)


def _take_effect(database: Database, scenario_id: int) -> bool:
    try:
        with database.transaction(system_scope()) as tx:
            row = scenario.lock(tx, scenario_id)
            # another scheduler may have been faster, or a person has withdrawn it
            if row is None or row["state"] != ScenarioState.PUBLISHED or row["applied_at"]:
                return False
            communities = publication.touched(tx, scenario_id)
            publication.lock_communities(tx, communities)
            _check_base(tx, row, communities)
            figures, told = _bring_into_force(tx, row, communities, row["effective_from"])
            community_mergers.record(tx, told)
            event.record(tx, "grids.in_force", **_about(row, figures))
    except _REFUSALS as error:
        problem = error if isinstance(error, Problem) else problem_of(error)
        # a server that is away is no reason to give up: the next round tries again
        if problem is None or problem.status >= 500:
            raise
        _give_back(database, scenario_id, problem)
        return False
    return True


def _give_back(database: Database, scenario_id: int, problem: Problem) -> None:
    """Say that a publication could not come into force: it needs a person again."""
    log.error("publishing.not_in_force", scenario_id=scenario_id, reason=problem.title)
    with database.transaction(system_scope()) as tx:
        row = scenario.lock(tx, scenario_id)
        if row is None or row["state"] != ScenarioState.PUBLISHED or row["applied_at"]:
            return
        publication.take_codes_back(tx, scenario_id)
        scenario.set_withdrawn(tx, scenario_id)
        stale = {"stale": problem.more.get("stale", [])}
        event.record(tx, "grids.not_in_force", **_about(row, stale))


def _about(row: Row, figures: dict[str, Any]) -> dict[str, Any]:
    return {
        "area_code": row["area_code"],
        "subject_id": row["id"],
        "payload": {"scenario": row["id"], "version": row["version"], **figures},
    }
