"""Draw balanced grids: the public names of districting in one place."""

from geodata.partitioning import explain, partition

__all__ = ["explain", "partition"]
