"""No two files of tests go by the same name: pytest could not run them together."""

from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_every_file_of_tests_has_a_name_of_its_own() -> None:
    names = Counter(path.name for path in TESTS.rglob("*.py") if path.name != "conftest.py")
    assert [name for name, count in names.items() if count > 1] == []
