"""The file of a backup: a manifest of what must be inside, and the dump; read to the last byte."""

import hashlib
import json
import os
import re
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from gridmap.store.pg_programs import BackupError, last_line, program

_MANIFEST = "manifest.json"
_DUMP = "database.dump"
_FORMAT = 1
_COPY = re.compile(rb"COPY public\.(?:\"([^\"]+)\"|(\w+)) \(.*\) FROM stdin;\n")
_MOST_MANIFEST = 1_000_000


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    Attributes
    ----------
    made_at
        ISO time of the snapshot.
    revision
        Newest migration.
    rows
        Rows of each table of ours.
    trail
        Events in the trail and the hash of the last one (hex).
    sha256
        Of the dump.
    server
        Version of PostgreSQL that wrote it.
    key
        Fingerprint of the secret key under which second factors are kept.
    """

    made_at: str
    revision: str
    rows: dict[str, int]
    trail: tuple[int, str]
    sha256: str
    server: str
    key: str | None
    format: int = _FORMAT


def fingerprint(secret_key: str | None) -> str | None:
    """Give what tells one secret key from another without giving the key away."""
    if secret_key is None:
        return None
    return hashlib.sha256(b"gridmap backup " + secret_key.encode()).hexdigest()[:16]


def pack(target: Path, manifest: Manifest, dump: Path) -> None:
    """Write the file, readable by its owner alone, through to the disk."""
    note = dump.with_name(_MANIFEST)
    note.write_bytes(json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode())
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            archive.add(note, arcname=_MANIFEST)
            archive.add(dump, arcname=_DUMP)
        file.flush()
        os.fsync(file.fileno())


def check(source: Path) -> Manifest:
    """Read a backup to its last byte and compare it with its manifest.

    Raises
    ------
    BackupError
        It is no backup, a byte differs, or tables hold other numbers of rows than were there.
    """
    with unpacked(source) as (manifest, dump):
        found = _rows_inside(dump)
    wrong = [
        f"{name}: {found.get(name, 0)} of {count} rows"
        for name, count in manifest.rows.items()
        if found.get(name, 0) != count
    ]
    if wrong:
        raise BackupError(f"{source} is incomplete: {'; '.join(wrong[:5])}")
    # No event is ever deleted: fewer than the trail's end counts were hidden from the dump.
    if found.get("event", 0) != manifest.trail[0]:
        raise BackupError(
            f"{source} is incomplete: {found.get('event', 0)} of {manifest.trail[0]} events;"
            " was it made by a role under row security?"
        )
    return manifest


@contextmanager
def unpacked(source: Path) -> Iterator[tuple[Manifest, Path]]:
    """Give the manifest and, while the block runs, a file with the dump.

    Raises
    ------
    BackupError
        It is no backup, or what is in it is not what was written.
    """
    with TemporaryDirectory(dir=source.parent, prefix=".gridmap-restore-") as folder:
        dump = Path(folder) / _DUMP
        try:
            with tarfile.open(source, mode="r:") as archive:
                manifest = _manifest(archive)
                _copy(archive, dump)
        except (tarfile.TarError, ValueError, KeyError, TypeError, EOFError) as error:
            raise BackupError(f"{source} is no backup of gridmap, or damaged") from error
        if sha256_of(dump) != manifest.sha256:
            raise BackupError(f"{source} is damaged: what is in it is not what was written")
        yield manifest, dump


def _manifest(archive: tarfile.TarFile) -> Manifest:
    with _member(archive, _MANIFEST) as file:
        known = json.loads(file.read(_MOST_MANIFEST))
    if known["format"] != _FORMAT:
        raise ValueError("another format")
    known["trail"] = (int(known["trail"][0]), str(known["trail"][1]))
    return Manifest(**known)


def _copy(archive: tarfile.TarFile, dump: Path) -> None:
    descriptor = os.open(dump, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with _member(archive, _DUMP) as inside, os.fdopen(descriptor, "wb") as file:
        while block := inside.read(1 << 20):
            file.write(block)


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    file = archive.extractfile(name)
    if file is None:
        raise KeyError(name)
    return file


def _rows_inside(dump: Path) -> dict[str, int]:
    """Count the rows of each table by reading the whole dump as `pg_restore` would write it."""
    command = [str(program("pg_restore")), "--data-only", "--file=-", str(dump)]
    found: dict[str, int] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        table = None
        for line in process.stdout:
            if table is not None:
                if line == b"\\.\n":
                    table = None
                else:
                    found[table] += 1
            elif (begun := _COPY.match(line)) is not None:
                table = (begun[1] or begun[2]).decode()
                found[table] = 0
        said = process.stderr.read()
    if process.returncode != 0:
        raise BackupError(f"the dump cannot be read: {last_line(said)}")
    return found


def sha256_of(path: Path) -> str:
    """Give the SHA-256 of a file (hex)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
