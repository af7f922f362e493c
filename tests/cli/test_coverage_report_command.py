"""`gridmap coverage report`: a real run of a small county on paper and in a workbook."""

import io
from pathlib import Path

import openpyxl
import pytest
from calling import Call
from county_files import COUNTY
from pypdf import PdfReader

pytestmark = [
    pytest.mark.database,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.mark.usefixtures("worker")
def test_a_run_becomes_a_report(ready: Call, tmp_path: Path) -> None:
    nothing = ready("coverage", "report", COUNTY, "--out", tmp_path / "none.pdf")
    assert nothing.code == 2, nothing
    assert "no coverage run" in nothing.err
    assert not (tmp_path / "none.pdf").exists()

    run = ready("coverage", "run", "fire", "--json").document
    paper, book = tmp_path / "report.pdf", tmp_path / "report.xlsx"
    made = ready("coverage", "report", COUNTY, "--out", paper, "--json").document
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(paper.read_bytes())).pages]
    assert made["pages"] == len(pages)
    said = "".join("".join(pages).split())
    totals = run["totals"]
    assert f"R-{run['id']}" in said
    assert f"{totals['uncovered']:,}" in said

    told = ready("coverage", "report", COUNTY, "--out", book, "--standard", "fire", "--needs")
    assert told.code == 0, told.err
    overview = list(openpyxl.load_workbook(book)["概况"].values)
    figures = dict(zip(overview[0], overview[1], strict=True))
    assert figures["户"] == totals["households"]
    assert figures["到不了"] == totals["uncovered"]
    assert figures["要帮助的户"] == totals["with_needs"]
    grids = list(openpyxl.load_workbook(book)["网格"].values)[1:]
    assert sum(row[3] for row in grids) == totals["households"]
    assert sum(row[5] for row in grids) == totals["uncovered"]
