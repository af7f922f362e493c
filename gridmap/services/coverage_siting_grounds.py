"""Square kilometres a new site would take over, for standards that limit a facility's ground."""

from collections.abc import Mapping
from typing import Any

from shapely.geometry.base import BaseGeometry

from geodata.network import Network
from geodata.service_ground import Grounds
from gridmap.model.coverage_changes import Addition, Changes
from gridmap.services import coverage_grounds
from gridmap.services.coverage_inputs import Inputs
from gridmap.services.coverage_what_if import applied


def told(
    answer: dict[str, Any], streets: Network, inputs: Inputs, county: BaseGeometry | None
) -> dict[str, Any]:
    """Say beside every new site which ground it would be the nearest of.

    Parameters
    ----------
    answer
        Of a question about sites.
    county
        As `coverage_grounds.outline` gives it.

    Returns
    -------
    dict
        The answer; with a county each site has `km2`, `margin_km2` and `too_large`, how many
        facilities would then have more ground than their level may, and the answer itself
        `too_large_before`. Sites of the method `next` stand alone, others beside those before.
    """
    if county is None or not answer.get("sites"):
        return answer
    before = coverage_grounds.measure(inputs, inputs.facilities, county, streets)
    single = answer["method"] == "next"
    held: list[Addition] = []
    sites = []
    for site in answer["sites"]:
        held = [*([] if single else held), Addition((site["at"][0], site["at"][1]))]
        _, after, added = applied(streets, inputs, Changes(added=tuple(held)))
        found = coverage_grounds.measure(after, after.facilities, county, streets)
        if found is None:
            return answer
        own = found.facilities.loc[[added[-1]]].iloc[0].astype(float)
        sites.append(
            {
                **site,
                "km2": round(own["km2"], 3),
                "margin_km2": round(own["margin_km2"], 3),
                "too_large": _too_large(after, found),
            }
        )
    large = 0 if before is None else _too_large(inputs, before)
    return {**answer, "sites": sites, "too_large_before": large}


def _too_large(inputs: Inputs, found: Grounds) -> int:
    """Count the facilities with more ground than their level may have."""
    rule: Mapping[str, float] = inputs.standard["area_rule"]
    most = inputs.facilities["level"].map(rule)
    over = found.facilities["km2"].round(3) > most.astype(float)
    return int(over.sum())
