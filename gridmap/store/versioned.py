"""What is kept version by version: rows are written once and never changed.

A version holds from its first day on, until a later one begins; one that is `retired` ends what
was there before. An area without its own goes by the nearest area above it.
"""

from dataclasses import dataclass
from datetime import date

from gridmap.store.database import Row, Transaction
from gridmap.store.days import TODAY

_DAY = f"coalesce(CAST(:day AS date), {TODAY})"


@dataclass(frozen=True)
class Table:
    """A table of versions with area_code, key, version, valid_from, retired and who made each.

    Attributes
    ----------
    name
        Name of the table.
    columns
        What is read of a row, as SQL.
    """

    name: str
    columns: str

    @property
    def _begun(self) -> str:
        # of each area and key what holds on a day: the highest version that has begun
        return (
            f"SELECT DISTINCT ON (area_code, key) {self.columns} FROM {self.name}"
            f" WHERE valid_from <= {_DAY}"
        )

    def in_force(
        self, tx: Transaction, key: str, area_code: str, day: date | None = None
    ) -> Row | None:
        """Give what holds in an area on a day: its own, else that of the nearest above.

        Parameters
        ----------
        day
            None for today.
        """
        return tx.maybe(
            f"SELECT * FROM ({self._begun} AND key = :key AND starts_with(:code, area_code)"
            "  ORDER BY area_code, key, version DESC) AS s"
            " WHERE NOT retired ORDER BY length(area_code) DESC LIMIT 1",
            key=key,
            code=area_code,
            day=day,
        )

    def listing(self, tx: Transaction, day: date | None = None) -> list[Row]:
        """List what holds on a day in scope, today unless named, by area and key."""
        return tx.all(
            f"SELECT * FROM ({self._begun} ORDER BY area_code, key, version DESC) AS s"
            " WHERE NOT retired ORDER BY area_code, key",
            day=day,
        )

    def versions(self, tx: Transaction, key: str, area_code: str) -> list[Row]:
        """List every version of an area's own, the newest first, with who made it when."""
        return tx.all(
            f"SELECT {self.columns}, created_at, (SELECT u.display_name FROM app_user AS u"
            f"  WHERE u.id = created_by) AS by FROM {self.name}"
            " WHERE key = :key AND area_code = :code ORDER BY version DESC",
            key=key,
            code=area_code,
        )

    def newest(self, tx: Transaction) -> list[Row]:
        """List the last version of each in scope, retired and waiting ones too."""
        return tx.all(
            f"SELECT DISTINCT ON (area_code, key) {self.columns}, created_by FROM {self.name}"
            " ORDER BY area_code, key, version DESC"
        )


def recorded(tx: Transaction, kind: str, area_code: str) -> set[tuple[str, int]]:
    """Give what somebody wrote of an area by the trail: key and version.

    What came with the program has no such entry; what a file brought has one without a person.

    Parameters
    ----------
    kind
        Kind of the event that a version leaves.
    """
    rows = tx.all(
        "SELECT DISTINCT subject_id AS key, CAST(payload ->> 'version' AS integer) AS version"
        " FROM event WHERE kind = :kind AND area_code = :code"
        " AND payload ->> 'version' IS NOT NULL",
        kind=kind,
        code=area_code,
    )
    return {(row["key"], row["version"]) for row in rows}


def today(tx: Transaction) -> date:
    """Give the day on the wall of the site."""
    found = tx.value(f"SELECT {TODAY}")
    assert isinstance(found, date)
    return found
