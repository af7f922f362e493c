"""Which code the servers run: the checkout, or a copy of it where their user cannot read it."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from gridmap.local import machine
from gridmap.local.errors import LocalError

# What runs; the rest of the checkout (tests, node_modules) is not needed to serve.
CODE = ("wsgi.py", "gridmap", "geodata", "jobs", "static")
NOT_CODE = ("node_modules", "test", "tests")
# Copied, but no part of what the code is.
COMPILED = "__pycache__"


def root() -> Path:
    """Return the folder that holds the packages that are running now."""
    return Path(__file__).resolve().parents[2]


def interpreter(user: machine.User) -> Path:
    """Return a Python of this virtual environment that the user can run.

    Raises
    ------
    LocalError
        There is none; names the command that makes one.
    """
    python = Path(sys.prefix).resolve() / "bin" / "python"
    if machine.may(user, python, "x") and machine.may(
        user, Path(sys.prefix).resolve() / "lib", "rx"
    ):
        return python
    raise LocalError(
        f"the user {user.name} cannot run {python} (it lies in, or points into, a private folder)"
        f"\nrun: make -C {root()} setup"
    )


def runnable_code(user: machine.User) -> Path:
    """Return a folder from which the user can run gridmap.

    Parameters
    ----------
    user : User
        Who runs the code.

    Returns
    -------
    Path
        The checkout, or a copy of it as it is now, under `/var/lib/gridmap`, where the user
        cannot read it. Older copies that nothing runs from are removed.
    """
    source = root()
    files = sorted(_code_files(source))
    if all(machine.may(user, path, "rx" if path.is_dir() else "r") for path in files):
        return source
    home = machine.make_home(source / "state")
    target = home / f"code-{_digest(files)}"
    if not target.exists():
        fresh = home / f"fresh-{os.getpid()}"
        fresh.mkdir(mode=0o755)
        fresh.chmod(0o755)  # whatever the umask
        for name in CODE:
            _copy(source / name, fresh / name)
        fresh.rename(target)
    _remove_unused(home, target)
    return target


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path}\0".encode())
        if path.is_file():
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _remove_unused(home: Path, kept: Path) -> None:
    """Remove copies of the code that no process works in: every part runs in its copy."""
    used = {kept}
    for process in psutil.process_iter():
        try:
            used.add(Path(process.cwd()))
        except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess, OSError):
            continue
    for copy in home.glob("code-*"):
        if copy not in used:
            shutil.rmtree(copy, ignore_errors=True)


def _code_files(source: Path) -> Iterator[Path]:
    yield source
    for name in CODE:
        if (source / name).is_dir():
            for folder, folders, files in os.walk(source / name):
                folders[:] = [each for each in folders if each not in (*NOT_CODE, COMPILED)]
                yield Path(folder)
                yield from (Path(folder) / file for file in files)
        elif (source / name).exists():
            yield source / name


def _copy(source: Path, target: Path) -> None:
    """Copy code so that everybody may read it, whatever the umask of the clone was."""
    if source.is_file():
        shutil.copy2(source, target)  # with its time, by which compiled files are known as fresh
        target.chmod(0o644)
    elif source.is_dir():
        target.mkdir(mode=0o755)
        target.chmod(0o755)
        for entry in sorted(source.iterdir()):
            if entry.name not in NOT_CODE:
                _copy(entry, target / entry.name)
