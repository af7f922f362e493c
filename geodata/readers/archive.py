"""Zip files from strangers: what may be in one, and how much of it is read."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from geodata.errors import GeodataError

MAX_ENTRIES = 200
MAX_BYTES = 200 * 1024**2
MAX_RATIO = 100
_HARMLESS = 1024**2  # below this size a high ratio is only a file of blanks
_ARCHIVES = (".zip", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz", ".kmz")
# What zipfile raises over a damaged or unusual archive. NotImplementedError is its word for an
# unknown compression or version in a header: a fault of the file here, nothing unfinished.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    UnicodeDecodeError,
)
_LOCAL_HEADER = 30  # bytes before an entry's name
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


@contextmanager
def open_zip(path: str | Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip file that has passed every check.

    Raises
    ------
    GeodataError
        If it is no zip file, is damaged, encrypted, holds more than 200 entries, would unpack to
        more than 200 MB or a hundred times its size, holds overlapping entries, names that leave
        the folder, links or further archives; also while reading, if an entry is damaged.
    """
    name = Path(path).name
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive, Path(path).stat().st_size, name)
            yield archive
    except _DAMAGE as error:
        if isinstance(error, FileNotFoundError) and not Path(path).exists():
            raise GeodataError(f"{name}: no such file") from error
        raise GeodataError(f"{name}: the zip file is damaged ({error})") from error
    except RuntimeError as error:  # what zipfile raises for encrypted entries
        raise GeodataError(f"{name}: {error}") from error


def _check(archive: zipfile.ZipFile, size: int, name: str) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise GeodataError(f"{name}: {len(entries)} entries, at most {MAX_ENTRIES} are allowed")
    total = sum(entry.file_size for entry in entries)
    if total > MAX_BYTES:
        raise GeodataError(f"{name}: unpacks to {total:,} bytes, at most {MAX_BYTES:,} are allowed")
    if total > _HARMLESS and total > MAX_RATIO * size:
        raise GeodataError(f"{name}: unpacks to more than {MAX_RATIO} times its size")
    for entry in entries:
        if problem := _problem(entry):
            raise GeodataError(f"{name}: entry {entry.filename[:80]!r} {problem}")
    end = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        if entry.header_offset < end:
            raise GeodataError(f"{name}: entry {entry.filename[:80]!r} overlaps another one")
        end = entry.header_offset + _LOCAL_HEADER + entry.compress_size
    seen = [entry.filename.lower() for entry in entries]
    if len(set(seen)) < len(seen):
        raise GeodataError(f"{name}: two entries have the same name")


def _problem(entry: zipfile.ZipInfo) -> str | None:
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in entry.filename or not path.parts:
        return "has a name that leaves the folder"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "is a link"
    if entry.flag_bits & 0x1:
        return "is encrypted"
    if entry.compress_type not in _METHODS:
        return "is compressed in an unusual way"
    if path.name.lower().endswith(_ARCHIVES):
        return "is itself an archive"
    return None


def copy_out(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Unpack one entry of a checked archive to a file of our own naming.

    Raises
    ------
    GeodataError
        If the entry begins like an archive, whatever its name.
    """
    with archive.open(entry) as source, target.open("wb") as sink:
        head = source.read(8)
        if head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh")):
            raise GeodataError(f"entry {entry.filename[:80]!r} is itself an archive")
        sink.write(head)
        _copy(source, sink)


def _copy(source: IO[bytes], sink: IO[bytes]) -> None:
    while block := source.read(1 << 20):
        sink.write(block)
