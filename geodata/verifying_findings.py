"""What a checker finds wrong, row by row."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST = 100_000
"""As many findings are named; beyond that they are only counted."""


@dataclass(frozen=True)
class Altered:
    """A value of a run file that cannot be right.

    Attributes
    ----------
    table
        Name of the table.
    row
        Its row, from 0; None for the whole table.
    label
        Label of the household or facility in that row, empty where there is none.
    column
        Name of the column.
    message
        What is wrong.
    """

    table: str
    row: int | None
    label: str
    column: str
    message: str

    def __str__(self) -> str:
        """Say the place first."""
        row = "" if self.row is None else f", row {self.row}"
        label = f" ({self.label})" if self.label else ""
        return f"{self.table}{row}{label}, {self.column}: {self.message}"


class Findings:
    """Collects what is wrong, each row and column of a table once."""

    def __init__(self) -> None:
        self.found: list[Altered] = []
        self.more = 0
        self._seen: set[tuple[str, int | None, str]] = set()
        self._labels: dict[str, NDArray[np.object_]] = {}

    def label(self, table: str, labels: NDArray[np.object_]) -> None:
        """Remember the labels of a table's rows."""
        self._labels[table] = labels

    def add(self, table: str, row: int | None, column: str, message: str) -> None:
        """Add what is wrong with one row."""
        key = (table, row, column)
        if key in self._seen:
            return
        if len(self.found) >= MOST:
            self.more += 1
            return
        self._seen.add(key)
        labels = self._labels.get(table)
        label = str(labels[row]) if labels is not None and row is not None else ""
        self.found.append(Altered(table, row, label, column, message))

    def rows(self, table: str, rows: NDArray[np.intp], column: str, message: str) -> None:
        """Add what is wrong with several rows."""
        for row in rows:
            self.add(table, int(row), column, message)
