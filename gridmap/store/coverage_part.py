"""Results of coverage runs, grid by grid: written once, linked by every run that finds the same."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridmap.store import copying
from gridmap.store.database import Row, Transaction

REASONS = ("too_far", "no_road", "cut_off", "full", "closed", "not_snapped")
BANDS = ("always", "sometimes", "never")

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
    "by_reason",
    *_ARRAYS,
    "digest",
)
_NONE = -1.0  # of a measure: there is no way


@dataclass(frozen=True)
class Part:
    """One part, ready to be written."""

    area_code: str
    digest: bytes
    row: bytes


def parts(households: gpd.GeoDataFrame, results: pd.DataFrame) -> Iterator[Part]:
    """Cut what a run found into parts, by area code.

    Parameters
    ----------
    households
        By id: `area_code, people, with_needs` and points in EPSG:4326.
    results
        On the same index: `covered, facility_id, seconds, metres, second_facility_id,
        second_seconds, reason`, and where known `second_metres`, `band`, `score`.
    """
    codes, names = pd.factorize(households["area_code"], sort=True)
    ids = households.index.to_numpy(dtype=np.int64)
    order = np.lexsort((ids, codes))
    bounds = np.searchsorted(codes[order], np.arange(len(names) + 1))
    arrays = _arrays(ids, results, order)
    sent = {name: copying.elements(held, _ARRAYS[name]) for name, held in arrays.items()}
    sums = _sums(households, arrays, order, bounds)
    for at, code in enumerate(names):
        first, last = int(bounds[at]), int(bounds[at + 1])
        row = b"".join(
            (
                copying.field(str(code).encode()),
                *_counted(sums, at),
                *(_slice(name, sent.get(name), first, last) for name in _ARRAYS),
            )
        )
        digest = blake2b(row, digest_size=16).digest()
        yield Part(str(code), digest, row + copying.field(digest))


def _slice(name: str, sent: "memoryview | None", first: int, last: int) -> bytes:
    if sent is None:
        return copying.field(None)
    wide = copying.width(_ARRAYS[name])
    return copying.array(_ARRAYS[name], sent[first * wide : last * wide], last - first)


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


def _sums(
    households: gpd.GeoDataFrame,
    arrays: Mapping[str, NDArray[Any]],
    order: NDArray[np.intp],
    bounds: NDArray[np.intp],
) -> dict[str, list[Any]]:
    """Sum each part up; measures that no household of it has are None."""
    if not len(order):
        return {}
    starts = bounds[:-1]
    gap = ~arrays["covered"]
    people = households["people"].to_numpy(dtype=np.int64)[order]
    needs = households["with_needs"].to_numpy(dtype=bool)[order]
    points = households.geometry
    x, y = points.x.to_numpy()[order], points.y.to_numpy()[order]

    def total(values: NDArray[Any]) -> list[int]:
        return [int(one) for one in np.add.reduceat(values.astype(np.int64), starts)]

    def most(values: NDArray[np.float32]) -> list[float | None]:
        return [float(one) if one >= 0 else None for one in np.maximum.reduceat(values, starts)]

    found: dict[str, list[Any]] = {
        "west": list(np.minimum.reduceat(x, starts)),
        "south": list(np.minimum.reduceat(y, starts)),
        "east": list(np.maximum.reduceat(x, starts)),
        "north": list(np.maximum.reduceat(y, starts)),
        "households": [int(one) for one in np.diff(bounds)],
        "uncovered": total(gap),
        "people": total(people),
        "people_uncovered": total(people * gap),
        "with_needs": total(needs),
        "with_needs_uncovered": total(needs & gap),
        "worst_seconds": most(arrays["seconds"]),
        "worst_metres": most(arrays["metres"]),
    }
    for number, name in enumerate(BANDS, start=1):
        known = "bands" in arrays and bool((arrays["bands"] > 0).all())
        found[name] = total(arrays["bands"] == number) if known else [None] * len(starts)
    reasons = [total(arrays["reasons"] == number) for number in range(1, len(REASONS) + 1)]
    found["by_reason"] = [
        {name: held[at] for name, held in zip(REASONS, reasons, strict=True) if held[at]}
        for at in range(len(starts))
    ]
    return found


def _counted(sums: Mapping[str, list[Any]], at: int) -> Iterator[bytes]:
    for name in _BOX:
        yield copying.number(float(sums[name][at]), "float8")
    for name in (*_COUNTS, *BANDS):
        yield copying.number(sums[name][at], "int4")
    for name in ("worst_seconds", "worst_metres"):
        yield copying.number(sums[name][at], "float4")
    # jsonb is sent with the number of its format before it
    yield copying.field(b"\x01" + json.dumps(sums["by_reason"][at], sort_keys=True).encode())


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
    copying.stage(
        tx, "coverage_part", "incoming_coverage_part", _COLUMNS, [part.row for part in rows]
    )
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


def forget(tx: Transaction, keep: int, days: int) -> int:
    """Let go of the rows of old runs, whose totals stay; give how many parts are gone.

    Parameters
    ----------
    keep
        As many of the newest runs of each standard and area keep theirs, however old.
    days
        Younger ones keep theirs as well.
    """
    tx.execute(
        "DELETE FROM coverage_run_part WHERE run_id IN (SELECT id FROM (SELECT id, created_at,"
        " row_number() OVER (PARTITION BY area_code, standard_key ORDER BY id DESC) AS place"
        " FROM coverage_run) AS r WHERE place > :keep"
        " AND created_at < now() - make_interval(days => :days))",
        keep=keep,
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
    """Count who lost and who gained cover from some parts to others."""
    was, now = covered(tx, old), covered(tx, new)
    place = now.index.get_indexer(was.index)
    both = place >= 0
    before, after = was.to_numpy()[both], now.to_numpy()[place[both]]
    lost = was.index.to_numpy()[both][before & ~after]
    found = tx.one(
        "SELECT coalesce(sum(h.people), 0)::int AS people_lost, count(*) FILTER (WHERE EXISTS"
        " (SELECT 1 FROM household_need AS n WHERE n.household_id = h.id))::int AS with_needs_lost"
        " FROM household AS h WHERE h.id = ANY(:lost)",
        lost=lost.tolist(),
    )
    return {"lost": len(lost), "gained": int((~before & after).sum()), **found}
