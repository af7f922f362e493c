"""Run files to be tampered with: tables out of one, altered, put back with hashes that fit."""

import csv
import hashlib
import io
import json
import zipfile


class RunFile:
    """The tables of a run file as lists of rows, written again as they are then."""

    def __init__(self, content):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            self.files = {name: packed.read(name) for name in packed.namelist()}
        self.manifest = json.loads(self.files.pop("manifest.json"))

    def rows(self, name):
        """Return the rows of a table as dictionaries of texts."""
        return list(csv.DictReader(io.StringIO(self.files[name].decode())))

    def put(self, name, rows):
        """Replace a table and its hash."""
        out = io.StringIO()
        columns = self.files[name].decode().splitlines()[0].split(",")
        writer = csv.DictWriter(out, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        self.files[name] = out.getvalue().encode()
        self.manifest["sha256"][name] = hashlib.sha256(self.files[name]).hexdigest()

    def alter(self, name, row, **values):
        """Alter values of one row."""
        rows = self.rows(name)
        rows[row].update({column: str(value) for column, value in values.items()})
        self.put(name, rows)
        return self

    def packed(self, **more):
        """Return the file; `more` are entries to add."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in {**self.files, **more}.items():
                packed.writestr(name, content)
            packed.writestr("manifest.json", json.dumps(self.manifest))
        return out.getvalue()
