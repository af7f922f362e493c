"""A run file of any size goes through a web process in pieces."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from gridmap.model.access import system_scope
from gridmap.services import coverage_certificates

BYTES = 64 * 2**20 + 12_345  # the last piece is a short one
MOST_HELD = 24 * 2**20


@pytest.fixture(scope="module")
def run(store, people):
    """The id of a run whose file is large; made in the database, for this process is measured."""
    with store.transaction(system_scope()) as tx:
        row = tx.one("SELECT id, area_code FROM coverage_run ORDER BY id DESC LIMIT 1")
        tx.execute(
            "INSERT INTO coverage_certificate (run_id, area_code, state, households, altered,"
            " sha256, content) SELECT :run, :area, 'made', 3, 0, encode(sha256(content), 'hex'),"
            " content FROM (SELECT convert_to(left(repeat('0123456789', :bytes / 10 + 1), :bytes),"
            "  'UTF8') AS content) AS made",
            run=row["id"],
            area=row["area_code"],
            bytes=BYTES,
        )
    return row["id"]


def held(name):
    """Give bytes this process holds now (VmRSS) or has held at most (VmHWM)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024


def path(run):
    return f"/api/coverage/runs/{run}/certificate"


def test_it_goes_in_pieces_and_comes_whole(browser, store, run):
    client = browser("officer")
    client.get("/api/coverage/runs")  # what the first request loads is not the file's
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the most so far
    before = held("VmRSS")
    answer = client.get(path(run), buffered=False)
    assert answer.status_code == 200
    assert answer.content_length == BYTES
    digest, got, largest = hashlib.sha256(), 0, 0
    for piece in answer.iter_encoded():
        digest.update(piece)
        got += len(piece)
        largest = max(largest, len(piece))
    assert got == BYTES
    assert answer.get_etag()[0] == digest.hexdigest()
    assert largest <= coverage_certificates.PIECE
    assert held("VmHWM") - before < MOST_HELD


def test_a_file_that_goes_while_it_is_read_is_not_called_whole(browser, store, run):
    answer = browser("officer").get(path(run), buffered=False)
    pieces = answer.iter_encoded()
    assert next(pieces)
    with store.transaction(system_scope()) as tx:
        # another file of the same run: its bytes are not mixed with those already given
        tx.execute("UPDATE coverage_certificate SET sha256 = repeat('0', 64)")
    with pytest.raises(coverage_certificates.FileGone):
        list(pieces)
