"""What lies where in a state folder."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Layout:
    """The folders and files of one embedded default.

    Parameters
    ----------
    state : Path
        The state folder itself, without symbolic links.
    """

    state: Path

    @classmethod
    def of(cls, state: Path) -> Layout:
        """Return the layout of a state folder, following a link to where it really is."""
        return cls(Path(os.path.realpath(state)))

    @property
    def key(self) -> str:
        """Short name that no other state folder of this machine has."""
        return hashlib.sha256(str(self.state).encode()).hexdigest()[:10]

    @property
    def pgdata(self) -> Path:
        """Data folder of PostgreSQL."""
        return self.state / "pgdata"

    @property
    def redis(self) -> Path:
        """Data folder of Redis."""
        return self.state / "redis"

    @property
    def logs(self) -> Path:
        """One log a part, older ones numbered."""
        return self.state / "logs"

    @property
    def cache(self) -> Path:
        """What libraries want to keep between starts; may be deleted."""
        return self.state / "cache"

    @property
    def secrets(self) -> Path:
        """Passwords of the private servers and the signing key."""
        return self.state / "secrets.json"

    @property
    def lock(self) -> Path:
        """Held by the running supervisor for as long as it lives."""
        return self.state / "lock"

    @property
    def run_file(self) -> Path:
        """What is running: pids, since when, address."""
        return self.state / "run.json"
