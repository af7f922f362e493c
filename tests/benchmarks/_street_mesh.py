"""Simulated street blocks of any number: a bent raster with the households of real blocks."""

import numpy as np

from geodata.balance import Graph

_SIDE = 120.0  # metres of a block
_PER_BLOCK = 47.5  # households, as in central Wuhan
_BEND = 0.3  # of a side: how far a corner is moved


def mesh(households: int, seed: int = 0) -> Graph:
    """Make the graph of about *households* / 47.5 blocks that touch, some without anybody."""
    rng = np.random.default_rng(seed)
    columns = max(round((households / _PER_BLOCK) ** 0.5), 2)
    corners = np.stack(np.meshgrid(*[np.arange(columns + 1.0)] * 2, indexing="ij"), axis=-1)
    corners = (corners + rng.uniform(-_BEND, _BEND, corners.shape)) * _SIDE
    ring = np.stack(
        [corners[:-1, :-1], corners[1:, :-1], corners[1:, 1:], corners[:-1, 1:]], axis=2
    ).reshape(-1, 4, 2)
    after = np.roll(ring, -1, axis=1)
    area = np.abs((ring[..., 0] * after[..., 1] - ring[..., 1] * after[..., 0]).sum(axis=1)) / 2
    side = np.hypot(*np.moveaxis(after - ring, -1, 0))
    number = np.arange(columns * columns).reshape(columns, columns)
    east = (number[:-1].ravel(), number[1:].ravel(), side.reshape(columns, columns, 4)[:-1, :, 1])
    north = (
        number[:, :-1].ravel(),
        number[:, 1:].ravel(),
        side.reshape(columns, columns, 4)[:, :-1, 2],
    )
    borders = (
        np.concatenate([east[0], north[0]]),
        np.concatenate([east[1], north[1]]),
        np.concatenate([east[2].ravel(), north[2].ravel()]),
    )
    weight = _weights(rng, columns * columns, households)
    return Graph.from_borders(weight, area, side.sum(axis=1), borders)


def _weights(rng: np.random.Generator, blocks: int, households: int) -> "np.ndarray":
    """Share households out: one block in eight is empty, few have more than half a grid."""
    weight = np.minimum(rng.lognormal(3.0, 1.4, blocks), 240.0)
    weight[rng.random(blocks) < 0.12] = 0.0
    for _ in range(20):  # what the largest may not have goes to the others
        weight = np.minimum(weight * households / weight.sum(), 240.0)
    return np.round(weight)
