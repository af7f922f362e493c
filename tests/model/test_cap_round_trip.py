"""What is written is a message of CAP 1.2 to the letter of its schema, and is read as it was."""

import re
import xml.etree.ElementTree as ET
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.channels import cap, cap_writing
from gridmap.channels.cap_tree import CapError

SPACE = f"{{{cap.NAMESPACE}}}"
# of the schema of CAP 1.2: elements in order, with the least and most of each
ALERT = [
    ("identifier", 1, 1), ("sender", 1, 1), ("sent", 1, 1), ("status", 1, 1), ("msgType", 1, 1),
    ("source", 0, 1), ("scope", 1, 1), ("restriction", 0, 1), ("addresses", 0, 1),
    ("code", 0, 99), ("note", 0, 1), ("references", 0, 1), ("incidents", 0, 1), ("info", 0, 99),
]  # fmt: skip
INFO = [
    ("language", 0, 1), ("category", 1, 99), ("event", 1, 1), ("responseType", 0, 99),
    ("urgency", 1, 1), ("severity", 1, 1), ("certainty", 1, 1), ("audience", 0, 1),
    ("eventCode", 0, 99), ("effective", 0, 1), ("onset", 0, 1), ("expires", 0, 1),
    ("senderName", 0, 1), ("headline", 0, 1), ("description", 0, 1), ("instruction", 0, 1),
    ("web", 0, 1), ("contact", 0, 1), ("parameter", 0, 99), ("resource", 0, 99), ("area", 0, 99),
]  # fmt: skip
AREA = [
    ("areaDesc", 1, 1), ("polygon", 0, 99), ("circle", 0, 99), ("geocode", 0, 99),
    ("altitude", 0, 1), ("ceiling", 0, 1),
]  # fmt: skip
PAIR = [("valueName", 1, 1), ("value", 1, 1)]
BELOW = {"info": INFO, "area": AREA, "parameter": PAIR, "geocode": PAIR}
ENUMS = {
    "status": {"Actual", "Exercise", "System", "Test", "Draft"},
    "msgType": {"Alert", "Update", "Cancel", "Ack", "Error"},
    "scope": {"Public", "Restricted", "Private"},
    "category": {
        "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport",
        "Infra", "CBRNE", "Other",
    },
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown"},
}  # fmt: skip
TIME = re.compile(r"\d\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
PATTERNS = {
    **dict.fromkeys(("sent", "effective", "onset", "expires"), TIME),
    "identifier": re.compile(r"[^\s,<&]+"),
    "sender": re.compile(r"[^\s,<&]+"),
    "polygon": re.compile(r"(-?\d+(\.\d+)?,-?\d+(\.\d+)? ){3,}-?\d+(\.\d+)?,-?\d+(\.\d+)?"),
    "circle": re.compile(r"-?\d+(\.\d+)?,-?\d+(\.\d+)? \d+(\.\d+)?"),
    "references": re.compile(r"([^\s,]+,[^\s,]+,[^\s,]+)( [^\s,]+,[^\s,]+,[^\s,]+)*"),
}


def check(node, order):
    """Hold an element to the schema: what stands below it, in which order, how often, as what."""
    names = [child.tag.removeprefix(SPACE) for child in node]
    places = [[name for name, _, _ in order].index(name) for name in names]
    assert places == sorted(places), names
    for name, least, most in order:
        assert least <= names.count(name) <= most, name
    for child, name in zip(node, names, strict=True):
        assert child.tag.startswith(SPACE)
        if name in BELOW:
            check(child, BELOW[name])
            continue
        assert not len(child)
        text = child.text or ""
        if name in ENUMS:
            assert text in ENUMS[name], (name, text)
        if name in PATTERNS:
            assert PATTERNS[name].fullmatch(text), (name, text)
        if name == "polygon":
            points = text.split(" ")
            assert len(points) >= 4
            assert points[0] == points[-1]


# text of XML 1.0 that is told as it was: no white space around it
words = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFFFD, exclude_categories=("Cs", "Cc")),
    max_size=40,
).map(str.strip)
needed = words.filter(bool)
names = st.text("abcdefghijklmnopqrstuvwxyz0123456789-.@:_", min_size=1, max_size=30)
zones = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.builds(
    lambda at, zone: at.replace(microsecond=0, tzinfo=UTC).astimezone(zone),
    st.datetimes(datetime(2000, 1, 2), datetime(2090, 1, 1)),
    zones,
)
degrees = st.integers(-89_999_999, 89_999_999).map(lambda millionths: millionths / 1e6)
points = st.tuples(degrees, degrees)
rings = st.lists(points, min_size=3, max_size=8).map(lambda ring: (*ring, ring[0]))
pairs = st.lists(st.tuples(needed, words), max_size=3).map(tuple)
areas = st.builds(
    cap.Area,
    needed,
    st.lists(rings, max_size=3).map(tuple),
    st.lists(st.tuples(points, st.integers(0, 900).map(float)), max_size=2).map(tuple),
    pairs,
)
infos = st.builds(
    cap.Info,
    event=needed,
    categories=st.lists(st.sampled_from(cap.CATEGORIES), min_size=1, max_size=3).map(tuple),
    urgency=st.sampled_from(cap.URGENCIES),
    severity=st.sampled_from(cap.SEVERITIES),
    certainty=st.sampled_from(cap.CERTAINTIES),
    language=st.sampled_from(["zh-CN", "en-US"]),
    effective=st.none() | times,
    onset=st.none() | times,
    expires=st.none() | times,
    sender_name=words,
    headline=words,
    description=words,
    instruction=words,
    parameters=pairs,
    areas=st.lists(areas, max_size=2).map(tuple),
)
messages = st.builds(
    cap.Message,
    identifier=names,
    sender=names,
    sent=times,
    status=st.sampled_from(cap.STATUSES),
    msg_type=st.sampled_from(cap.TYPES),
    scope=st.sampled_from(cap.SCOPES),
    note=words,
    references=st.lists(st.builds(cap.Reference, names, names, times), max_size=3).map(tuple),
    infos=st.lists(infos, max_size=2).map(tuple),
)


@given(messages)
def test_what_is_written_is_of_the_schema_and_read_as_it_was(message):
    data = cap_writing.write(message)
    root = ET.fromstring(data)
    assert root.tag == f"{SPACE}alert"
    check(root, ALERT)
    assert cap.read(data) == message
    assert cap_writing.write(cap.read(data)) == data


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_refused(data):
    with pytest.raises(CapError):
        cap.read(data)


@given(messages, st.data())
def test_a_message_with_a_piece_missing_is_read_or_refused(message, data):
    text = cap_writing.write(message)
    at = data.draw(st.integers(0, len(text)))
    until = data.draw(st.integers(at, len(text)))
    with suppress(CapError):
        cap.read(text[:at] + text[until:])


def test_a_signature_is_passed_over():
    data = f"""<alert xmlns="{cap.NAMESPACE}"><identifier>a</identifier><sender>b</sender>
    <sent>2026-06-18T14:05:00+08:00</sent><status>Actual</status><msgType>Ack</msgType>
    <scope>Public</scope><references>b,a,2026-06-18T14:05:00+08:00</references>
    <Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><status>Test</status></Signature>
    </alert>"""
    assert cap.read(data.encode()).status == "Actual"
