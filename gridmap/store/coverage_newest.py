"""The newest run of every standard and area, found without looking at the others.

Runs are kept for good, and every closure adds some: among a hundred thousand of them the newest
are a step along the index for each area and standard.
"""

# ~>~ and ~<~ go by the order of the index, which serves the beginnings of codes as well
_PLACES = (
    "WITH RECURSIVE place AS ((SELECT area_code FROM coverage_run"
    " ORDER BY area_code USING ~<~ LIMIT 1) UNION ALL"
    " SELECT (SELECT r.area_code FROM coverage_run AS r WHERE r.area_code ~>~ p.area_code"
    " ORDER BY r.area_code USING ~<~ LIMIT 1) FROM place AS p WHERE p.area_code IS NOT NULL)"
)
NEWEST = (
    f"{_PLACES}, newest AS (SELECT n.* FROM place AS p"
    " CROSS JOIN (SELECT DISTINCT key FROM coverage_standard) AS k CROSS JOIN LATERAL"
    " (SELECT * FROM coverage_run AS r WHERE r.area_code = p.area_code"
    "  AND r.standard_key = k.key ORDER BY r.id DESC LIMIT 1) AS n)"
)
"""Begins a query: `newest` has the columns of `coverage_run`."""

COUNTIES = (
    f"{_PLACES} SELECT DISTINCT left(area_code, 6) AS code FROM place"
    " WHERE area_code IS NOT NULL ORDER BY 1"
)
"""Gives the `code` of every county with runs."""
