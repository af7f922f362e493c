"""Files that prove answers about sites, kept as long as the answers."""

from gridmap.store.database import Row, Transaction


def keep(  # noqa: PLR0913 - what is kept with a file
    tx: Transaction,
    job_id: int,
    area_code: str,
    *,
    spots: int,
    sites: int,
    altered: int,
    sha256: str,
    content: bytes,
) -> bool:
    """Keep the file of an answer; False if there is one, or the answer is gone."""
    touched = tx.execute(
        "INSERT INTO siting_certificate (job_id, area_code, spots, sites, altered, sha256, content)"
        " SELECT j.id, :area, :spots, :sites, :altered, :sha256, :content FROM job AS j"
        " WHERE j.id = :job ON CONFLICT (job_id) DO NOTHING",
        job=job_id,
        area=area_code,
        spots=spots,
        sites=sites,
        altered=altered,
        sha256=sha256,
        content=content,
    )
    return touched == 1


def read(tx: Transaction, job_id: int) -> Row | None:
    """Give the file of an answer and what is known of it, or None."""
    return tx.maybe(
        "SELECT area_code, made_at, spots, sites, altered, sha256, content"
        " FROM siting_certificate WHERE job_id = :job",
        job=job_id,
    )
