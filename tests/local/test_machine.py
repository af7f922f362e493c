"""Users and folders: who may go where, and what is done where the servers' user may not."""

import os
import socket
import stat
import subprocess
import sys

import pytest

from gridmap.local import checkout, machine, recovery, runfile
from gridmap.local.errors import LocalError
from gridmap.local.layout import Layout
from gridmap.local.postgres import Cluster
from gridmap.local.start import refuse_taken_port
from gridmap.local.supervisor import new_note

NOBODY = machine.User("nobody", 65534, 65534, frozenset({65534}))


def test_may_looks_at_every_folder_on_the_way(open_folder):
    inner = open_folder / "private" / "open"
    inner.mkdir(parents=True)
    for folder in (inner, inner.parent):
        folder.chmod(0o755)
    file = inner / "code.py"
    file.write_text("pass\n")
    file.chmod(0o644)
    assert machine.may(NOBODY, file, "r")
    assert not machine.may(NOBODY, file, "w")
    inner.parent.chmod(0o700)
    assert not machine.may(NOBODY, file, "r")
    assert not machine.may(NOBODY, open_folder / "absent", "r")


def test_state_folder_is_its_users_alone(open_folder):
    user = machine.runner()
    layout = machine.claim_state(open_folder / ".gridmap", user)
    found = layout.state.stat()
    assert found.st_uid == user.uid
    assert stat.S_IMODE(found.st_mode) == 0o700
    assert machine.claim_state(open_folder / ".gridmap", user) == layout


def test_private_checkout_gets_its_state_elsewhere(open_folder, monkeypatch):
    if os.geteuid() != 0:  # the servers' user is the caller, who can enter
        assert machine.runner().popen() == {}
        return
    monkeypatch.setattr(machine, "HOME", open_folder / "lib")
    private = open_folder / "home"
    private.mkdir(mode=0o700)
    user = machine.runner()
    layout = machine.claim_state(private / ".gridmap", user)
    assert (private / ".gridmap").is_symlink()
    assert open_folder / "lib" in layout.state.parents
    assert machine.may(user, layout.state, "rwx")
    assert machine.claim_state(private / ".gridmap", user) == layout


def test_unreadable_code_is_copied_and_the_copy_runs(open_folder, monkeypatch):
    if os.geteuid() != 0:
        assert checkout.runnable_code(machine.runner()) == checkout.root()
        return
    source = open_folder / "checkout"
    (source / "gridmap" / "node_modules").mkdir(parents=True)
    (source / "gridmap" / "__init__.py").write_text("ANSWER = 42\n")
    (source / "wsgi.py").write_text("import gridmap\n")
    (source / "wsgi.py").chmod(0o600)
    source.chmod(0o700)
    monkeypatch.setattr(machine, "HOME", open_folder / "lib")
    monkeypatch.setattr(checkout, "root", lambda: source)
    user = machine.runner()
    code = checkout.runnable_code(user)
    assert code != source
    assert not (code / "gridmap" / "node_modules").exists()
    done = subprocess.run(
        ["/usr/bin/python3", "-c", "import wsgi; print(wsgi.gridmap.ANSWER)"],
        cwd=code,
        capture_output=True,
        text=True,
        check=True,
        **user.popen(),
    )
    assert done.stdout == "42\n"
    (source / "gridmap" / "__init__.py").write_text("ANSWER = 43\n")
    fresh = checkout.runnable_code(user)
    assert not code.exists()
    assert "43" in (fresh / "gridmap/__init__.py").read_text()
    assert checkout.runnable_code(user) == fresh


def test_taken_port_is_named_with_its_process():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(LocalError, match=rf"port {port} is taken by process {os.getpid()} \("):
            refuse_taken_port("127.0.0.1", port)
    refuse_taken_port("127.0.0.1", port)


def test_strange_address_is_named():
    with pytest.raises(LocalError, match=r"cannot listen on 192\.0\.2\.1"):
        refuse_taken_port("192.0.2.1", 8000)


def test_missing_database_package_names_the_command(tmp_path, monkeypatch):
    monkeypatch.setattr("gridmap.local.postgres.VERSIONS", tmp_path)
    with pytest.raises(LocalError, match="apt-get install postgresql-15 postgresql-15-postgis-3"):
        Cluster.at(tmp_path / "pgdata", tmp_path)
    (tmp_path / "pgdata").mkdir()
    (tmp_path / "pgdata" / "PG_VERSION").write_text("13\n")
    with pytest.raises(LocalError, match="apt-get install postgresql-13"):
        Cluster.at(tmp_path / "pgdata", tmp_path)


def test_note_of_a_reused_pid_is_not_taken_for_running():
    pid = os.getpid()
    born = runfile.birth(pid)
    assert runfile.is_same(pid, born)
    assert not runfile.is_same(pid, born - 100)
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    assert not runfile.is_same(child.pid, born)


def test_lock_lets_one_in(tmp_path):
    layout = Layout.of(tmp_path)
    first = runfile.take_lock(layout)
    assert runfile.take_lock(layout) is None
    first.close()
    again = runfile.take_lock(layout)
    assert again is not None
    again.close()


def test_unreadable_note_counts_as_none(tmp_path):
    layout = Layout.of(tmp_path)
    note = new_note("http://127.0.0.1:1", None)
    runfile.write_note(layout, note)
    assert runfile.read_note(layout) == note
    for text in ("", "[]", "{}", '{"parts": {"web": {"pid": 1}}}'):
        layout.run_file.write_text(text)
        assert runfile.read_note(layout) is None


def test_stale_pid_file_of_a_reused_pid_is_removed(tmp_path):
    layout = Layout.of(tmp_path)
    layout.pgdata.mkdir()
    # this very process stands for the stranger that got the old server's pid
    (layout.pgdata / "postmaster.pid").write_text(f"{os.getpid()}\n{layout.pgdata}\n")
    assert recovery.clear_remains(layout, tmp_path) == ["removed a stale postmaster.pid"]
    assert recovery.clear_remains(layout, tmp_path) == []
