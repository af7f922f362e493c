"""The demo towns: real streets, everything else a seeded simulation."""

from geodata.demo.frames import Town
from geodata.errors import GeodataError

__all__ = ["SEED", "Town", "names", "town"]

SEED = 20260101


def names() -> list[str]:
    """List the towns that can be built."""
    return ["guanggu", "monaco"]


def town(name: str, seed: int = SEED) -> Town:
    """Build a demo town.

    Parameters
    ----------
    name
        One of `names()`.
    seed
        Of everything simulated; the same seed gives the same bytes.

    Returns
    -------
    town
        All its frames, EPSG:4326.

    Raises
    ------
    GeodataError
        There is no town of that name.
    """
    if name == "guanggu":
        from geodata.demo import guanggu

        return guanggu.build(seed)
    if name == "monaco":
        from geodata.demo import monaco

        return monaco.build(seed)
    raise GeodataError(f"no demo town {name!r}; there are: {', '.join(names())}")
