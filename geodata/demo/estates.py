"""What stands where in the simulated town: a use for every cell and buildings for every use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.demo.chance import stream
from geodata.demo.fabric import PATTERNS, Turned, place

NEAR_STREET = 140.0
_OTHER_USES = ("office", "campus", "industry", "park", "vacant")
_OTHER_SHARE = (0.34, 0.20, 0.08, 0.22, 0.16)
_STANDING = 0.8
# Buildings for the public: one or two of them, smaller ones where the cell is too narrow.
SINGLE = ("school", "market", "hospital", "service")


@dataclass(frozen=True)
class Mix:
    """What a township is made of.

    Attributes
    ----------
    homes
        Homes to build.
    styles
        Share of each residential pattern.
    public
        How many cells of each public use.
    """

    homes: int
    styles: Mapping[str, float]
    public: Mapping[str, int]


@dataclass
class _Site:
    """Where building goes on: what has been built and how full each block is."""

    grounds: Mapping[int, Turned]
    streets: shapely.STRtree
    cap: int
    full: dict[int, int] = field(default_factory=dict)
    style: dict[int, str] = field(default_factory=dict)
    rows: list[tuple[int, int, str, int, int, int, shapely.Polygon]] = field(default_factory=list)

    def build(self, label: int, cell: pd.Series, use: str, rng: np.random.Generator) -> int:
        """Build one cell; give the homes built."""
        pattern = PATTERNS[use]
        block = int(cell["block"])
        shapes = place(self.grounds[block], cell, pattern)
        if len(shapes) == 0 and use in SINGLE:
            pattern = PATTERNS["service"]
            shapes = place(self.grounds[block], cell, pattern)
        if pattern.homes == 0:
            shapes = self._public(shapes, use, rng)
        else:
            shapes = self._near_streets(shapes)
        levels = int(rng.integers(pattern.levels[0], pattern.levels[1] + 1))
        each = levels * pattern.units * pattern.homes
        if each:
            shapes = shapes[: max(0, (self.cap - self.full.get(block, 0)) // each)]
            self.full[block] = self.full.get(block, 0) + each * len(shapes)
        for shape in shapes:
            self.rows.append((label, block, use, levels, pattern.units, pattern.homes, shape))
        return each * len(shapes)

    def _near_streets(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Leave out homes that a street cannot serve."""
        if len(shapes) == 0:
            return shapes
        near, _ = self.streets.query(shapely.centroid(shapes), "dwithin", NEAR_STREET)
        return np.asarray(shapes[np.unique(near)], dtype=np.object_)

    def _public(
        self, shapes: NDArray[np.object_], use: str, rng: np.random.Generator
    ) -> NDArray[np.object_]:
        """Thin out other buildings; of those for the public there are one or two."""
        if use in SINGLE:
            return shapes[: 2 if use == "school" else 1]
        return shapes[rng.random(len(shapes)) < _STANDING]


def choose_public(
    cells: pd.DataFrame, wanted: Mapping[str, int], rng: np.random.Generator
) -> dict[int, str]:
    """Choose cells for public uses, far from each other.

    Parameters
    ----------
    cells
        Columns x, y (centre), area, street (metres to the nearest), safe (bool).
    wanted
        Number of cells of each use.
    rng
        Source of chance.

    Returns
    -------
    chosen
        Use by label of `cells`.
    """
    open_cells = cells[(cells["street"] < 90) & cells["safe"] & (cells["area"] > 6000)]
    if open_cells.empty:
        return {}
    points = open_cells[["x", "y"]].to_numpy(float)
    uses = [use for use, count in wanted.items() for _ in range(count)]
    order = [int(rng.integers(len(points)))]
    while len(order) < min(len(uses), len(points)):
        apart = np.hypot(*(points[:, None] - points[order]).transpose(2, 0, 1)).min(axis=1)
        order.append(int(np.argmax(apart)))
    shuffled = rng.permutation(len(order))
    labels = open_cells.index.to_numpy()
    return {int(labels[order[k]]): uses[n] for n, k in enumerate(shuffled)}


def build(
    cells: pd.DataFrame,
    grounds: Mapping[int, Turned],
    streets: NDArray[np.object_],
    mixes: Sequence[Mix],
    cap: int,
    seed: int,
) -> tuple[pd.DataFrame, pd.Series]:
    """Give every cell a use and build it.

    Parameters
    ----------
    cells
        Columns of `fabric.cells` and township (position in `mixes`), x, y, area, street, safe,
        first (bool: filled with homes before the others).
    grounds
        Turned ground by block.
    streets
        Street lines; homes stand within 140 m of one.
    mixes
        What each township gets.
    cap
        Most homes of one block.
    seed
        Seed of the town.

    Returns
    -------
    buildings
        Columns cell, block, kind (pattern), levels, units, homes, geometry (metric).
    uses
        Use of each cell: residential, a public use, or one of office, campus, industry, park,
        vacant. Index of `cells`.
    """
    uses = pd.Series("", index=cells.index, dtype=object)
    site = _Site(grounds, shapely.STRtree(streets), cap)
    for number, mix in enumerate(mixes):
        rng = stream(seed, f"estates {number}")
        here = cells[cells["township"] == number]
        for label, use in choose_public(here[_fits(here, grounds)], mix.public, rng).items():
            uses[label] = use
            if use in PATTERNS:
                site.build(label, pd.Series(cells.loc[label]), use, rng)
        _fill(site, here[uses[here.index] == ""], mix, uses, rng)
    rows = pd.DataFrame(
        site.rows, columns=["cell", "block", "kind", "levels", "units", "homes", "geometry"]
    )
    return rows, uses


def _fits(cells: pd.DataFrame, grounds: Mapping[int, Turned]) -> NDArray[np.bool_]:
    """Tell in which cells at least a small public building can stand."""
    least = PATTERNS["service"]
    return np.array(
        [len(place(grounds[int(cell["block"])], cell, least)) > 0 for _, cell in cells.iterrows()],
        dtype=np.bool_,
    )


def _fill(
    site: _Site, cells: pd.DataFrame, mix: Mix, uses: pd.Series, rng: np.random.Generator
) -> None:
    """Fill cells with homes until the township has enough, the others with other uses."""
    shuffled = cells.iloc[rng.permutation(len(cells))]
    ordered = shuffled.sort_values("first", ascending=False, kind="stable")
    styles, shares = list(mix.styles), np.array(list(mix.styles.values()), float)
    built = 0
    for label in map(int, ordered.index):
        cell = pd.Series(ordered.loc[label])
        use = "other"
        if built < mix.homes and cell["street"] < NEAR_STREET + 60:
            drawn = styles[int(rng.choice(len(styles), p=shares / shares.sum()))]
            style = site.style.setdefault(int(cell["block"]), drawn)
            added = site.build(label, cell, style, rng)
            built += added
            use = "residential" if added else "other"
        if use == "other":
            use = _OTHER_USES[int(rng.choice(len(_OTHER_USES), p=_OTHER_SHARE))]
            if use in PATTERNS:
                site.build(label, cell, use, rng)
        uses[label] = use
