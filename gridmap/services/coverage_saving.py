"""Coverage stored: only what is new is written, and who lost or gained cover is told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gridmap.services import coverage_asleep, coverage_certificates, coverage_scores
from gridmap.services.coverage_answers import totals
from gridmap.services.coverage_inputs import Inputs
from gridmap.store import coverage as rows
from gridmap.store import coverage_cover, coverage_words, event
from gridmap.store import coverage_part as parts
from gridmap.store.coverage_part import Part
from gridmap.store.database import Row, Transaction


@dataclass(frozen=True)
class Answer:
    """What a run found, ready to be written in one short transaction."""

    inputs: Inputs
    results: pd.DataFrame
    totals: Mapping[str, Any]
    parts: list[Part]


@dataclass(frozen=True)
class Saved:
    """A run that has been written.

    Attributes
    ----------
    run, before
        Ids of the run and of the one before it, None for the first.
    totals
        Its figures.
    changes
        `lost, gained, people_lost` since the run before, and by hours alone `hours_lost,
        hours_gained`; None for the first. Not of needs: the trail, where it is told, is read by
        those who may not read them.
    """

    run: int
    before: int | None
    area: str
    standard: str
    totals: Mapping[str, Any]
    changes: Mapping[str, int] | None


def ready(inputs: Inputs, results: pd.DataFrame) -> Answer:
    """Do what can be done before a connection is held."""
    summed = totals(inputs.homes.table, results, inputs.unplaced)
    if "score" in results:
        summed["scores"] = coverage_scores.totals(inputs, results)
    if inputs.facilities.empty:
        summed["no_facility"] = True
    if not len(inputs.homes):
        summed["no_household"] = True
    return Answer(inputs, results, summed, list(parts.parts(inputs.homes, results)))


def save(tx: Transaction, answer: Answer, job_id: int, *, prove: bool = True) -> Saved:
    """Write a run: its sums, and the parts that the run before does not have already.

    Parameters
    ----------
    prove
        Ask for the file that proves it; False leaves that to `coverage_settled`.
    """
    inputs = answer.inputs
    before = rows.latest(tx, inputs.standard["key"], inputs.ground.area)
    known = {} if before is None else parts.known(tx, before["id"])
    kept = keep(tx, answer.parts, known)
    return _written(
        tx,
        Joined(inputs.ground.area, definition(inputs), inputs.version, answer.totals, kept),
        job_id,
        before,
        lambda: _changes(tx, answer, sorted(set(known.values()) - set(kept))),
        prove=prove,
    )


def keep(
    tx: Transaction, made: Sequence[Part], known: Mapping[tuple[str, bytes], int]
) -> list[int]:
    """Write the parts that are not known yet; give the ids of all of them."""
    fresh = [part for part in made if (part.area_code, part.digest) not in known]
    same = [
        known[part.area_code, part.digest]
        for part in made
        if (part.area_code, part.digest) in known
    ]
    return [*same, *parts.save(tx, fresh)]


@dataclass(frozen=True)
class Joined:
    """A run whose parts are stored already."""

    area: str
    definition: Mapping[str, Any]
    input_version: str
    totals: Mapping[str, Any]
    parts: list[int]


def join(tx: Transaction, joined: Joined, job_id: int) -> Saved:
    """Write a run of parts that several workers have stored."""
    before = rows.latest(tx, joined.definition["key"], joined.area)
    old = set() if before is None else set(parts.known(tx, before["id"]).values())
    new = set(joined.parts)
    return _written(
        tx, joined, job_id, before, lambda: parts.changes(tx, sorted(old - new), sorted(new - old))
    )


def _written(
    tx: Transaction,
    joined: Joined,
    job_id: int,
    before: Row | None,
    changes: Callable[[], Mapping[str, int]],
    *,
    prove: bool = True,
) -> Saved:
    key = str(joined.definition["key"])
    run_id = rows.save_run(
        tx,
        area_code=joined.area,
        standard=joined.definition,
        job_id=job_id,
        input_version=joined.input_version,
        totals=joined.totals,
    )
    parts.link(tx, run_id, joined.parts)
    # another definition changes figures, and nobody's cover
    words = coverage_words.of(joined.definition)
    same = before is not None and coverage_words.of(before["standard"]) == words
    compared = changes() if same else None
    # what proves it; jobs are asked for before any event is recorded, by everybody alike, and
    # after all that takes long: from here on nobody else records any
    if prove:
        coverage_certificates.request(tx, key, joined.area)
    return Saved(
        run_id,
        None if before is None else int(before["id"]),
        joined.area,
        key,
        joined.totals,
        compared,
    )


def tell(tx: Transaction, saved: Saved) -> None:
    """Record what happened; call it last in the transaction."""
    event.record(
        tx,
        "coverage.computed",
        area_code=saved.area,
        subject_id=saved.run,
        payload={"run": saved.run, "standard": saved.standard},
    )
    if saved.changes is not None and any(saved.changes.values()):
        event.record(
            tx,
            "coverage.changed",
            area_code=saved.area,
            subject_id=saved.run,
            payload={
                "run": saved.run,
                "before": saved.before,
                "standard": saved.standard,
                **saved.changes,
            },
        )


def definition(inputs: Inputs) -> dict[str, Any]:
    """Give the standard word for word, as it is kept with the run."""
    held = {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in inputs.standard.items()
    }
    said = {
        "facilities": len(inputs.facilities),
        "shut": coverage_asleep.shut(inputs.facilities),
        "at": inputs.ground.at.isoformat(" ", "minutes"),
    }
    if inputs.valid_until is not None:
        said["valid_until"] = inputs.valid_until.isoformat(" ", "minutes")
    return {**held, **said}


def _changes(tx: Transaction, answer: Answer, old: list[int]) -> dict[str, int]:
    """Compare with the run before, household by household, where anything is other than it was."""
    found = coverage_cover.turned(
        coverage_cover.of_parts(tx, old), coverage_cover.of_results(answer.results)
    )
    homes = answer.inputs.homes.table
    lost = homes.index.get_indexer(pd.Index(found.lost))
    return {
        **{name: len(ids) for name, ids in found._asdict().items()},
        "people_lost": int(homes["people"].to_numpy()[lost].sum()),
    }
