"""Passwords of the private servers: made once, kept in one file of the service user's alone."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from gridmap.local.layout import Layout

NAMES = ("postgres", "gridmap_migrator", "gridmap_app", "gridmap_backup", "redis", "secret_key")


def open_vault(layout: Layout, sockets: Path) -> dict[str, str]:
    """Return the secrets of a state folder, making those that are missing.

    Parameters
    ----------
    layout : Layout
        The state folder.
    sockets : Path
        Where the sockets are this time; noted beside the passwords, so that every command finds
        the servers by this one file.

    Returns
    -------
    dict of str to str
        Random passwords by name, the signing key as `secret_key`, and `sockets`.
    """
    known = read(layout) if layout.secrets.exists() else {}
    wanted = {name: known.get(name) or secrets.token_urlsafe(32) for name in NAMES}
    wanted["sockets"] = str(sockets)
    if wanted != known:
        write_private(layout.secrets, json.dumps(wanted, indent=1))
    return wanted


def read(layout: Layout) -> dict[str, str]:
    """Return the secrets that are there."""
    known: dict[str, str] = json.loads(layout.secrets.read_text(encoding="utf-8"))
    return known


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    fresh = path.with_name(f"{path.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
