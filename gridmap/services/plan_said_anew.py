"""What a plan made once more says of itself: whose sheets are not right any more."""

from collections.abc import Mapping
from typing import Any

from gridmap.store import plan_difference
from gridmap.store.database import Transaction


def part_of(tx: Transaction, plan_id: int, before: int, part: Mapping[str, Any]) -> dict[str, Any]:
    """Add to the part `replan` of a plan what its rows say that those before did not.

    Call it once the rows and the points of the plan are in their tables.

    Returns
    -------
    part
        Besides what was given: `grids` and `shelters` whose sheets have to be printed anew;
        `otherwise`: `households` that keep their shelter but not their hour, point, way or means
        of travel, and how many of them were `told`.
    """
    rows = plan_difference.changed(tx, plan_id, before)
    told = plan_difference.told(tx, plan_id)
    stay = [row for row in rows if not row["gone"] and row["was"] and row["was"] == row["now"]]
    return {
        **part,
        "grids": sorted({str(row["grid"]) for row in rows}),
        "shelters": sorted(
            {int(row[one]) for row in rows for one in ("was", "now") if row[one] is not None}
        ),
        "otherwise": {
            "households": len(stay),
            "told": sum(int(row["household_id"]) in told for row in stay),
        },
    }
