"""Coverage stored: only what is new is written, and who lost or gained cover is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gridmap.services import coverage_certificates
from gridmap.services.coverage_answers import totals
from gridmap.services.coverage_inputs import Inputs
from gridmap.store import coverage as rows
from gridmap.store import coverage_part as parts
from gridmap.store import event
from gridmap.store.coverage_part import Part
from gridmap.store.database import Transaction


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
        `lost, gained, people_lost, with_needs_lost` since the run before; None for the first.
    """

    run: int
    before: int | None
    area: str
    standard: str
    totals: Mapping[str, Any]
    changes: Mapping[str, int] | None


def ready(inputs: Inputs, results: pd.DataFrame) -> Answer:
    """Do what can be done before a connection is held."""
    summed = totals(inputs.households, results, inputs.unplaced)
    if inputs.facilities.empty:
        summed["no_facility"] = True
    if inputs.households.empty:
        summed["no_household"] = True
    return Answer(inputs, results, summed, list(parts.parts(inputs.households, results)))


def save(tx: Transaction, answer: Answer, job_id: int) -> Saved:
    """Write a run: its sums, and the parts that the run before does not have already."""
    inputs = answer.inputs
    standard, area_code = inputs.standard, inputs.ground.area
    before = rows.latest(tx, standard["key"], area_code)
    known = {} if before is None else parts.known(tx, before["id"])
    fresh = [part for part in answer.parts if (part.area_code, part.digest) not in known]
    same = {
        known[part.area_code, part.digest]
        for part in answer.parts
        if (part.area_code, part.digest) in known
    }
    run_id = rows.save_run(
        tx,
        area_code=area_code,
        standard=definition(inputs),
        job_id=job_id,
        input_version=inputs.version,
        totals=answer.totals,
    )
    parts.link(tx, run_id, [*same, *parts.save(tx, fresh)])
    # what proves it; jobs are asked for before any event is recorded, by everybody alike
    coverage_certificates.request(tx, standard["key"], area_code)
    changes = None
    # another definition changes figures, and nobody's cover
    if before is not None and before["standard"].get("version", 1) == standard["version"]:
        changes = _changes(tx, answer, sorted(set(known.values()) - same))
    return Saved(
        run_id,
        None if before is None else int(before["id"]),
        area_code,
        standard["key"],
        answer.totals,
        changes,
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
    if saved.changes is not None and saved.changes["lost"] + saved.changes["gained"]:
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
    said = {"facilities": len(inputs.facilities), "at": inputs.ground.at.isoformat(" ", "minutes")}
    return {**held, **said}


def _changes(tx: Transaction, answer: Answer, old: list[int]) -> dict[str, int]:
    """Compare with the run before, household by household, where anything is other than it was."""
    was = parts.covered(tx, old)
    results, homes = answer.results, answer.inputs.households
    place = homes.index.get_indexer(was.index)
    both = place >= 0
    place, covered_before = place[both], was.to_numpy(dtype=bool)[both]
    covered = results["covered"].to_numpy(dtype=bool)[place]
    lost = place[covered_before & ~covered]
    return {
        "lost": len(lost),
        "gained": int(np.count_nonzero(~covered_before & covered)),
        "people_lost": int(homes["people"].to_numpy()[lost].sum()),
        "with_needs_lost": int(homes["with_needs"].to_numpy(dtype=bool)[lost].sum()),
    }
