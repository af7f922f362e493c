"""Files that anybody can read for good: a zip of tables in plain text, the same bytes each time."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from typing import IO, Any

import pandas as pd

_WRITTEN = (1980, 1, 1, 0, 0, 0)  # no clock in the file: what is the same has the same bytes
_ROWS = 100_000


class Writer:
    """Writes the tables of a run file; use it as a context manager.

    Parameters
    ----------
    file
        Open for writing bytes.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._sums: dict[str, str] = {}

    def __enter__(self) -> "Writer":
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the file."""
        self._zip.close()

    def text(self, name: str, content: str) -> None:
        """Write a text."""
        with self._entry(name) as entry:
            entry.write(content.encode())

    def table(self, name: str, frame: pd.DataFrame) -> None:
        """Write a table as CSV, numbers with every digit they have; keep its hash.

        Flags are 1 and 0, a missing number is ``nan``, a missing text is empty.
        """
        total = hashlib.sha256()
        plain = frame.copy(deep=False)
        for column in plain.columns:
            kind = plain[column].dtype
            if pd.api.types.is_bool_dtype(kind):
                plain[column] = plain[column].astype("int8")
            elif not pd.api.types.is_numeric_dtype(kind):
                plain[column] = plain[column].astype("string").fillna("")
        with self._entry(name) as entry:
            for start in range(0, max(len(plain), 1), _ROWS):
                part = plain.iloc[start : start + _ROWS]
                buffer = io.StringIO()
                part.to_csv(
                    buffer, index=False, header=start == 0, lineterminator="\n", na_rep="nan"
                )
                content = buffer.getvalue().encode()
                total.update(content)
                entry.write(content)
        self._sums[name] = total.hexdigest()

    def manifest(self, stated: Mapping[str, Any]) -> None:
        """Write what the file states, with the hashes of the tables written so far."""
        content = {**stated, "sha256": self._sums}
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
        self.text("manifest.json", text + "\n")

    def _entry(self, name: str) -> IO[bytes]:
        info = zipfile.ZipInfo(name, _WRITTEN)
        info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0
        return self._zip.open(info, "w", force_zip64=True)
