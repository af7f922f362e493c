"""Users and folders: who runs the servers, and where they may write.

Started by root, nothing of gridmap goes on running as root: a system user does. That user may be
unable to enter the checkout (a clone under a private home); its state then lives under
`/var/lib/gridmap`.
"""

from __future__ import annotations

import grp
import hashlib
import os
import pwd
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridmap.local.errors import LocalError
from gridmap.local.layout import Layout

SERVICE_USER = "gridmap"
HOME = Path("/var/lib/gridmap")
# A Unix socket's path may be 107 bytes long, and PostgreSQL appends `/.s.PGSQL.5432.lock`.
LONGEST_SOCKET_FOLDER = 85


@dataclass(frozen=True)
class User:
    """An account of this machine, with every group it is in."""

    name: str
    uid: int
    gid: int
    groups: frozenset[int]

    def popen(self) -> dict[str, Any]:
        """Return the arguments that make `subprocess.Popen` start a child as this user."""
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def runner() -> User:
    """Return the user that runs the servers: the caller, or the service user under root.

    Returns
    -------
    User
        Under root the system user `gridmap`, made if absent.

    Raises
    ------
    LocalError
        The system user cannot be made (names the command to run), or the caller has no name,
        without which PostgreSQL does not start.
    """
    if os.geteuid() != 0:
        try:
            return _user(pwd.getpwuid(os.geteuid()))
        except KeyError:
            raise LocalError(f"the user id {os.geteuid()} has no entry in /etc/passwd") from None
    try:
        return _user(pwd.getpwnam(SERVICE_USER))
    except KeyError:
        _make_service_user()
        return _user(pwd.getpwnam(SERVICE_USER))


def _make_service_user() -> None:
    command = ["useradd", "--system", "--user-group", "--no-create-home"]
    command += ["--home-dir", str(HOME), "--shell", "/usr/sbin/nologin", SERVICE_USER]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        try:  # two test sessions may want it in the same instant
            pwd.getpwnam(SERVICE_USER)
        except KeyError:
            detail = getattr(error, "stderr", "") or str(error)
            raise LocalError(
                f"cannot make the system user {SERVICE_USER!r}: {detail.strip()}\n"
                f"run as root: {' '.join(command)}"
            ) from error


def _user(entry: pwd.struct_passwd) -> User:
    groups = {group.gr_gid for group in grp.getgrall() if entry.pw_name in group.gr_mem}
    return User(entry.pw_name, entry.pw_uid, entry.pw_gid, frozenset(groups | {entry.pw_gid}))


def may(user: User, path: Path, wanted: str) -> bool:
    """Tell whether a user has rights on a path, as its mode bits say.

    Parameters
    ----------
    user : User
        Who asks.
    path : Path
        File or folder; it and every folder above it, after following links, are looked at.
    wanted : str
        Any of ``r``, ``w``, ``x`` for the path itself.

    Returns
    -------
    bool
        False also where something does not exist.
    """
    real = Path(os.path.realpath(path))
    try:
        return all(_allowed(user, parent, "x") for parent in real.parents) and _allowed(
            user, real, wanted
        )
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return False


def _allowed(user: User, path: Path, wanted: str) -> bool:
    if user.uid == 0:
        return True
    found = path.stat()
    if found.st_uid == user.uid:
        shift = 6
    elif found.st_gid in user.groups:
        shift = 3
    else:
        shift = 0
    bits = {"r": 4, "w": 2, "x": 1}
    return all((found.st_mode >> shift) & bits[letter] for letter in wanted)


def claim_state(state: Path, user: User) -> Layout:
    """Make the state folder if it is absent and see to it that the user owns it.

    Parameters
    ----------
    state : Path
        Where people look for it, usually `.gridmap` in the checkout.
    user : User
        Who is going to write there.

    Returns
    -------
    Layout
        Where it really is: under `/var/lib/gridmap`, with a link at `state`, when the user cannot
        enter the folder that `state` is in.

    Raises
    ------
    LocalError
        The folder cannot be made, or belongs to somebody else.
    """
    try:
        if not state.exists() and not may(user, state.parent, "x"):
            target = make_home(state) / "state"
            _own_folder(target, user)
            if state.is_symlink():
                state.unlink()
            state.symlink_to(target)
        layout = Layout.of(state)
        _own_folder(layout.state, user)
        for folder in (layout.logs, layout.cache):
            _own_folder(folder, user)
    except OSError as error:
        raise LocalError(f"cannot use the state folder {state}: {error.strerror}") from error
    if not may(user, layout.state, "rwx"):
        raise LocalError(
            f"{user.name} cannot enter {layout.state}: move it away, or name another folder in "
            "GRIDMAP_STATE"
        )
    return layout


def home_of(state: Path) -> Path:
    """Return the folder under `/var/lib/gridmap` for what belongs to one private checkout."""
    place = Path(os.path.realpath(state.parent)) / state.name
    digest = hashlib.sha256(str(place.parent).encode()).hexdigest()[:8]
    return HOME / f"{place.parent.name or 'root'}-{digest}"


def make_home(state: Path) -> Path:
    """Make the folder of `home_of`, which everybody may enter whatever the umask is."""
    home = home_of(state)
    for folder in (HOME, home):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
    return home


def _own_folder(folder: Path, user: User) -> None:
    """Make a folder that is the user's alone; root hands over an existing one of its own."""
    if not folder.exists():
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (user.uid, os.geteuid()):
        raise LocalError(f"{folder} belongs to somebody else; remove it or choose another folder")
    if found.st_uid != user.uid:
        os.chown(folder, user.uid, user.gid)
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)


def claim_sockets(layout: Layout, user: User) -> Path:
    """Make the short folder for the Unix sockets of one state folder.

    Parameters
    ----------
    layout : Layout
        The state folder.
    user : User
        Who owns the sockets.

    Returns
    -------
    Path
        Mode 0700: in `/run` when root makes it, else among the temporary files.

    Raises
    ------
    LocalError
        Somebody else made a folder of that name.
    """
    base = Path("/run") if os.geteuid() == 0 else Path(tempfile.gettempdir())
    folder = base / f"gridmap-{layout.key}"
    if len(str(folder)) > LONGEST_SOCKET_FOLDER:
        folder = Path("/tmp") / folder.name  # noqa: S108 - ownership is checked below
    _own_folder(folder, user)
    return folder
