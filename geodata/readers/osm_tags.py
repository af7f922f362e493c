"""What OpenStreetMap tags mean for gridmap: one function per question, no input or output."""

import math
import re
from collections.abc import Mapping

Tags = Mapping[str, str]

_LINKED = ("motorway", "trunk", "primary", "secondary", "tertiary")
HIGHWAYS = frozenset(
    [
        *_LINKED,
        *(f"{name}_link" for name in _LINKED),
        *("unclassified", "residential", "living_street", "service", "road", "track"),
        *("pedestrian", "footway", "path", "steps", "cycleway", "bridleway"),
    ]
)
_ON_FOOT = frozenset(["pedestrian", "footway", "path", "steps", "cycleway", "bridleway"])
_CLOSED = frozenset(["no", "agricultural", "forestry", "emergency", "psv", "bus"])
_OPEN = frozenset(["yes", "designated", "permissive", "destination", "customers", "private"])
# a culvert-like passage under a house or a ford-level deck floods with the ground around it
_NOT_A_BRIDGE = frozenset(["no", "low_water_crossing"])
_NOT_A_TUNNEL = frozenset(["no", "building_passage", "covered", "culvert"])
_ZONE_KMH = {"urban": 50.0, "living_street": 20.0, "bicycle_road": 30.0}

# First match wins: a hospital that also has a pharmacy counter is a hospital.
_FACILITIES: tuple[tuple[str, str, str], ...] = (
    ("amenity", "fire_station", "fire_station"),
    ("amenity", "hospital", "hospital"),
    ("healthcare", "hospital", "hospital"),
    ("amenity", "clinic", "clinic"),
    ("amenity", "doctors", "clinic"),
    ("healthcare", "clinic", "clinic"),
    ("healthcare", "centre", "clinic"),
    ("healthcare", "doctor", "clinic"),
    ("amenity", "police", "police"),
    ("emergency", "defibrillator", "aed"),
    ("emergency", "ambulance_station", "ambulance_station"),
    ("emergency", "assembly_point", "assembly_point"),
    ("emergency", "shelter", "shelter"),
    ("emergency", "disaster_help_point", "shelter"),
    ("evacuation_center", "yes", "shelter"),
    ("social_facility", "shelter", "shelter"),
    ("amenity", "school", "school"),
    ("amenity", "kindergarten", "kindergarten"),
    ("amenity", "university", "university"),
    ("amenity", "college", "college"),
    ("amenity", "nursing_home", "nursing_home"),
    ("social_facility", "nursing_home", "nursing_home"),
    ("social_facility", "assisted_living", "nursing_home"),
    ("amenity", "pharmacy", "pharmacy"),
    ("healthcare", "pharmacy", "pharmacy"),
    ("amenity", "townhall", "townhall"),
    ("amenity", "community_centre", "community_centre"),
    ("amenity", "social_facility", "social_facility"),
    ("leisure", "stadium", "stadium"),
    ("leisure", "sports_centre", "sports_centre"),
    ("amenity", "fuel", "fuel"),
    ("amenity", "bus_station", "bus_station"),
    ("amenity", "marketplace", "marketplace"),
    ("amenity", "library", "library"),
    ("amenity", "place_of_worship", "place_of_worship"),
)
_FACILITY_RANKS = {(key, value): rank for rank, (key, value, _) in enumerate(_FACILITIES)}
FACILITY_KEYS = tuple(dict.fromkeys(key for key, _, _ in _FACILITIES)) + ("shelter_type",)

_WATER_AREAS: tuple[tuple[str, str, str], ...] = (
    ("natural", "water", "water"),
    ("waterway", "riverbank", "river"),
    ("waterway", "dock", "dock"),
    ("landuse", "reservoir", "reservoir"),
    ("landuse", "basin", "basin"),
)
_WATER_LINES = frozenset(["river", "stream", "canal", "drain", "ditch"])
# a tram runs in the street among those who cross it
_RAILWAYS = frozenset(["rail", "light_rail", "narrow_gauge", "monorail", "subway"])
_NO_BARRIER = frozenset(["no", "kerb", "entrance"])
_NO_PLACE = frozenset(["yes", "no", "plot", "city_block", "sea", "ocean"])


def highway(tags: Tags) -> str | None:
    """Name the class of a street a person or a vehicle may use, or None.

    Planned, unfinished and removed streets, racetracks, bus-only ways and squares drawn as areas
    are None. ``access=no`` is None unless walking is allowed; ``access=private`` is kept, because
    people live there and a fire engine drives in. A street closed to vehicles but not to walkers
    comes back as ``pedestrian`` (a track as ``path``), so that no profile drives on it.
    """
    kind = tags.get("highway")
    if kind not in HIGHWAYS or tags.get("area") == "yes":
        return None
    anyone, walking = tags.get("access"), tags.get("foot")
    driving = _first(tags, "motorcar", "motor_vehicle", "vehicle", "access")
    if kind in _ON_FOOT:
        return None if (walking or anyone) == "no" else kind
    if driving in _CLOSED:
        can_walk = walking in _OPEN or (walking is None and anyone not in _CLOSED)
        on_foot = "path" if kind == "track" else "pedestrian"
        return on_foot if can_walk else None
    return kind


def _first(tags: Tags, *keys: str) -> str | None:
    return next((tags[key] for key in keys if key in tags), None)


def oneway(tags: Tags) -> int:
    """Tell the direction of travel: 1 along the line, -1 against it, 0 both.

    A motorway and a roundabout (``junction=roundabout`` or ``circular``) are one-way unless tagged
    otherwise; a motorway link is not, as the rules of OpenStreetMap have it. ``reversible`` and
    ``alternating`` streets are open both ways at some time and count as 0.
    """
    value = tags.get("oneway")
    if value in {"yes", "true", "1"}:
        return 1
    if value in {"-1", "reverse"}:
        return -1
    if value is None and (
        tags.get("highway") == "motorway" or tags.get("junction") in {"roundabout", "circular"}
    ):
        return 1
    return 0


def is_bridge(tags: Tags) -> bool:
    """Tell whether a way is carried over what lies below it (a flood-level deck is not)."""
    return tags.get("bridge", "no") not in _NOT_A_BRIDGE


def is_tunnel(tags: Tags) -> bool:
    """Tell whether a way runs below the ground (a passage through a house does not)."""
    return tags.get("tunnel", "no") not in _NOT_A_TUNNEL


def layer(tags: Tags) -> int:
    """Give the vertical order of a way, 0 where unsaid or unreadable, between -20 and 20."""
    try:
        value = int(tags.get("layer", "0"))
    except ValueError:
        return 0
    return value if abs(value) <= 20 else 0


def maxspeed_kmh(tags: Tags) -> float:
    """Read the posted speed in km/h; NaN where none is posted or it cannot be read.

    ``30 mph``, ``50;30`` (the lowest) and the national codes ``FR:urban`` (50) and ``DE:zone:30``
    are understood. Where only the two directions are tagged the lower one is taken.
    """
    values = [tags.get(key) for key in ("maxspeed", "maxspeed:forward", "maxspeed:backward")]
    stated = [values[0]] if values[0] else values[1:]
    speeds = [_speed(part) for value in stated if value for part in value.split(";")]
    known = [speed for speed in speeds if not math.isnan(speed)]
    return min(known, default=math.nan)


_NUMBER = r"(\d{1,5}(?:[.,]\d{1,3})?)"
_SPEED = re.compile(rf"{_NUMBER}\s*(mph|km/?h|kmh|knots)?")
_ZONE = re.compile(r"[A-Z]{2}(?:-[A-Z]+)?:(?:zone:?)?(\w+)")


def _speed(text: str) -> float:
    text = text.strip()
    if match := _SPEED.fullmatch(text):
        factor = {"mph": 1.609344, "knots": 1.852}.get(match[2] or "", 1.0)
        value = float(match[1].replace(",", ".")) * factor
    elif match := _ZONE.fullmatch(text):
        value = _ZONE_KMH.get(match[1], float(match[1]) if match[1].isdecimal() else math.nan)
    else:
        return math.nan
    return value if 0 < value <= 200 else math.nan


_LENGTH = re.compile(rf"{_NUMBER}\s*(m|cm|ft)?")
_FEET = re.compile(r"(\d{1,3})\s*'(?:\s*(\d{1,2})\s*(?:\"|''))?")
_WEIGHT = re.compile(rf"{_NUMBER}\s*(t|kg|lbs|lb|st)?")
_TONNES = {"kg": 1e-3, "lb": 0.00045359237, "lbs": 0.00045359237, "st": 0.90718474}


def metres(value: str | None) -> float:
    """Read a height or width limit in metres (``4.3``, ``4.3 m``, ``13'6"``); NaN if none."""
    text = (value or "").strip()
    if match := _FEET.fullmatch(text):
        length = (int(match[1]) * 12 + int(match[2] or 0)) * 0.0254
    elif match := _LENGTH.fullmatch(text):
        length = float(match[1].replace(",", ".")) * {"cm": 0.01, "ft": 0.3048}.get(
            match[2] or "", 1.0
        )
    else:
        return math.nan
    return length if 0 < length < 100 else math.nan


def tonnes(value: str | None) -> float:
    """Read a weight limit in tonnes (``3.5``, ``7500 kg``, ``10 st``); NaN if none."""
    match = _WEIGHT.fullmatch((value or "").strip())
    if match is None:
        return math.nan
    weight = float(match[1].replace(",", ".")) * _TONNES.get(match[2] or "", 1.0)
    return weight if 0 < weight < 1000 else math.nan


def name(tags: Tags) -> str | None:
    """Give the local name, else the Chinese, else the English one."""
    return _first(tags, "name", "name:zh", "name:en")


def facility_kind(tags: Tags) -> str | None:
    """Name the kind of facility, or None.

    A bus or picnic shelter (``amenity=shelter``) is none: only what is meant for emergencies is.
    """
    values = [
        (key, value) for key in FACILITY_KEYS if key in tags for value in tags[key].split(";")
    ]
    ranks = [_FACILITY_RANKS[pair] for pair in values if pair in _FACILITY_RANKS]
    if ranks:
        return _FACILITIES[min(ranks)][2]
    if tags.get("shelter_type") in {"emergency", "evacuation", "disaster"}:
        return "shelter"
    return None


def water_area_kind(tags: Tags) -> str | None:
    """Name the kind of a water surface, or None; a lake says ``lake``, a pool is none."""
    for key, value, kind in _WATER_AREAS:
        if tags.get(key) == value:
            return tags.get("water", kind) if kind == "water" else kind
    return None


def water_line_kind(tags: Tags) -> str | None:
    """Name the kind of an open watercourse, or None; what runs in a pipe is none."""
    kind = tags.get("waterway")
    return kind if kind in _WATER_LINES and tags.get("tunnel", "no") == "no" else None


def barrier_kind(tags: Tags) -> str | None:
    """Name the kind of a barrier (gate, bollard, wall, fence, lift_gate, ...), or None."""
    kind = tags.get("barrier")
    return None if kind is None or kind in _NO_BARRIER else kind


def is_railway(tags: Tags) -> bool:
    """Tell whether a way is a track on which trains run."""
    return tags.get("railway") in _RAILWAYS


def place_kind(tags: Tags) -> str | None:
    """Name the kind of a named place, or None."""
    kind = tags.get("place")
    return None if kind is None or kind in _NO_PLACE or not name(tags) else kind


def admin_level(tags: Tags) -> int | None:
    """Give the level of a named administrative area (4 province ... 8 township), or None."""
    if tags.get("boundary") != "administrative" or not name(tags):
        return None
    level = tags.get("admin_level", "")
    return int(level) if re.fullmatch(r"[1-9]|1[0-5]", level) else None


def is_building(tags: Tags) -> bool:
    """Tell whether an area is a building that stands."""
    return tags.get("building", "no") not in {"no", "proposed", "demolished", "razed"}


def levels(tags: Tags) -> float:
    """Read the number of storeys above ground; NaN if unsaid."""
    match = re.fullmatch(_NUMBER, tags.get("building:levels", "").strip())
    value = float(match[1].replace(",", ".")) if match else math.nan
    return value if 0 < value <= 200 else math.nan
