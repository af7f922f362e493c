"""The formats of files that are checked: the tables, columns and statements of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

INT, FLOAT, FLAG, TEXT = "whole number", "number", "flag", "text"

MOST_BANDS = 10
"""Speed bands a file may have."""

_MOST = 1e300  # whole numbers of a manifest may be longer than any float

_BANDS = frozenset(f"{column}_{n}" for n in range(1, MOST_BANDS) for column in ("kmh", "seconds"))
_SPOT = {
    "x": FLOAT,
    "y": FLOAT,
    "street": INT,
    "fraction": FLOAT,
    "leg": FLOAT,
    "at_start": FLAG,
    "at_end": FLAG,
}
_LABELS = {
    "node": INT,
    "facility": INT,
    "cost": FLOAT,
    "other": FLOAT,
    "from_node": INT,
    "street": INT,
}
_GROUND = {
    "streets.csv": {
        "from_node": INT,
        "to_node": INT,
        "metres": FLOAT,
        "kmh": FLOAT,
        "seconds": FLOAT,
        "forward": INT,
        "backward": INT,
        "road": TEXT,
        **dict.fromkeys(_BANDS, FLOAT),
    },
    "vertices.csv": {"street": INT, "x": FLOAT, "y": FLOAT},
    "barriers.csv": {"barrier": INT, "x": FLOAT, "y": FLOAT},
}


@dataclass(frozen=True)
class Format:
    """What a file of one kind holds.

    Attributes
    ----------
    name
        As the manifest has it.
    tables
        Kind of every column, by table and column.
    needed
        Tables that must be there.
    optional
        Columns that may be missing.
    states
        What the manifest must say, and of which type.
    sound
        Whether what it says can be used.
    """

    name: str
    tables: Mapping[str, Mapping[str, str]]
    needed: frozenset[str]
    optional: frozenset[str]
    states: Mapping[str, type]
    sound: Callable[[Mapping[str, Any]], bool]


def _numbers(*values: Any) -> bool:
    return all(
        isinstance(n, int | float) and not isinstance(n, bool) and 0 <= n <= _MOST for n in values
    )


def _ways(standard: Mapping[str, Any]) -> bool:
    return standard.get("by") in ("seconds", "metres") and standard.get("direction") in (
        "to_household",
        "to_facility",
    )


def _coverage(manifest: Mapping[str, Any]) -> bool:
    standard, bands = manifest["standard"], manifest["bands"]
    walks: list[Any] = [band.get("walk_kmh") for band in bands if isinstance(band, dict)]
    return (
        _numbers(standard.get("limit"), standard.get("max_metres"), *walks)
        and 0 < len(walks) == len(bands) <= MOST_BANDS
        and min(walks) > 0
        and _ways(standard)
        and isinstance(standard.get("capacity"), bool)
        and manifest["numbers"] in ("single", "double")
    )


_RUN_TABLES: Mapping[str, Mapping[str, str]] = {
    **_GROUND,
    "facilities.csv": {"label": TEXT, "crew": INT, "open": FLAG, "room": FLOAT, **_SPOT},
    "households.csv": {
        "label": TEXT,
        "people": FLOAT,
        **_SPOT,
        "covered": FLAG,
        "facility": TEXT,
        "seconds": FLOAT,
        "metres": FLOAT,
        "slack": FLOAT,
        "second_facility": TEXT,
        "second_seconds": FLOAT,
        "second_metres": FLOAT,
        "reason": TEXT,
        "band": TEXT,
    },
    "labels_open.csv": _LABELS,
    "labels_shut.csv": _LABELS,
    "labels_unclosed.csv": _LABELS,
    "labels_within.csv": _LABELS,
    **{f"labels_band_{n}.csv": _LABELS for n in range(1, MOST_BANDS)},
}

COVERAGE = Format(
    "gridmap coverage run 1",
    _RUN_TABLES,
    frozenset(
        name
        for name in _RUN_TABLES
        if name != "labels_within.csv" and not name.startswith("labels_band_")
    ),
    _BANDS | {"slack", "second_facility", "second_seconds", "second_metres", "band"},
    {"standard": dict, "totals": dict, "sha256": dict, "bands": list, "numbers": str},
    _coverage,
)

METHODS = frozenset({"next", "p_median", "p_center", "cover_all", "cover_most", "least_missed"})


def _siting(manifest: Mapping[str, Any]) -> bool:
    standard, asked, proof = manifest["standard"], manifest["question"], manifest["proof"]
    within, count, claimed = proof.get("within"), asked.get("count"), manifest["claimed"]
    said = (proof.get("bound"), claimed.get("objective"), claimed.get("bound"))
    return (
        _numbers(standard.get("limit"), standard.get("max_metres"), standard.get("walk_kmh"))
        and standard["walk_kmh"] > 0
        and _ways(standard)
        and isinstance(standard.get("capacity"), bool)
        and isinstance(asked.get("method"), str)
        and asked["method"] in METHODS
        and (count is None or (isinstance(count, int) and not isinstance(count, bool)))
        and (count is not None) == (asked["method"] in ("p_median", "p_center", "cover_most"))
        and (count is None or 0 < count <= 10_000)
        and (within is None or _numbers(within))
        and _numbers(proof.get("missing"))
        and all(n is None or _numbers(n) for n in said)
    )


SITING = Format(
    "gridmap siting answer 1",
    {
        **_GROUND,
        "sites.csv": {
            "label": TEXT,
            "open": FLAG,
            "room": FLOAT,
            "place": INT,
            "adds": FLOAT,
            **_SPOT,
        },
        "demand.csv": {
            "label": TEXT,
            "weight": FLOAT,
            "site": INT,
            "cost": FLOAT,
            "price": FLOAT,
            **_SPOT,
        },
    },
    frozenset({*_GROUND, "sites.csv", "demand.csv"}),
    _BANDS,
    {"standard": dict, "question": dict, "proof": dict, "claimed": dict, "sha256": dict},
    _siting,
)

FORMATS = {one.name: one for one in (COVERAGE, SITING)}
