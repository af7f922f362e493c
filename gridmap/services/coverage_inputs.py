"""What coverage is computed from: one snapshot of streets, closures, households, facilities."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import geopandas as gpd

from geodata.coverage import Standard
from geodata.homes import Homes
from geodata.network import Network
from geodata.opening import next_turn, open_at
from geodata.snapping import Places
from gridmap.model.problem import not_found
from gridmap.services import coverage_hot, coverage_places, coverage_streets
from gridmap.services.coverage_streets import Ground, barriers, travellers
from gridmap.store import coverage as rows
from gridmap.store import coverage_homes, coverage_standards, version
from gridmap.store.database import Row, Transaction

INPUT_LAYERS = rows.INPUT_LAYERS


@dataclass(frozen=True)
class Inputs:
    """Everything one run is computed from, as of one moment.

    Attributes
    ----------
    asked
        Whose households were read: of which area, and of which kind of community.
    valid_until
        When, on the wall, the next facility opens or closes by its hours; None: none ever does.
    """

    standard: Row
    ground: Ground
    homes: Homes
    facilities: gpd.GeoDataFrame
    unplaced: int
    version: str
    asked: str
    valid_until: datetime | None = None

    @property
    def households(self) -> gpd.GeoDataFrame:
        """Give the households with their points, made for the first who asks."""
        return self.homes.frame

    def places(self, network: Network, standard: Standard) -> Places:
        """Give where the households meet the streets."""
        metres = standard.max_metres
        place = coverage_places.Place(self.ground.roads_version, self.asked, metres)
        return self.homes.places(
            network, metres, lambda homes: coverage_places.found(homes, network, place)
        )

    @property
    def roads(self) -> gpd.GeoDataFrame | None:
        """Give the county's streets, where they had to be read."""
        return self.ground.roads

    @property
    def closures(self) -> Any:
        """Give what nobody can pass."""
        return self.ground.closures


def read(
    tx: Transaction,
    key: str,
    area_code: str,
    at: datetime | None = None,
    *,
    within: str | None = None,
) -> Inputs:
    """Read what a run of one standard is computed from.

    Parameters
    ----------
    at
        The moment on the wall for which opening hours are asked; now unless given.
    within
        Households of this part of the area only.

    Raises
    ------
    Problem
        404 without such a standard, 409 without streets.
    """
    return read_all(tx, [key], area_code, at, within=within)[0]


def read_all(
    tx: Transaction,
    keys: Sequence[str],
    area_code: str,
    at: datetime | None = None,
    *,
    within: str | None = None,
    known: Sequence[Inputs] = (),
) -> list[Inputs]:
    """Read what runs of several standards are computed from, what they share only once.

    Parameters
    ----------
    known
        What has been read of this area before: what still holds of it is not read again.

    Raises
    ------
    Problem
        404 without such a standard, 409 without streets.
    """
    standards = [_standard(tx, key, area_code) for key in keys]
    now = version.of(tx, INPUT_LAYERS)
    known = [one for one in known if _holds(one, now, area_code, at)]
    ground = coverage_streets.read(
        tx, area_code, standards, now, at, known[-1].ground if known else None
    )
    homes = {_whose(one.standard): one.homes for one in known if within is None}
    if "any" in map(_whose, standards) and "any" not in homes:
        homes["any"] = coverage_hot.homes(tx, within or area_code, "any")
    found = []
    for standard in standards:
        facilities, until = _facilities(tx, standard, ground)
        whose = _whose(standard)
        if whose not in homes and "any" in homes:
            homes[whose] = coverage_homes.of_type(homes["any"], whose)
        elif whose not in homes:
            homes[whose] = coverage_hot.homes(tx, within or area_code, whose)
        of = "any" if homes[whose].whole is not None else whose
        found.append(
            Inputs(
                standard=standard,
                ground=ground,
                homes=homes[whose],
                facilities=facilities,
                unplaced=coverage_homes.unplaced(tx, within or area_code, whose),
                version=ground.version,
                asked=f"{within or area_code}-{of}",
                valid_until=until,
            )
        )
    return found


def _holds(known: Inputs, now: str, area_code: str, at: datetime | None) -> bool:
    """Tell whether nothing has changed since something was read."""
    ground = known.ground
    return ground.version == now and ground.area == area_code and at in (None, ground.at)


def _whose(standard: Row) -> str:
    return str(standard["area_type"])


def within(tx: Transaction, inputs: Inputs, code: str) -> Inputs:
    """Give what has been read with the households of a part of the area only."""
    whose = _whose(inputs.standard)
    unplaced = coverage_homes.unplaced(tx, code, whose) if inputs.unplaced else 0
    return replace(inputs, homes=inputs.homes.within(code), unplaced=unplaced)


def _standard(tx: Transaction, key: str, area_code: str) -> Row:
    found = coverage_standards.in_force(tx, key, area_code)
    if found is None:
        raise not_found(f"coverage standard {key}")
    return found


def _facilities(
    tx: Transaction, standard: Row, ground: Ground
) -> tuple[gpd.GeoDataFrame, datetime | None]:
    """Give the facilities as open as they are at the moment, and when that next changes."""
    found = rows.facilities(tx, ground.area, list(standard["facility_kinds"]))
    kept = found["hours"].notna()
    if not kept.any():
        return found, None
    day, minute = ground.at.isoweekday(), ground.at.hour * 60 + ground.at.minute
    # what is off duty stays shut at any hour
    waits = [next_turn(hours, day, minute) for hours in found.loc[kept & found["open"], "hours"]]
    found["on_duty"] = found["open"]  # whatever the hour
    found["open"] &= open_at(found["hours"], day, minute)
    nearest = min((wait for wait in waits if wait is not None), default=None)
    if nearest is None:
        return found, None
    return found, ground.at.replace(second=0, microsecond=0) + timedelta(minutes=nearest)


def networks(inputs: Inputs) -> dict[str, Network]:
    """Give the streets of a run by speed band, with everything closed that is closed."""
    return {
        key: inputs.ground.network(profile, barriers(inputs.standard))
        for key, profile in travellers(inputs.standard).items()
    }


def network(inputs: Inputs) -> Network:
    """Give the streets of a run in the speed band that counts."""
    profile = next(iter(travellers(inputs.standard).values()))
    return inputs.ground.network(profile, barriers(inputs.standard))


def with_limit(inputs: Inputs, limit: float) -> Inputs:
    """Give the same inputs for another limit of the standard."""
    return replace(inputs, standard={**inputs.standard, "max_value": limit})
