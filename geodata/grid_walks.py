"""How far the households of a grid are, on foot, from who looks after them."""

from typing import Any

import numpy as np

from geodata.network import Network


def walks(network: Network, member: Any, homes: Any, limit: float) -> dict[str, Any]:
    """Measure the ways from a member to the households of a grid.

    Parameters
    ----------
    network
        Of the profile ``walk``, large enough around both.
    member
        Point from which the rounds begin, in any declared CRS (a series of one).
    homes
        Points of the households, as the member.
    limit
        Seconds beyond which a household counts as far.

    Returns
    -------
    dict
        ``farthest_seconds`` of those that can be reached, None where none can; ``beyond``:
        households farther than the limit; ``cut_off``: households that no way reaches.
    """
    if not len(homes):
        return {"farthest_seconds": None, "beyond": 0, "cut_off": 0}
    if not network.size:
        return {"farthest_seconds": None, "beyond": 0, "cut_off": len(homes)}
    seconds = network.matrix(member, homes)[0][0]
    reached = np.isfinite(seconds)
    return {
        "farthest_seconds": round(float(seconds[reached].max())) if reached.any() else None,
        "beyond": int((seconds[reached] > limit).sum()),
        "cut_off": int((~reached).sum()),
    }
