"""Shapefiles: parts taken out of a zip under our own names, encoding of the table found out."""

import struct
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

import geopandas as gpd
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from geodata.errors import GeodataError
from geodata.readers.archive import copy_out

MAGIC = b"\x00\x00\x27\x0a"
_NEEDED = (".shp", ".shx", ".dbf")
_PARTS = (*_NEEDED, ".prj", ".cpg")
_TEXT = b"C"
_SAMPLE = 5_000  # records looked at to find the encoding
# language byte of the table's header
_LANGUAGES = {0x4D: "GB18030", 0x7A: "GB18030"}
_CODE_PAGES = {
    "utf8": "UTF-8",
    "65001": "UTF-8",
    "gbk": "GB18030",
    "gb2312": "GB18030",
    "gb18030": "GB18030",
    "936": "GB18030",
    "cp936": "GB18030",
    "ansi936": "GB18030",
    "oem936": "GB18030",
}


def unpack(archive: zipfile.ZipFile, folder: Path, layer: str | None) -> Path:
    """Take one Shapefile out of a checked zip file.

    Parameters
    ----------
    archive
        As opened by `archive.open_zip`.
    folder
        Empty folder of ours to put its parts in.
    layer
        Name of the .shp without its ending, where there are several.

    Returns
    -------
    Path
        The .shp in *folder*.
    """
    parts = {PurePosixPath(one.filename.replace("\\", "/")): one for one in archive.infolist()}
    found = [p for p in parts if p.suffix.lower() == ".shp" and not p.name.startswith("._")]
    wanted = [p for p in found if layer in (None, p.stem)]
    if len(wanted) != 1:
        names = ", ".join(repr(p.stem[:40]) for p in found[:10]) or "none"
        raise GeodataError(f"the zip file must hold one Shapefile, or say which: {names}")
    stem = wanted[0].with_suffix("")
    for path, entry in parts.items():
        if path.with_suffix("") == stem and path.suffix.lower() in _PARTS:
            copy_out(archive, entry, folder / f"layer{path.suffix.lower()}")
    return folder / "layer.shp"


def load(path: Path, layer: str | None, crs: object) -> gpd.GeoDataFrame:
    """Read a .shp with the parts beside it.

    Parameters
    ----------
    path
        The .shp; its .shx and .dbf are needed.
    layer
        None: a Shapefile is one layer.
    crs
        What the coordinates were declared to be; None needs a .prj.

    Returns
    -------
    GeoDataFrame
        CRS from the .prj, none without one.

    Raises
    ------
    GeodataError
        If a part is missing, cut off or contradicts another, the encoding cannot be told, or
        neither .prj nor *crs* says what the coordinates are.
    """
    if layer is not None:
        raise GeodataError(f"a Shapefile is one layer, not {layer!r}")
    parts = {ending: path.with_suffix(ending) for ending in _PARTS}
    for ending in _NEEDED:
        if not parts[ending].is_file():
            raise GeodataError(f"the Shapefile lacks its {ending} part")
    _complete(parts)
    system = _crs(parts[".prj"])
    if system is None and crs is None:
        raise GeodataError("the Shapefile has no .prj: declare the coordinate system")
    # the driver sees shapes and table only: what .prj and .cpg say has been read here
    with TemporaryDirectory() as folder:
        for ending in _NEEDED:
            (Path(folder) / f"layer{ending}").symlink_to(parts[ending].resolve())
        frame = _frame(Path(folder) / "layer.shp", _encoding(parts))
    return frame.set_crs(system, allow_override=True)


def _frame(path: Path, encoding: str) -> gpd.GeoDataFrame:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # rings wound the wrong way are put right by the format
            if pyogrio.read_info(path, encoding=encoding)["driver"] != "ESRI Shapefile":
                raise GeodataError("the .shp is no Shapefile")
            frame = pyogrio.read_dataframe(path, encoding=encoding)
    except GeodataError:
        raise
    except (RuntimeError, ValueError, shapely.errors.GEOSException) as error:
        raise GeodataError(f"the Shapefile is damaged: {error}") from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise GeodataError("the Shapefile has no geometry")
    return frame


def _complete(parts: dict[str, Path]) -> None:
    """Compare the sizes the parts state with those they have."""
    for ending in (".shp", ".shx"):
        head, size = _head(parts[ending], 100), parts[ending].stat().st_size
        if len(head) < 100 or head[:4] != MAGIC:
            raise GeodataError(f"the {ending} part is damaged")
        if struct.unpack(">i", head[24:28])[0] * 2 != size:
            raise GeodataError(f"the {ending} part is cut off or damaged")
    table = _head(parts[".dbf"], 32)
    if len(table) < 32:
        raise GeodataError("the .dbf part is damaged")
    count, start, width = struct.unpack("<IHH", table[4:12])
    if parts[".dbf"].stat().st_size < start + count * width:
        raise GeodataError("the .dbf part is cut off")
    shapes = (parts[".shx"].stat().st_size - 100) // 8
    if count != shapes:
        raise GeodataError(f"the parts do not belong together: {shapes} shapes, {count} records")


def _head(path: Path, length: int) -> bytes:
    with path.open("rb") as stream:
        return stream.read(length)


def _crs(path: Path) -> CRS | None:
    if not path.is_file():
        return None
    text = _head(path, 20_000).decode("utf-8", "replace").strip()
    if not text.upper().startswith(("GEOGCS", "PROJCS", "COMPD_CS", "GEOGCRS", "PROJCRS")):
        raise GeodataError("the .prj part is damaged: declare the coordinate system")
    try:
        system = CRS.from_wkt(text)
    except CRSError as error:
        raise GeodataError(f"the .prj part cannot be read: {error}") from error
    code = system.to_epsg(min_confidence=25)  # other makers' names for the same system
    return CRS.from_epsg(code) if code else system


def _encoding(parts: dict[str, Path]) -> str:
    """Choose the first encoding in which every text of the table can be read.

    Tried in order: what the .cpg says, what the language byte says, UTF-8, GB18030.
    """
    stated = _head(parts[".cpg"], 64) if parts[".cpg"].is_file() else b""
    page = "".join(c for c in stated.decode("ascii", "ignore").lower() if c.isalnum())
    language = _head(parts[".dbf"], 32)[29]
    texts = list(_texts(parts[".dbf"]))
    for encoding in (_CODE_PAGES.get(page), _LANGUAGES.get(language), "UTF-8", "GB18030"):
        if encoding and all(_readable(text, encoding) for text in texts):
            return encoding
    raise GeodataError("the texts of the .dbf part are neither UTF-8 nor GB18030")


def _readable(text: bytes, encoding: str) -> bool:
    # a text that fills its field may end within a character
    for cut in range(4):
        try:
            text[: len(text) - cut].decode(encoding)
        except UnicodeDecodeError as error:
            if error.start < len(text) - cut - 4:
                return False
        else:
            return True
    return False


def _texts(path: Path) -> Iterator[bytes]:
    """Give the names of the columns and the texts of the table that are not ASCII."""
    data = path.read_bytes()
    count, start, width = struct.unpack("<IHH", data[4:12])
    fields, offset = [], 1
    for place in range(32, min(start, len(data)) - 32, 32):
        if data[place] == 0x0D:
            break
        yield data[place : place + 11].split(b"\x00")[0]
        length = data[place + 16]
        if data[place + 11 : place + 12] == _TEXT:
            fields.append((offset, length))
        offset += length
    for record in range(min(count, _SAMPLE)):
        row = data[start + record * width : start + (record + 1) * width]
        for place, length in fields:
            text = row[place : place + length].rstrip(b" \x00")
            if not text.isascii():
                yield text
