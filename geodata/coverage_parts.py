"""Areas put together, with every vertex that they have."""

from typing import Any

import numpy as np
import shapely


def united(shapes: Any) -> Any:
    """Unite areas of a coverage, every vertex kept.

    Neighbours that lie in different communities may have other vertices on one border: they are
    no coverage, and united all the same.
    """
    parts = shapely.get_parts(np.asarray(list(shapes), dtype=object))
    whole = parts[0] if len(parts) == 1 else _joined(parts)
    found = shapely.get_parts(shapely.get_parts(whole))
    found = found[shapely.get_dimensions(found) == 2]
    return found[0] if len(found) == 1 else shapely.multipolygons(found)


def _joined(parts: Any) -> Any:
    try:
        whole = shapely.coverage_union_all(parts)
    except shapely.errors.GEOSException:
        return shapely.union_all(parts)
    # where vertices differ it does not fail but leaves both sides of the border
    return whole if shapely.is_valid(whole) else shapely.union_all(parts)
