"""Wrong passwords and codes, counted where Redis is not: the limits hold with Redis down."""

from gridmap.store.database import Row, Transaction

_NAME_LOCK = 0x6E616D65  # first half of the advisory locks on sign-in names


def take_turn(tx: Transaction, name: str) -> None:
    """Wait until no other transaction counts the failures of this name."""
    tx.execute("SELECT pg_advisory_xact_lock(:lock, hashtext(:name))", lock=_NAME_LOCK, name=name)


def note_failure(tx: Transaction, name: str, source: str) -> None:
    """Count one failure for a name, known or not, from one source."""
    tx.execute(
        "INSERT INTO sign_in_failure (name, source) VALUES (:name, :source)",
        name=name,
        source=source,
    )
    tx.execute("DELETE FROM sign_in_failure WHERE at < now() - interval '1 day'")


def failures(tx: Transaction, name: str, source: str, seconds: int) -> Row:
    """Count recent failures of a name: from this source, and from all that are no known device.

    Returns
    -------
    mapping
        `here` and `everywhere`, and the seconds since the oldest of each: `here_oldest`,
        `everywhere_oldest`.
    """
    return tx.one(
        "SELECT count(*) FILTER (WHERE source = :source) AS here,"
        " count(*) FILTER (WHERE source NOT LIKE 'device:%' AND source NOT LIKE 'code:%')"
        "  AS everywhere,"
        " coalesce(extract(epoch FROM now() - min(at) FILTER (WHERE source = :source)), 0)::int"
        "  AS here_oldest,"
        " coalesce(extract(epoch FROM now() - min(at)), 0)::int AS everywhere_oldest"
        " FROM sign_in_failure"
        " WHERE name = :name AND at > now() - make_interval(secs => :seconds)",
        name=name,
        source=source,
        seconds=seconds,
    )


def forget(tx: Transaction, name: str, source: str | None = None) -> None:
    """Forget the failures of a name: from one source after a right password, or all of them."""
    tx.execute(
        "DELETE FROM sign_in_failure"
        " WHERE name = :name AND (source = :source OR CAST(:source AS text) IS NULL)",
        name=name,
        source=source,
    )
