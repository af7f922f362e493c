"""Why some cannot be served, so that it can be acted on: narrow streets, beds that are short."""

from typing import Any

from geodata import evacuation, evacuation_cuts
from geodata.network import Network
from gridmap.model.plan_options import PlanOptions
from gridmap.services.plan_engine import engine
from gridmap.services.plan_inputs import Inputs

_HOURS = 1.0  # within which everybody is to be out where nobody has said when
_SHORT = ("full", "too_large")


def explained(
    inputs: Inputs, network: Network, made: evacuation.Draft, options: PlanOptions
) -> dict[str, Any]:
    """Find what holds people back: nothing where all are served within the time there is."""
    given = (network, inputs.households, inputs.shelters, inputs.shape, inputs.blocked)
    hours = _HOURS if options.deadline_minutes is None else options.deadline_minutes / 60
    cuts = evacuation_cuts.cut(*given, hours=hours, options=engine(options), water=inputs.water)
    beds: list[dict[str, Any]] = []
    if made.unserved["reason"].isin(_SHORT).any():
        extra, _found = evacuation_cuts.beds(*given, options=engine(options), water=inputs.water)
        beds = [
            {"shelter": int(str(label)), "name": inputs.shelters.at[label, "name"], "beds": int(n)}
            for label, n in extra[extra > 0].items()
        ]
    if not cuts and not beds:
        return {}
    return {"hours": hours, "cuts": [_said(inputs, one) for one in cuts], "beds": beds}


def _said(inputs: Inputs, one: evacuation_cuts.Cut) -> dict[str, Any]:
    lines = one.links.to_crs("EPSG:4326").geometry if len(one.links) else []
    return {
        "kind": one.kind,
        "names": list(one.names),
        "streets": int(one.streets),
        "per_hour": round(float(one.per_hour)),
        "carries": round(float(one.carries)),
        "people": int(one.people),
        "households": len(one.households),
        "shelters": [str(inputs.shelters.at[label, "name"]) for label in one.shelters],
        "geometry": {
            "type": "MultiLineString",
            "coordinates": [
                [[round(x, 6), round(y, 6)] for x, y in line.coords]
                for line in lines
                if line is not None and line.geom_type == "LineString"
            ],
        },
    }
