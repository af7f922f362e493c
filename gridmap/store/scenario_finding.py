"""What is wrong with a scenario, where, and whether it keeps it from being published."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gridmap.store.database import Transaction


def insert(
    tx: Transaction,
    scenario_id: int,
    area_code: str,
    findings: Sequence[Mapping[str, Any]],
    *,
    validated: bool,
) -> None:
    """Store findings: `kind`, `severity`, `grids`, `area_m2`, `figures`, `geom` (hex WKB or None).

    Parameters
    ----------
    validated
        True for those of the job over everything, False for those of the opening.
    """
    tx.execute_many(
        "INSERT INTO finding (area_code, scenario_id, kind, severity, grids, area_m2, figures,"
        " geom, validated) VALUES (:area_code, :scenario, :kind, :severity, :grids, :area_m2,"
        " CAST(:figures AS jsonb), ST_GeomFromWKB(decode(:geom, 'hex'), 4326), :validated)",
        [
            {
                "area_code": area_code,
                "scenario": scenario_id,
                "kind": each["kind"],
                "severity": each["severity"],
                "grids": list(each["grids"]),
                "area_m2": each["area_m2"],
                "figures": json.dumps(each["figures"], allow_nan=False),
                "geom": each["geom"],
                "validated": validated,
            }
            for each in findings
        ],
    )


def forget(
    tx: Transaction,
    scenario_id: int,
    *,
    validated: bool,
    communities: Sequence[str] | None = None,
) -> None:
    """Forget findings before new ones are stored."""
    tx.execute(
        "DELETE FROM finding WHERE scenario_id = :id AND validated = :validated"
        " AND (CAST(:codes AS text[]) IS NULL OR area_code = ANY(CAST(:codes AS text[])))",
        id=scenario_id,
        validated=validated,
        codes=None if communities is None else list(communities),
    )
