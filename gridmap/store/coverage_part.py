"""Results of coverage runs, grid by grid: written once, linked by every run that finds the same."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain, pairwise, repeat
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.homes import Homes
from gridmap.store import copying, coverage_cover, coverage_days
from gridmap.store.coverage_part_sums import BANDS, REASONS, SCORES, score_sums, sums
from gridmap.store.database import Row, Transaction

__all__ = [
    "BANDS",
    "REASONS",
    "Part",
    "changes",
    "covered",
    "forget",
    "known",
    "link",
    "of_run",
    "parts",
    "save",
]

_ARRAYS = {
    "household_ids": "int8",
    "covered": "bool",
    "facility_ids": "int8",
    "seconds": "float4",
    "metres": "float4",
    "second_facility_ids": "int8",
    "second_seconds": "float4",
    "second_metres": "float4",
    "reasons": "int2",
    "bands": "int2",
    "scores": "float4",
    "asleep": "bool",
}
_COUNTS = (
    "households",
    "uncovered",
    "people",
    "people_uncovered",
    "with_needs",
    "with_needs_uncovered",
)
_BOX = ("west", "south", "east", "north")
_COLUMNS = (
    "area_code",
    *_BOX,
    *_COUNTS,
    *BANDS,
    "worst_seconds",
    "worst_metres",
    *SCORES,
    "by_reason",
    *_ARRAYS,
    "digest",
)
_SAID = tuple(name for name in _ARRAYS if name != "asleep")
_NONE = -1.0  # of a measure: there is no way


@dataclass(frozen=True)
class Part:
    """One part, ready to be written; `row` holds the fields of it that its digest is of."""

    area_code: str
    digest: bytes
    row: bytes


def parts(homes: Homes, results: pd.DataFrame) -> Iterator[Part]:
    """Cut what a run found into parts, by area code.

    Parameters
    ----------
    homes
        By id: `area_code, people, with_needs` and points in EPSG:4326.
    results
        On the same index: `covered, facility_id, seconds, metres, second_facility_id,
        second_seconds, reason`, and where known `second_metres`, `band`, `score`.
    """
    ids = homes.table.index.to_numpy(dtype=np.int64)
    names, order, bounds = homes.by_area
    arrays = _arrays(ids, results, order)
    summed = sums(homes, arrays, order, bounds)
    if "score" in results and len(order):
        summed |= score_sums(homes.table, results["score"], order, bounds)
    if not len(names):
        return
    counted = _counted(summed, len(names))
    cut = [_cut(name, arrays.get(name), bounds) for name in _SAID]
    # NULL where nobody is: what is the same by day and by night is stored once
    cut.append(_cut("asleep", arrays.get("asleep"), bounds, only_some=True))
    for code, numbers, reasons, *held in zip(
        names, counted, summed["by_reason"], *cut, strict=True
    ):
        # jsonb is sent with the number of its format before it
        said = copying.field(b"\x01" + json.dumps(reasons, sort_keys=True).encode())
        row = b"".join((copying.field(str(code).encode()), numbers, said, *chain(*held)))
        yield Part(str(code), blake2b(row, digest_size=16).digest(), row)


def _cut(
    name: str, values: NDArray[Any] | None, bounds: NDArray[np.intp], *, only_some: bool = False
) -> Iterator[Sequence["bytes | memoryview"]]:
    """Give the field of an array of every part, in pieces; NULL where there is no array.

    Parameters
    ----------
    only_some
        Also where nothing in it is true.
    """
    null = (copying.field(None),)
    if values is None:
        yield from repeat(null, len(bounds) - 1)
        return
    kind = _ARRAYS[name]
    wide, sent = copying.width(kind), copying.elements(values, kind)
    some = np.logical_or.reduceat(values, bounds[:-1]) if only_some else repeat(True)
    heads, pairs = copying.heads(kind, np.diff(bounds)), pairwise(bounds.tolist())
    # one at a time: tens of thousands of them at once are looked through for garbage
    for head, (first, last), one in zip(heads, pairs, some, strict=False):
        yield (head, sent[first * wide : last * wide]) if one else null


def _arrays(
    ids: NDArray[np.int64], results: pd.DataFrame, order: NDArray[np.intp]
) -> dict[str, NDArray[Any]]:
    """Give the columns as they are stored, without NULL."""
    found: dict[str, NDArray[Any]] = {
        "household_ids": ids,
        "covered": results["covered"].to_numpy(dtype=bool),
        "facility_ids": _labels(results["facility_id"]),
        "second_facility_ids": _labels(results["second_facility_id"]),
        "reasons": _coded(results["reason"], REASONS),
    }
    for name in ("seconds", "metres", "second_seconds", "second_metres"):
        if name in results:
            found[name] = _measures(results[name])
    if "band" in results:
        found["bands"] = _coded(results["band"], BANDS)
    if "score" in results:
        found["scores"] = _measures(results["score"])
    if "asleep" in results:
        found["asleep"] = results["asleep"].to_numpy(dtype=bool)
    return {name: held[order] for name, held in found.items()}


def _labels(values: "pd.Series[Any]") -> NDArray[np.int64]:
    return values.fillna(0).to_numpy(dtype=np.int64)


def _measures(values: "pd.Series[Any]") -> NDArray[np.float32]:
    held = values.to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(held), held, _NONE).astype(np.float32)


def _coded(values: "pd.Series[Any]", names: tuple[str, ...]) -> NDArray[np.int16]:
    """Give the place of each value among the names from 1 on; 0 where there is none."""
    codes, held = pd.factorize(values)
    places = np.array([names.index(str(value)) + 1 for value in held] + [0], dtype=np.int16)
    return places[codes]


def _counted(summed: Mapping[str, list[Any]], count: int) -> list[bytes]:
    """Give the fields of the sums of every part but that of the reasons."""
    unknown = [None] * count
    return copying.numbers(
        [
            *((summed[name], "float8") for name in _BOX),
            *((summed[name], "int4") for name in (*_COUNTS, *BANDS)),
            *((summed[name], "float4") for name in ("worst_seconds", "worst_metres")),
            *(
                (summed.get(name, unknown), kind)
                for name, kind in zip(SCORES, ("int4", "float8", "int4"), strict=True)
            ),
        ]
    )


def known(tx: Transaction, run_id: int) -> dict[tuple[str, bytes], int]:
    """Give the parts a run is made of, by area code and digest."""
    rows = tx.all(
        "SELECT p.id, p.area_code, p.digest FROM coverage_run_part AS l"
        " JOIN coverage_part AS p ON p.id = l.part_id WHERE l.run_id = :id",
        id=run_id,
    )
    return {(row["area_code"], bytes(row["digest"])): int(row["id"]) for row in rows}


def save(tx: Transaction, fresh: Iterable[Part]) -> list[int]:
    """Write parts and give their ids."""
    rows = list(fresh)
    if not rows:
        return []
    whole = (part.row + copying.field(part.digest) for part in rows)
    copying.stage(tx, "coverage_part", "incoming_coverage_part", _COLUMNS, whole)
    names = ", ".join(_COLUMNS)
    found = tx.all(
        f"INSERT INTO coverage_part ({names}) SELECT {names} FROM pg_temp.incoming_coverage_part"
        " RETURNING id"
    )
    tx.execute("DROP TABLE pg_temp.incoming_coverage_part")
    return [int(row["id"]) for row in found]


def link(tx: Transaction, run_id: int, part_ids: Iterable[int]) -> None:
    """Make a run of these parts."""
    tx.execute(
        "INSERT INTO coverage_run_part (run_id, part_id, area_code)"
        " SELECT :run, id, area_code FROM coverage_part WHERE id = ANY(:parts)",
        run=run_id,
        parts=list(part_ids),
    )


def forget(tx: Transaction, keep: int, week: int, days: int) -> int:
    """Let go of the rows of old runs, whose totals stay; give how many parts are gone.

    Parameters
    ----------
    keep
        As many of the newest runs of each standard and area keep theirs, however old.
    week
        Ones younger than so many days keep theirs, and the one that stands for its day
    days
        until it is so many days old.
    """
    tx.execute(
        "DELETE FROM coverage_run_part WHERE run_id IN (SELECT id FROM (SELECT id, created_at,"
        " row_number() OVER (PARTITION BY area_code, standard_key ORDER BY id DESC) AS place,"
        f" {coverage_days.stands('area_code', 'standard_key')} AS stands FROM coverage_run) AS r"
        " WHERE place > :keep"
        " AND created_at < now()"
        "  - make_interval(days => CASE WHEN stands THEN :days ELSE :week END))",
        keep=keep,
        week=week,
        days=days,
    )
    # what no run is made of; a part just made may be waiting for its run
    return tx.execute(
        "DELETE FROM coverage_part AS p WHERE made_at < now() - interval '1 day'"
        " AND NOT EXISTS (SELECT 1 FROM coverage_run_part AS l WHERE l.part_id = p.id)"
    )


def of_run(tx: Transaction, run_id: int) -> list[Row]:
    """Give the sums of a run's parts, by area code."""
    return tx.all(
        "SELECT l.area_code AS code, p.id, p.households, p.uncovered, p.people,"
        " p.people_uncovered, p.with_needs, p.with_needs_uncovered, p.always, p.sometimes,"
        " p.never, p.worst_seconds::float8 AS worst_seconds,"
        " p.worst_metres::float8 AS worst_metres, p.by_reason FROM coverage_run_part AS l"
        " JOIN coverage_part AS p ON p.id = l.part_id WHERE l.run_id = :id ORDER BY l.area_code",
        id=run_id,
    )


def covered(tx: Transaction, part_ids: list[int]) -> "pd.Series[Any]":
    """Tell of the households of some parts, by id, whether they were covered."""
    found = copying.out(
        tx,
        "SELECT u.id, u.covered FROM coverage_part AS p CROSS JOIN LATERAL"
        " unnest(p.household_ids, p.covered) AS u (id, covered) WHERE p.id = ANY(%(parts)s)",
        {"id": "int8", "covered": "bool"},
        parts=part_ids,
    )
    return pd.Series(found["covered"], index=pd.Index(found["id"]))


def changes(tx: Transaction, old: list[int], new: list[int]) -> Row:
    """Count who lost and who gained cover from some parts to others, as `coverage_cover` tells."""
    found = coverage_cover.turned(
        coverage_cover.of_parts(tx, old), coverage_cover.of_parts(tx, new)
    )
    people = tx.value(
        "SELECT coalesce(sum(people), 0)::int FROM household WHERE id = ANY(:lost)",
        lost=found.lost.tolist(),
    )
    counted = {name: len(ids) for name, ids in found._asdict().items()}
    return {**counted, "people_lost": int(people)}
