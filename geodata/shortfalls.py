"""Say in figures why a part misses the limits."""

import math
from typing import Any

import numpy as np

from geodata.balance import Graph, Ints
from geodata.limits import Limits


def shortfall(
    graph: Graph, labels: Ints, part: int, reason: str | None, limits: Limits
) -> dict[str, Any] | None:
    """Give the figures that show why no better part was to be had.

    Parameters
    ----------
    graph, labels
        As `partition_graph` took and gave them.
    part
        The part.
    reason
        What `reasons_of` says of it.
    limits
        The limits.

    Returns
    -------
    dict or None
        ``reason``; ``whole``, the households of all that hangs together with the part;
        ``fewest`` and ``most``, the numbers of parts into which that can be divided with none
        over the maximum, none under the minimum: where fewest is more than most there is no
        such number; ``largest``, the households of the part's largest unit. None without a
        reason.
    """
    if reason is None:
        return None
    group = graph.pieces(np.zeros(graph.size, np.int64))[1]
    members = labels == part
    whole = float(graph.weight[group == group[int(np.argmax(members))]].sum())
    return {
        "reason": reason,
        "whole": round(whole),
        "fewest": max(math.ceil(whole / limits.maximum), 1),
        "most": math.floor(whole / limits.minimum),
        "largest": round(float(graph.weight[members].max())),
    }
