"""Arrays kept in a folder, mapped instead of read, and never taken on trust.

A folder holds one ``.npy`` file for each array and a manifest with the digest of each. It is
written beside its place and then given its name in one step: under that name it is whole.
"""

import errno
import hashlib
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from geodata.errors import Fault, GeodataError

MANIFEST = "manifest.json"
FORMAT = 1

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_KINDS = "bif"  # yes or no, whole numbers, numbers: nothing that is a program when it is read
_ABANDONED = 3600.0  # seconds after which a folder still being written is nobody's
_PART = ".part"


class Damaged(GeodataError):  # noqa: N818 - read as `except Damaged`
    """A folder that is not what was once written there, or not all of it; names the file."""


@dataclass(frozen=True)
class Folder:
    """What a folder holds.

    Attributes
    ----------
    version
        The text it was saved with.
    facts
        What was saved besides arrays: numbers, texts and lists and tables of them.
    arrays
        Read-only arrays by name; they lie in the file until they are looked at.
    """

    version: str
    facts: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]


def save_folder(
    folder: Path,
    kind: str,
    version: str,
    arrays: Mapping[str, NDArray[Any]],
    facts: Mapping[str, Any],
) -> None:
    """Write arrays as a folder, whole or not at all.

    Parameters
    ----------
    folder
        Where it shall stand. What stands there already is kept if it is sound and of this
        version, and else replaced; several may write it at once.
    kind
        What the arrays make up; `load_folder` asks for it.
    version
        Whatever tells these arrays from others of their kind.
    arrays
        By name: small letters, digits and underscores; yes or no, or numbers.
    facts
        What JSON can hold.

    Raises
    ------
    GeodataError
        If a name or the values of an array cannot be kept so.
    """
    faults = [
        Fault("not an array of numbers with a plain name", None, name)
        for name, array in arrays.items()
        if not _NAME.fullmatch(name) or array.dtype.kind not in _KINDS
    ]
    if faults:
        raise GeodataError(faults)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _swept(folder)
    part = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}{_PART}")
    part.mkdir()
    try:
        files = {f"{name}.npy": _written(part, name, array) for name, array in arrays.items()}
        said = {"format": FORMAT, "kind": kind, "version": version, "facts": facts, "files": files}
        _put(part / MANIFEST, json.dumps({**said, "digest": _digest_of(said)}).encode())
        _named(part, folder, kind, version)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def version_of(folder: Path) -> str:
    """Return the version a folder was saved with; its arrays are not looked at.

    Raises
    ------
    Damaged
        If there is no manifest, or it is other than it was written.
    """
    return str(_manifest(folder)["version"])


def load_folder(folder: Path, kind: str, version: str | None = None) -> Folder:
    """Map what `save_folder` wrote, every byte compared with its digest.

    Raises
    ------
    Damaged
        If a file is missing or other than it was written, or the folder is of another kind,
        format or version.
    """
    said = _manifest(folder)
    for what, got, wanted in (
        ("format", said["format"], FORMAT),
        ("kind", said["kind"], kind),
        ("version", said["version"], said["version"] if version is None else version),
    ):
        if got != wanted:
            _refuse(folder / MANIFEST, f"{what} {got!r}, not {wanted!r}")
    arrays = {
        name[: -len(".npy")]: _mapped(folder / name, of) for name, of in said["files"].items()
    }
    return Folder(said["version"], said["facts"], arrays)


def _written(part: Path, name: str, array: NDArray[Any]) -> str:
    path = part / f"{name}.npy"
    with path.open("wb") as file:
        np.save(file, np.ascontiguousarray(array), allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    with path.open("rb") as file:
        return _digest(file)


def _put(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _named(part: Path, folder: Path, kind: str, version: str) -> None:
    """Give a written folder its name; a sound one that has it already may keep it."""
    while True:
        try:
            part.rename(folder)
        except OSError as why:
            # there was one; somebody else may have taken it away by now
            if why.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        else:
            _settle(folder.parent)
            return
        try:
            load_folder(folder, kind, version)
        except Damaged:
            # another name first: the folder is never seen with half its files
            gone = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}{_PART}")
            try:
                folder.rename(gone)
            except FileNotFoundError:
                continue  # someone else was faster
            shutil.rmtree(gone, ignore_errors=True)
        else:
            return


def _settle(parent: Path) -> None:
    """Make the name last, too."""
    handle = os.open(parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _swept(folder: Path) -> None:
    """Remove what someone left half-written long ago."""
    for left in folder.parent.glob(f".{folder.name}.*{_PART}"):
        try:
            abandoned = time.time() - left.stat().st_mtime > _ABANDONED
        except FileNotFoundError:
            continue
        if abandoned:
            shutil.rmtree(left, ignore_errors=True)


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        said = json.loads(path.read_bytes())
        digest = said.pop("digest")
        whole = digest == _digest_of(said)
        files = said["files"]
        whole &= all(_NAME.fullmatch(name.removesuffix(".npy")) for name in files)
    except OSError as error:
        raise Damaged(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        _refuse(path, "not a manifest")
    if not whole:
        _refuse(path, "not as it was written")
    return dict(said)


def _mapped(path: Path, digest: str) -> NDArray[Any]:
    try:
        # one opened file is read and mapped: by its name it could be another one the second time
        with path.open("rb") as file:
            array = _opened(file) if _digest(file) == digest else None
    except OSError as error:
        raise Damaged(f"{path}: {error.strerror}") from None
    except ValueError:
        array = None
    if array is None:
        _refuse(path, "not as it was written")
    return array


def _opened(file: BufferedReader) -> NDArray[Any]:
    file.seek(0)
    version = np.lib.format.read_magic(file)
    read = {(1, 0): np.lib.format.read_array_header_1_0}.get(version)
    if read is None:
        raise ValueError(version)
    shape, fortran, dtype = read(file)
    if fortran or dtype.kind not in _KINDS:
        raise ValueError(dtype)
    return np.asarray(np.memmap(file, dtype, "r", file.tell(), shape))


def _digest(file: BufferedReader) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()


def _digest_of(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _refuse(path: Path, why: str) -> NoReturn:
    raise Damaged(f"{path}: {why}")
