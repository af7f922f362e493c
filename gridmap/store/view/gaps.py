"""Households that the newest run of each standard does not reach, as a layer."""

from gridmap.store.view.feature import Source

TABLES = ("household", "coverage_run")

# runs are read through row security: the newest one of those a person may see
_NEWEST = (
    "(SELECT DISTINCT ON (standard_key) id, standard_key, created_at FROM coverage_run"
    " ORDER BY standard_key, id DESC) r"
)

SOURCE = Source(
    tables=f"{_NEWEST} JOIN coverage_gap c ON c.run_id = r.id"
    " JOIN household h ON h.id = c.household_id",
    key="(r.id || '-' || h.id)",
    geometry="h.geom",
    area="c.area_code",
    properties={
        "standard": "r.standard_key",
        "run": "r.id",
        "computed_at": "r.created_at",
        "household": "h.id",
        "people": "h.people",
        "reason": "c.reason",
        "seconds": "c.seconds",
        "metres": "c.metres",
    },
    where=("h.geom IS NOT NULL",),
)
