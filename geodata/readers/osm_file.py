"""Opening an OpenStreetMap file: content before name, and what is broken said plainly."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import osmium

from geodata.errors import GeodataError
from geodata.readers import osm_blobs, sizes

MAX_BYTES = 2 * 1024**3
_HEAD = 65536


def open_extract(path: str | Path) -> osmium.io.File:
    """Open a PBF or OSM XML extract by what it contains, whatever it is called.

    Parameters
    ----------
    path
        A local file.

    Returns
    -------
    osmium.io.File
        To be read inside :func:`readable`.

    Raises
    ------
    GeodataError
        If the file is missing, empty, too large, of another format, holds a document type
        definition (entities could make it grow without end) or several versions of one object.
    """
    path = sizes.readable(Path(path), MAX_BYTES)
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise GeodataError(f"{path.name}: XML with a document type definition is refused")
    form = _format(head)
    if form is None:
        raise GeodataError(f"{path.name}: this is neither an OSM PBF nor an OSM XML file")
    if form == "pbf":
        osm_blobs.check(path)
    return osmium.io.File(str(path), form)


def _format(head: bytes) -> str | None:
    # a PBF opens with a 4-byte length and a BlobHeader whose first field is the text "OSMHeader"
    if head[4:15] == b"\x0a\x09OSMHeader":
        return "pbf"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith(b"<"):
        return None
    start = text.find(b"<osm")
    return "osm" if start >= 0 and text[start + 4 : start + 5] in {b" ", b">", b"\n"} else None


@contextmanager
def readable(path: str | Path, seen: "Progress") -> Iterator[None]:
    """Turn what goes wrong while an extract is read into one error that names the place.

    Parameters
    ----------
    path
        The file being read.
    seen
        How far reading has come; kept up to date by the reader.

    Raises
    ------
    GeodataError
        Instead of any error of the file reader.
    """
    try:
        yield
    except GeodataError:
        raise
    except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
        raise GeodataError(f"{Path(path).name}: {_plainly(str(error))} ({seen})") from error


def _plainly(message: str) -> str:
    if any(sign in message for sign in ("EOF", "truncated", "unclosed token", "no element found")):
        return f"the file is cut off or damaged: {message}"
    return f"the file cannot be read: {message}"


def is_sorted(source: osmium.io.File) -> bool:
    """Tell whether nodes come before ways and ways before relations, as readers need them."""
    rank, highest = {"n": 0, "w": 1, "r": 2}, 0
    for item in osmium.FileProcessor(source):
        place = rank.get(item.type_str(), highest)
        if place < highest:
            return False
        highest = place
    return True


def sorted_copy(path: str | Path, folder: str | Path) -> osmium.io.File:
    """Write an extract in the usual order into *folder*; queries often give ways before nodes."""
    copy = Path(folder) / "sorted.osm.pbf"
    form = "pbf" if Path(path).read_bytes()[4:6] == b"\x0a\x09" else "osm"
    merge = osmium.MergeInputReader()
    merge.add_buffer(Path(path).read_bytes(), form)
    with osmium.SimpleWriter(str(copy)) as writer:
        merge.apply(writer, simplify=False)
    return osmium.io.File(str(copy), "pbf")


class Progress:
    """The last object read, for the error message of a broken file."""

    def __init__(self) -> None:
        self.last: str | None = None

    def __str__(self) -> str:
        """Name the last object."""
        return f"after {self.last}" if self.last else "before the first object"
