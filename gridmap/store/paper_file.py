"""Made papers that wait to be fetched, for a day."""

from gridmap.store.database import Row, Transaction


def keep(  # noqa: PLR0913 - the parts of a kept file
    tx: Transaction,
    job_id: int,
    area_code: str,
    made_for: int | None,
    *,
    name: str,
    media: str,
    pages: int,
    content: bytes,
) -> None:
    """Keep a file for who asked, and forget those whose day is over."""
    tx.execute("DELETE FROM paper_file WHERE expires_at < now()")
    tx.execute(
        "INSERT INTO paper_file (job_id, area_code, made_for, name, media, pages, content)"
        " VALUES (:job, :area, :person, :name, :media, :pages, :content)",
        job=job_id,
        area=area_code,
        person=made_for,
        name=name,
        media=media,
        pages=pages,
        content=content,
    )


def kept(tx: Transaction, job_id: int, kind: str) -> Row | None:
    """Give the file a job of this kind made for this person, or None."""
    return tx.maybe(
        "SELECT f.name, f.media, f.content, j.arguments, f.area_code FROM paper_file AS f"
        " JOIN job AS j ON j.id = f.job_id"
        " WHERE f.job_id = :job AND j.kind = :kind AND f.made_for IS NOT DISTINCT FROM :person"
        " AND f.expires_at > now()",
        job=job_id,
        kind=kind,
        person=tx.scope.user_id,
    )
