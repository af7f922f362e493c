"""A coverage run checked: its file by the independent checker, its rows against the file."""

import hashlib
import io

import numpy as np
import pandas as pd

from geodata.verifying import Altered, Verdict, verify
from geodata.verifying_file import Table, read
from gridmap.model.access import Scope
from gridmap.services import coverage_certificates
from gridmap.store import coverage_certificate as kept
from gridmap.store.database import Database

_STORED = "coverage_result"  # where rows are that differ from the file
_NUMBERS = ("seconds", "metres", "second_seconds", "second_metres")
_TEXTS = ("facility", "second_facility", "reason", "band")


def of_run(database: Database, scope: Scope, run_id: int) -> Verdict:
    """Check the file of a run, and that the rows in the database are those of the file.

    Raises
    ------
    Problem
        404 without such a run; 409 if it has no file and what it was computed from has changed.
    """
    made = coverage_certificates.make(database, scope, run_id)
    verdict = verify(made.content)
    with database.transaction(scope) as tx:
        about = kept.about(tx, run_id)
        stored = kept.answers(tx, run_id)
    altered = list(verdict.altered)
    if about is not None and about["sha256"] is not None:
        found = hashlib.sha256(made.content).hexdigest()
        if found != about["sha256"]:
            what = f"the kept file is {found}, not the one that was made"
            altered.append(Altered("coverage_certificate", None, str(run_id), "sha256", what))
    altered += differences(read(io.BytesIO(made.content)).tables["households.csv"], stored)
    return Verdict(tuple(altered), verdict.more, verdict.counts, verdict.stated)


def differences(table: Table, stored: pd.DataFrame) -> list[Altered]:
    """Compare the rows of a file with those that are stored now."""
    index = pd.Index(table["label"].astype(np.int64), name="id")
    found = [
        Altered(_STORED, None, str(label), "household_id", what)
        for labels, what in (
            (index.difference(stored.index), "the row is gone"),
            (stored.index.difference(index), "the row is not in the file"),
        )
        for label in labels
    ]
    both = index.intersection(stored.index)
    rows, now = index.get_indexer(both), stored.loc[both]
    for column in ("covered", *_NUMBERS, *_TEXTS):
        if column not in table or column not in now:
            continue
        said = table[column][rows]
        if column in _NUMBERS:
            was, held = np.float32(said), now[column].to_numpy(dtype=np.float32)
            differs = ~((was == held) | (~np.isfinite(was) & ~np.isfinite(held)))
        elif column in _TEXTS:
            held = now[column].astype("string").fillna("").to_numpy(dtype=object)
            differs = said != held
        else:
            held = now[column].to_numpy(dtype=bool)
            differs = said != held
        found += [
            Altered(
                _STORED,
                None,
                str(both.to_numpy()[at]),
                column,
                f"{held[at]}, the file has {said[at]}",
            )
            for at in np.flatnonzero(differs)
        ]
    return found
