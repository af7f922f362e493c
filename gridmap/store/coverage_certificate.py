"""Run files of coverage runs, kept so that anybody can check a run later."""

from typing import Any

import pandas as pd

from gridmap.store import copying
from gridmap.store.coverage_part import BANDS, REASONS
from gridmap.store.database import Row, Transaction

_KEPT = 3  # run files of each standard and area

_READ = {
    "household_id": "int8",
    "covered": "bool",
    "facility_id": "int8",
    "seconds": "float4",
    "metres": "float4",
    "second_facility_id": "int8",
    "second_seconds": "float4",
    "second_metres": "float4",
    "reason": "int2",
    "band": "int2",
}


def keep(  # noqa: PLR0913 - what is kept with a file
    tx: Transaction,
    run_id: int,
    area_code: str,
    *,
    households: int,
    altered: int,
    sha256: str,
    content: bytes,
) -> None:
    """Keep the file of a run, and let go of those of older runs."""
    tx.execute(
        "INSERT INTO coverage_certificate (run_id, area_code, state, households, altered, sha256,"
        " content) VALUES (:run, :area, 'made', :households, :altered, :sha256, :content)"
        " ON CONFLICT (run_id) DO UPDATE SET state = 'made', made_at = now(),"
        " households = excluded.households, altered = excluded.altered,"
        " sha256 = excluded.sha256, content = excluded.content",
        run=run_id,
        area=area_code,
        households=households,
        altered=altered,
        sha256=sha256,
        content=content,
    )
    tx.execute(
        "DELETE FROM coverage_certificate WHERE run_id IN (SELECT c.run_id FROM (SELECT k.run_id,"
        " row_number() OVER (ORDER BY k.run_id DESC) AS place FROM coverage_certificate AS k"
        " JOIN coverage_run AS r ON r.id = k.run_id JOIN coverage_run AS this ON this.id = :run"
        " WHERE r.area_code = this.area_code AND r.standard_key = this.standard_key"
        " AND k.run_id <= :run) AS c WHERE c.place > :kept)",
        run=run_id,
        kept=_KEPT,
    )


def without(tx: Transaction, run_id: int, area_code: str, state: str) -> None:
    """Note why a run has no file: `changed` or `too_large`."""
    tx.execute(
        "INSERT INTO coverage_certificate (run_id, area_code, state)"
        " VALUES (:run, :area, :state) ON CONFLICT (run_id) DO NOTHING",
        run=run_id,
        area=area_code,
        state=state,
    )


def about(tx: Transaction, run_id: int) -> Row | None:
    """Give what is known of a run's file, without the file."""
    return tx.maybe(
        "SELECT state, made_at, households, altered, sha256, octet_length(content) AS bytes"
        " FROM coverage_certificate WHERE run_id = :run",
        run=run_id,
    )


def content(tx: Transaction, run_id: int) -> bytes | None:
    """Give the file of a run, or None."""
    found = tx.value("SELECT content FROM coverage_certificate WHERE run_id = :run", run=run_id)
    return None if found is None else bytes(found)


def piece(tx: Transaction, run_id: int, sha256: str, start: int, length: int) -> bytes:
    """Give some bytes of the file with this hash; none past its end, or if another is kept now."""
    found = tx.value(
        "SELECT substring(content FROM :start FOR :length) FROM coverage_certificate"
        " WHERE run_id = :run AND sha256 = :sha256",
        run=run_id,
        sha256=sha256,
        start=start + 1,
        length=length,
    )
    return b"" if found is None else bytes(found)


def answers(tx: Transaction, run_id: int) -> pd.DataFrame:
    """Give the rows of a run as they are stored, by household, in the columns of `cover`."""
    columns = (
        "household_id, covered, coalesce(facility_id, 0), coalesce(seconds, 'NaN'),"
        " coalesce(metres, 'NaN'), coalesce(second_facility_id, 0),"
        " coalesce(second_seconds, 'NaN'), coalesce(second_metres, 'NaN'),"
        " coalesce(array_position(%(reasons)s, reason), 0)::int2,"
        " coalesce(array_position(%(bands)s, band), 0)::int2"
    )
    found = copying.out(
        tx,
        f"SELECT {columns} FROM coverage_result WHERE run_id = %(run)s ORDER BY household_id",
        _READ,
        run=run_id,
        reasons=list(REASONS),
        bands=list(BANDS),
    )
    index = pd.Index(found["household_id"], name="id")
    frame: dict[str, Any] = {name: found[name] for name in _READ if name != "household_id"}
    for name in ("facility_id", "second_facility_id"):
        held = frame.pop(name)
        frame[name.removesuffix("_id")] = pd.arrays.IntegerArray(held, held == 0)
    for name, words in (("reason", REASONS), ("band", BANDS)):
        frame[name] = pd.array([pd.NA, *words], dtype="string")[frame[name]]
    # with one speed band there is nothing to say
    if frame["band"].isna().all():
        del frame["band"]
    return pd.DataFrame(frame, index=index)
