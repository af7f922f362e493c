"""What Hypothesis makes up for `make test` does not depend on what has run before."""

import importlib.util
import sys

from hypothesis import given, settings
from hypothesis import strategies as st


def examples():
    seen = []

    @given(st.lists(st.text() | st.floats() | st.integers(0, 10**12), max_size=5))
    @settings(max_examples=200)
    def look(made):
        seen.append(repr(made))

    look()
    return seen


def test_the_same_examples_whatever_has_been_imported_meanwhile(tmp_path):
    first = examples()
    module = tmp_path / "words.py"
    module.write_text("\n".join(f"x{n} = 'word {n}', {n * 1_000_003}, {n}.25" for n in range(40)))
    spec = importlib.util.spec_from_file_location("gridmap_words", module)
    sys.modules["gridmap_words"] = found = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(found)
        assert examples() == first
    finally:
        del sys.modules["gridmap_words"]
    assert len(set(first)) > 100
