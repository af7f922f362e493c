"""The problems of the siting benchmark: OR-Library's p-medians, read from the data folder."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from tests.benchmarks._peers import ROOT

PLAIN = range(1, 21)
WITH_ROOM = range(1, 11)


@dataclass(frozen=True)
class Problem:
    """A p-median whose best value is published.

    Attributes
    ----------
    name
        As in OR-Library.
    costs
        Array demand x site.
    people
        Room each demand takes up.
    count
        How many sites are open.
    room
        Room of each site; None if it is without limit.
    best
        The published value.
    """

    name: str
    costs: Any
    people: Any
    count: int
    room: Any
    best: float


def data_folder() -> Path:
    """Return where the benchmark data lies; ``$GRIDMAP_BENCH_DATA`` names another place."""
    beside = ROOT.parent / "shared" / "data"
    folder = Path(os.environ.get("GRIDMAP_BENCH_DATA", beside)).resolve()
    if not (folder / "siting_pmed").is_dir():
        raise FileNotFoundError(f"no siting_pmed in {folder}: set GRIDMAP_BENCH_DATA")
    return folder


def plain(number: int) -> Problem:
    """Read one of pmed 1-20; if an edge repeats, the last cost counts."""
    folder = data_folder() / "siting_pmed"
    read = np.loadtxt((folder / f"pmed{number}.txt").read_text().split(), dtype=int)
    size, edges, count = read[:3]
    streets = np.zeros((size, size))
    for one, other, cost in read[3 : 3 + 3 * edges].reshape(-1, 3):
        streets[one - 1, other - 1] = streets[other - 1, one - 1] = cost
    costs = shortest_path(csr_array(streets), directed=False)
    lines = [line.split() for line in (folder / "optimal.txt").read_text().splitlines()]
    best = {line[0]: float(line[1]) for line in lines if len(line) == 2}
    name = f"pmed{number}"
    return Problem(name, costs, np.ones(size), int(count), None, best[name])


def with_room(number: int) -> Problem:
    """Read one of pmedcap 1-10: rounded-down distances, every site with the same room."""
    path = data_folder() / "siting_pmedcap" / f"pmedcap_{number}.txt"
    read = np.array(path.read_text().split(), dtype=float)
    size, count, room = (int(value) for value in read[2:5])
    _, east, north, people = read[5 : 5 + 4 * size].reshape(size, 4).T
    costs = np.floor(np.hypot(east[:, None] - east, north[:, None] - north))
    full = np.full(size, float(room))
    return Problem(f"pmedcap{number}", costs, people, count, full, float(read[1]))
