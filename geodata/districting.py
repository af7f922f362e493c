"""Draw balanced grids: the public names of districting in one place."""

from geodata.blocks import street_blocks
from geodata.drawing import Rare, draw_grids
from geodata.grid_quality import quality
from geodata.numbering import grid_codes
from geodata.partitioning import explain, partition

__all__ = ["Rare", "draw_grids", "explain", "grid_codes", "partition", "quality", "street_blocks"]
