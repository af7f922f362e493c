"""The files of the front end keep the rules that the policy of the pages builds on."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "gridmap" / "templates").glob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").rglob("*.js"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
# Names of standards, not addresses that anything is fetched from.
NAMES = {"http://www.w3.org/2000/svg"}


@pytest.mark.parametrize("path", [*TEMPLATES, *SCRIPTS, *STYLES], ids=lambda path: path.name)
def test_no_file_names_another_host(path):
    found = set(re.findall(r"https?://[^\s\"'<>)]+", path.read_text(encoding="utf-8")))
    assert not found - NAMES


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_inline_style_or_handler(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style", text)
    assert not re.search(r"\son[a-z]+=", text)
    for tag in re.findall(r"<script[^>]*>", text):
        assert "src=" in tag or "nonce=" in tag


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_only_the_shell_of_the_map_is_marked_safe(path):
    for marked in re.findall(r"\{\{\s*([^}|]+?)\s*\|\s*safe", path.read_text(encoding="utf-8")):
        assert marked in {"parts.html", "parts.script"}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_writes_html(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|bindPopup", text)
    assert not re.search(r"\beval\(|new Function", text)


def test_vendor_folders_carry_the_versions_of_the_lock():
    wanted = json.loads((ROOT / "static" / "package.json").read_text())["dependencies"]
    text = (ROOT / "gridmap" / "templates" / "_vendor.html").read_text()
    found = dict(re.findall(r"vendor/([a-z-]+)-(\d+\.\d+\.\d+)\"", text))
    assert found == {name.rpartition("/")[2]: version for name, version in wanted.items()}


def test_the_lock_holds_no_registry_address():
    text = (ROOT / "static" / "package-lock.json").read_text()
    assert '"resolved"' not in text


def test_every_import_of_a_module_is_there():
    for path in SCRIPTS:
        for name in re.findall(r"from \"(\.[^\"]+)\"|import \"(\.[^\"]+)\"", path.read_text()):
            assert (path.parent / (name[0] or name[1])).resolve().is_file(), (path, name)
