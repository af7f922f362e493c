"""`gridmap coverage report`: the report on an area, as PDF or workbook."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gridmap.cli.outcome import Bar, as_json, database, give, settings
from gridmap.cli.where import AREA
from gridmap.model.access import system_scope

_ROOT = Path(__file__).resolve().parents[2]


@click.command()
@click.argument("area", type=AREA)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option(
    "--standard", "standards", multiple=True, help="Every one that has a run unless given."
)
@click.option("--needs", is_flag=True, help="Count households with needs too.")
@click.option(
    "--language", type=click.Choice(["zh_CN", "en"]), help="That of the deployment unless given."
)
@as_json
def report(  # noqa: PLR0913, PLR0917 - the options of the command
    area: str,
    out: Path,
    standards: tuple[str, ...],
    needs: bool,
    language: str | None,
    as_json: bool,
) -> None:
    """Write the report on the coverage of AREA (6 to 12 digits) as PDF, or as .xlsx."""
    from gridmap.maps import coverage_report as press
    from gridmap.maps.sheet_words import Look, templates
    from gridmap.services import coverage_book, coverage_report_jobs, coverage_report_words
    from gridmap.services import coverage_reports as service
    from gridmap.services.exports import whole

    found = settings()
    wanted = service.Wanted(
        area=area,
        standards=tuple(sorted(set(standards))) or None,
        language=language or found.language,
        needs=needs,
        printed_at=datetime.now(UTC).replace(second=0, microsecond=0),
    )
    form = "xlsx" if out.suffix.lower() == ".xlsx" else "pdf"
    gettext: Any = templates(wanted.language).globals["_"]
    words = coverage_report_words.words(gettext, english=wanted.language == "en")
    with database() as db:
        made = service.report(db, system_scope(), wanted, found.time_zone)
        if form == "xlsx":
            content, pages = coverage_book.book(made, words, found.time_zone)
        else:
            look = Look(wanted.language, found.time_zone, _ROOT / "static")
            content, pages = press.pdf(made, words, look, Bar().step)
        with whole(out) as path:
            path.write_bytes(content)
            with db.transaction(system_scope()) as tx:
                coverage_report_jobs.note(tx, made, form, pages)
    runs = [chapter.run for chapter in made.chapters]
    give({"pages": pages, "runs": runs, "file": str(out)}, as_json)
