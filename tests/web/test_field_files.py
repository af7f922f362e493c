"""The tablet's joined files: made of what the page imports, and taken only while they are."""

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from gridmap.web import field_files

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Make a page of two modules, joined; gives its folder."""
    monkeypatch.setattr(field_files, "STATIC", tmp_path)
    for cached in (field_files.modules, field_files.files):
        cached.cache_clear()
    sources = {name: f"/* {name} */" for name in field_files.STYLES}
    sources["js/field/page.js"] = 'const late = () => import("./map.js");\n'
    sources["js/field/map.js"] = "export const map = 1;\n"
    made = ("vendor/field/page-A.js", "vendor/field/map-B.js", "vendor/field/field-C.css")
    for name, text in {**sources, **dict.fromkeys(made, "x")}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    manifest = {
        "entry": made[0],
        "style": made[2],
        "needs": [],
        "scripts": list(made[:2]),
        "sources": {n: hashlib.sha256(t.encode()).hexdigest() for n, t in sources.items()},
    }
    (tmp_path / "vendor/field/bundle.json").write_text(json.dumps(manifest))
    yield tmp_path
    for cached in (field_files.modules, field_files.files):
        cached.cache_clear()


def test_joined_files_are_taken(small):
    found = field_files.files()
    assert found.entry == "vendor/field/page-A.js"
    assert found.styles == ("vendor/field/field-C.css",)
    assert {"vendor/field/map-B.js", found.leaflet, "icon.svg"} < set(found.all)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("js/field/map.js", "export const map = 2;\n"),
        ("js/field/page.js", 'import "./map.js";\n'),
        ("css/field.css", "/* other */"),
        ("vendor/field/map-B.js", None),
        ("vendor/field/bundle.json", None),
        ("vendor/field/bundle.json", "[]"),
        ("vendor/field/bundle.json", "{"),
    ],
)
def test_files_that_are_not_of_today_are_not_taken(small, name, text):
    if text is None:
        (small / name).unlink()
    else:
        (small / name).write_text(text)
    found = field_files.files()
    assert found.entry == "js/field/page.js"
    assert set(found.scripts) == {"js/field/page.js", "js/field/map.js"}
    assert found.styles == field_files.STYLES


def test_the_files_are_joined_of_what_the_page_imports(tmp_path):
    field_files.modules.cache_clear()
    subprocess.run(
        ["node", "static/scripts/bundle.js", str(tmp_path / "field")],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    made = json.loads((tmp_path / "field" / "bundle.json").read_text())
    assert set(made["sources"]) == {*field_files.modules(), *field_files.STYLES}
    assert {Path(name).name.split("-")[0] for name in made["scripts"]} >= {"page", "map"}
