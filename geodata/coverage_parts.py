"""Areas put together, with every vertex that they have."""

from typing import Any

import numpy as np
import shapely


def united(shapes: Any) -> Any:
    """Unite areas of a coverage, every vertex kept."""
    parts = shapely.get_parts(np.asarray(list(shapes), dtype=object))
    whole = parts[0] if len(parts) == 1 else shapely.coverage_union_all(parts)
    found = shapely.get_parts(shapely.get_parts(whole))
    found = found[shapely.get_dimensions(found) == 2]
    return found[0] if len(found) == 1 else shapely.multipolygons(found)
