"""Sensors of the demo town: the lake, the rain and a smoke detector, with readings of the last day.

They are simulated. The lake has just passed a threshold, so that a proposal waits for the desk.
"""

import math
from datetime import UTC, datetime, timedelta

from gridmap.model.access import system_scope
from gridmap.services import sensors
from gridmap.store import demo_place, event
from gridmap.store import sensor as rows
from gridmap.store.database import Database

_EVERY = 10  # minutes
_HOURS = 12


def load(database: Database, county: str) -> int:
    """Give the town its sensors once; how many there are, 0 when they were there."""
    with database.transaction(system_scope()) as tx:
        if rows.known(tx, county, "DEMO-WATER-1"):
            return 0
        places = demo_place.sensor_places(tx, county)
        for at, values in zip(places, _SENSORS, strict=False):
            sensor_id = rows.insert(tx, county, values, at)
            event.record(
                tx,
                "sensor.registered",
                area_code=county,
                subject_id=sensor_id,
                payload={"kind": str(values["kind"]), "exercise": False},
            )
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    batch = [
        sensors.Reading(str(values["code"]), at, value)
        for values in _SENSORS[: len(places)]
        for at, value in _measured(str(values["kind"]), now)
    ]
    sensors.post(database, system_scope(), batch)
    return len(places)


def _measured(kind: str, now: datetime) -> list[tuple[datetime, float]]:
    steps = _HOURS * 60 // _EVERY
    # the rain gauge has not reported for three hours
    last = steps - 18 if kind == "rain" else steps
    found = []
    for step in range(last):
        share = step / steps
        value = {
            "water_level": 19.6 + 0.9 * share**2 + 0.02 * math.sin(step),
            "rain": max(0.0, 6 * math.sin(math.pi * share)),
            "smoke": 0.6 + 0.2 * math.sin(step / 5),
        }[kind]
        found.append((now - timedelta(minutes=_EVERY * (steps - 1 - step)), round(value, 2)))
    return found


_SENSORS: tuple[dict[str, object], ...] = (
    {
        "code": "DEMO-WATER-1",
        "kind": "water_level",
        "name": "望湖东岸水位",
        "name_en": "Lake level, east bank",
        "unit": "m",
        "lowest": 10.0,
        "highest": 30.0,
        "blue": 19.9,
        "yellow": 20.4,
        "orange": 20.8,
        "red": 21.2,
        "hysteresis": 0.1,
        "stale_minutes": 30,
        "radius_m": 250,
        "exercise": False,
    },
    {
        "code": "DEMO-RAIN-1",
        "kind": "rain",
        "name": "松山雨量",
        "name_en": "Pine Hill rain",
        "unit": "mm/h",
        "lowest": 0.0,
        "highest": 300.0,
        "blue": 10.0,
        "yellow": 20.0,
        "orange": 30.0,
        "red": 50.0,
        "hysteresis": 1.0,
        "stale_minutes": 60,
        "radius_m": 600,
        "exercise": False,
    },
    {
        "code": "DEMO-SMOKE-1",
        "kind": "smoke",
        "name": "老街烟感",
        "name_en": "Old street smoke",
        "unit": "%/m",
        "lowest": 0.0,
        "highest": 100.0,
        "blue": None,
        "yellow": None,
        "orange": 3.0,
        "red": 8.0,
        "hysteresis": 0.5,
        "stale_minutes": 30,
        "radius_m": 80,
        "exercise": False,
    },
)
