import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import GeodataError
from geodata.json_gate import loads

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(VALUES, st.booleans())
def test_good_documents_come_through_unchanged(value, ascii_only):
    raw = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert loads(raw) == value


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"a": NaN}', "line 1, column 7: NaN is not a number"),
        (b"[1,\n -Infinity]", "line 2, column 2: -Infinity is not a number"),
        (b"[1e999]", "column 2: the number is too large"),
        (b"[" + b"9" * 5000 + b"]", "column 2: the number is too large"),
        (b'{"a": 1,\n "a": 2}', "line 2, column 2: the key 'a' appears twice"),
        (b'{"a": 1, "\\u0061": 2}', "column 10: the key 'a' appears twice"),
        (b'{"x": [{"b": {}, "b" : 1}]}', "column 18: the key 'b' appears twice"),
        (b'["a\\u0000"]', "column 4: a NUL character"),
        (b'["a\0"]', "column 4: a NUL character"),
        (b'["\\ud800"]', "column 3: half a surrogate pair"),
        (b'["\\udc00\\ud800"]', "column 3: half a surrogate pair"),
        (b'["\\ud83d\\u0041"]', "column 3: half a surrogate pair"),
        (b"[" * 1000 + b"]" * 1000, "column 33: nested deeper than 32 levels"),
        (b'{"a":' * 1000, "nested deeper than 32 levels"),
        (b'["\xff"]', "byte 3: the document is not UTF-8"),
        (b'["\xed\xa0\x80"]', "byte 3: the document is not UTF-8"),
        (b"", "line 1, column 1: not JSON"),
        (b"[1,]", "not JSON"),
        (b"[1] x", "column 5: not JSON"),
        (b'["\n"]', "not JSON"),
        (b"'a'", "not JSON"),
    ],
)
def test_doubtful_documents_are_refused_with_their_place(raw, message):
    with pytest.raises(GeodataError) as caught:
        loads(raw)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'["\\ud83d\\ude00"]', ["\U0001f600"]),
        (b'["\\\\u0000 \\\\ud800 NaN [[[["]', ["\\u0000 \\ud800 NaN [[[["]),
        (b'["a", "a", {"a": "a"}, {"a": 1}]', ["a", "a", {"a": "a"}, {"a": 1}]),
        (b"[" * 32 + b"]" * 32, json.loads("[" * 32 + "]" * 32)),
        (b"\xef\xbb\xbf{}", {}),
    ],
)
def test_what_only_looks_doubtful_is_taken(raw, value):
    assert loads(raw) == value


def test_size_is_checked_before_anything_is_read():
    assert loads(b'"' + b"a" * 98 + b'"', max_bytes=100)
    with pytest.raises(GeodataError, match="101 bytes; at most 100"):
        loads(b"\xff" * 101, max_bytes=100)


@pytest.mark.parametrize(
    "raw",
    [
        b'"' + b'\\"' * 499_000,
        b'["' + b"\\" * 999_990,
        b'"a"' + b" " * 999_000 + b"x",
        b"[]" * 499_000,
    ],
)
@pytest.mark.timeout(5)
def test_a_megabyte_of_hostile_text_is_read_once(raw):
    with pytest.raises(GeodataError):
        loads(raw)
