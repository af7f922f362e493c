"""Vehicles that fetch those who cannot walk: written down once, counted in every plan after."""

from dataclasses import dataclass

import shapely

from gridmap.model.access import Scope
from gridmap.model.problem import bad_input, forbidden
from gridmap.store import area, event, plan_people
from gridmap.store.database import Database


@dataclass(frozen=True)
class NewVehicle:
    """A vehicle and where it starts, in degrees."""

    name: str
    seats: int
    wheelchairs: int
    ready_minutes: int
    lon: float
    lat: float


def add(database: Database, scope: Scope, new: NewVehicle) -> int:
    """Write a vehicle down; give its id.

    Raises
    ------
    Problem
        400 outside the county, 403 outside one's own areas.
    """
    place = shapely.Point(new.lon, new.lat)
    with database.transaction(scope) as tx:
        code = area.smallest_around(tx, place.wkb)
        if code is None:
            raise bad_input("the vehicle lies outside the county")
        county = code[:6]
        own = next((each for each in scope.areas if code.startswith(each)), None)
        if own is None:
            raise forbidden(f"a vehicle in {county} is beyond your areas")
        vehicle = plan_people.add_vehicle(
            tx,
            area_code=own,
            name=new.name,
            seats=new.seats,
            wheelchairs=new.wheelchairs,
            ready_minutes=new.ready_minutes,
            wkb=place.wkb,
        )
        event.record(
            tx,
            "vehicle.added",
            area_code=own,
            subject_id=vehicle,
            payload={"seats": new.seats, "wheelchairs": new.wheelchairs},
        )
    return vehicle
