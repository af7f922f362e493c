"""The first look at a file: it is there, holds something and is not too large to read."""

from pathlib import Path

from geodata.errors import GeodataError


def readable(path: Path, most: int) -> Path:
    """Give the path back if it names a file of 1 to `most` bytes.

    Raises
    ------
    GeodataError
        If it is missing, empty or larger.
    """
    if not path.is_file():
        raise GeodataError(f"{path.name}: no such file")
    size = path.stat().st_size
    if size == 0:
        raise GeodataError(f"{path.name}: the file is empty")
    if size > most:
        raise GeodataError(f"{path.name}: {size:,} bytes, at most {most:,} are allowed")
    return path
