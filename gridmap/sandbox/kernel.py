"""What Linux offers a process to lock itself in: no new rights, no network, few files.

Two locks keep the network away, and one of them has to hold: a filter that refuses the system
calls by which connections and programs start (seccomp), and a namespace of its own without any
interface. Landlock takes the files away. All three need no privilege.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
from collections.abc import Iterable
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)

_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_CLONE_NEWUSER, _CLONE_NEWNET, _CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000
_CLONE_THREAD = 0x00010000

_LANDLOCK = {"create": 444, "add": 445, "restrict": 446}
_READ = 0b1100  # read a file, list a folder
_WRITE = 0b1_1111_1111_0110 | _READ  # and make, write, remove what is in it, but run nothing
_ALL_FILES = 0b1_1111_1111_1111
_REFER, _TRUNCATE, _DEVICES = 1 << 13, 1 << 14, 1 << 15
_NETWORK = 0b11
_SCOPES = 0b11  # signals and abstract sockets stay inside

# Linux audit architecture, and the numbers of what is refused there.
_MACHINES: dict[str, tuple[int, dict[str, int]]] = {
    "x86_64": (
        0xC000003E,
        {
            "clone": 56,
            "clone3": 435,
            "ptrace": 101,
            "socket": 41,
            "connect": 42,
            "accept": 43,
            "sendto": 44,
            "sendmsg": 46,
            "bind": 49,
            "listen": 50,
            "socketpair": 53,
            "fork": 57,
            "vfork": 58,
            "execve": 59,
            "kill": 62,
            "mount": 165,
            "umount2": 166,
            "init_module": 175,
            "tkill": 200,
            "tgkill": 234,
            "add_key": 248,
            "request_key": 249,
            "keyctl": 250,
            "unshare": 272,
            "accept4": 288,
            "perf_event_open": 298,
            "prlimit64": 302,
            "open_by_handle_at": 304,
            "setns": 308,
            "process_vm_readv": 310,
            "process_vm_writev": 311,
            "finit_module": 313,
            "bpf": 321,
            "execveat": 322,
            "userfaultfd": 323,
            "pidfd_send_signal": 424,
            "io_uring_setup": 425,
            "io_uring_enter": 426,
            "pidfd_open": 434,
            "pidfd_getfd": 438,
        },
    ),
    "aarch64": (
        0xC00000B7,
        {
            "clone": 220,
            "clone3": 435,
            "umount2": 39,
            "mount": 40,
            "unshare": 97,
            "init_module": 105,
            "ptrace": 117,
            "kill": 129,
            "tkill": 130,
            "tgkill": 131,
            "socket": 198,
            "socketpair": 199,
            "bind": 200,
            "listen": 201,
            "accept": 202,
            "connect": 203,
            "sendto": 206,
            "sendmsg": 211,
            "add_key": 217,
            "request_key": 218,
            "keyctl": 219,
            "execve": 221,
            "perf_event_open": 241,
            "accept4": 242,
            "prlimit64": 261,
            "open_by_handle_at": 265,
            "setns": 268,
            "process_vm_readv": 270,
            "process_vm_writev": 271,
            "finit_module": 273,
            "bpf": 280,
            "execveat": 281,
            "userfaultfd": 282,
            "pidfd_send_signal": 424,
            "io_uring_setup": 425,
            "io_uring_enter": 426,
            "pidfd_open": 434,
            "pidfd_getfd": 438,
        },
    ),
}


class CannotConfineError(RuntimeError):
    """No lock against the network is to be had on this machine: nothing is read at all."""


def limit(memory: int, seconds: int, file_bytes: int) -> None:
    """Bound memory, processor time, size and number of files; no core is ever dumped."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def die_with(parent: int) -> None:
    """End when the parent ends; at once if it has ended already."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def confine(readable: Iterable[Path], writable: Iterable[Path]) -> dict[str, bool]:
    """Lock this process in, for good.

    Parameters
    ----------
    readable, writable
        Folders and files that stay open to it.

    Returns
    -------
    dict
        Which locks hold: `namespace`, `files`, `calls`.

    Raises
    ------
    CannotConfineError
        If neither lock against the network holds.
    """
    if _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise CannotConfineError("this kernel has no PR_SET_NO_NEW_PRIVS")
    held = {"namespace": _LIBC.unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC) == 0}
    held["files"] = _restrict_files(readable, writable)
    # last: it forbids the calls that the others need
    held["calls"] = _filter_calls()
    if not (held["calls"] or held["namespace"]):
        raise CannotConfineError("neither seccomp nor a network namespace is to be had here")
    return held


def _restrict_files(readable: Iterable[Path], writable: Iterable[Path]) -> bool:
    version = _LIBC.syscall(_LANDLOCK["create"], None, 0, 1)
    if version < 1:
        return False
    handled = _ALL_FILES
    handled |= _REFER if version >= 2 else 0
    handled |= _TRUNCATE if version >= 3 else 0
    handled |= _DEVICES if version >= 5 else 0
    words = [handled]
    if version >= 4:
        words.append(_NETWORK)
    if version >= 6:
        words.append(_SCOPES)
    attributes = struct.pack(f"={len(words)}Q", *words)
    rules = _LIBC.syscall(_LANDLOCK["create"], attributes, len(attributes), 0)
    if rules < 0:
        return False
    for path in readable:
        _allow(rules, path, _READ)
    for path in writable:
        _allow(rules, path, (_WRITE | _TRUNCATE) & handled)
    done = _LIBC.syscall(_LANDLOCK["restrict"], rules, 0) == 0
    os.close(rules)
    return bool(done)


def _allow(rules: int, path: Path, access: int) -> None:
    try:
        where = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no permission
    if not path.is_dir():
        access &= 0b0110 | _TRUNCATE  # a file is read and written, not listed
    rule = struct.pack("=Qi", access, where)
    _LIBC.syscall(_LANDLOCK["add"], rules, 1, rule, 0)
    os.close(where)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]  # noqa: RUF012


def _filter_calls() -> bool:
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    text = _program(*machine)
    program = _Program(len(text) // 8, text)
    return bool(
        _LIBC.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0
    )


_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _REFUSE, _ABSENT = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
_NUMBER_AT, _MACHINE_AT, _FIRST_VALUE_AT = 0, 4, 16
_OTHER_TABLE = 0x40000000  # x32 calls have numbers of their own


def _program(architecture: int, numbers: dict[str, int]) -> bytes:
    """Write the filter: refused calls fail, new processes fail, threads are made as ever."""
    lines = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_AT_LEAST, 0, 1, _OTHER_TABLE),
        (_RETURN, 0, 0, _KILL),
        # its flags cannot be looked at: the C library then takes clone
        (_EQUAL, 0, 1, numbers["clone3"]),
        (_RETURN, 0, 0, _ABSENT),
    ]
    for name, number in numbers.items():
        if name not in ("clone", "clone3"):
            lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    lines += [
        (_EQUAL, 0, 3, numbers["clone"]),
        (_LOAD, 0, 0, _FIRST_VALUE_AT),
        (_ANY_BIT, 1, 0, _CLONE_THREAD),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
