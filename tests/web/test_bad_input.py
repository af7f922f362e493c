"""Whatever is sent, the answer is never a 5xx and nothing that is not a number is stored."""

import json
import string

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from webtown import token_of

from gridmap.model.access import system_scope

ROUTES = [
    "/api/areas",
    "/api/buildings/at",
    "/api/coverage/runs",
    "/api/coverage/runs/{}/grids",
    "/api/coverage/standards",
    "/api/facilities",
    "/api/grids",
    "/api/grids/faults",
    "/api/grids/{}",
    "/api/hazards",
    "/api/households",
    "/api/households/unplaced",
    "/api/households/{}",
    "/api/incidents",
    "/api/jobs/{}",
    "/api/live",
    "/api/me",
    "/api/plans",
    "/api/plans/{}",
    "/api/plans/{}/assignments",
    "/api/plans/{}/routes",
    "/api/responders",
    "/api/road-closures",
    "/api/search",
    "/about",
    "/coverage",
    "/grids",
    "/map",
    "/plans",
    "/plans/{}",
    "/static/{}",
    "/tiles/base/{}/{}/{}.mvt",
    "/tiles/coverage/{}/{}/{}/{}.mvt",
    "/tiles/households/{}/{}/{}.mvt",
    "/unplaced",
]
WRITES = [
    "/api/coverage/runs",
    "/api/hazards",
    "/api/hazards/{}/lift",
    "/api/households/{}/place",
    "/api/incidents",
    "/api/jobs/{}/cancel",
    "/api/plans",
    "/api/road-closures",
    "/api/road-closures/{}/reopen",
]
NASTY = [
    "", " ", "0", "-0", "-1", "1", "00001", "1.0", "1e9", "NaN", "inf", "²", "１２", "true", "null",
    "9223372036854775807", "9223372036854775808", "-9223372036854775809", "9" * 400, "0x10",
    "'", '"', ";--", "' OR 1=1", "%", "%%", "_", "\\", "\x00", "\x01", "\r\n", "\ud7ff", "\uffff",
    "𝕏", "é", "e\u0301", "\u202e", "..", "../..", "//", "<script>", "${7*7}", "{{7*7}}", "%s",
    "114,30,115,31", "115,31,114,30", "114,30,114,30", "nan,nan,nan,nan", "1,2,3,4,5", "a,b,c,d",
    "990101001001001", "990101", "99010100100100", "00000000-0000-4000-8000-000000000001",
    "00000000-0000-4000-8000-00000000000g", "open", "closed", "fire", ":fire", "a" * 3000,
]  # fmt: skip
NAMES = ["bbox", "area", "limit", "cursor", "level", "state", "q", "after", "standard", "lang",
         "theme", "lon", "lat", "", "x", "_"]  # fmt: skip

text = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=20),
    st.text(string.digits + ".,-+e", max_size=30),
    st.integers().map(str),
    st.floats().map(str),
)
numbers = st.one_of(
    st.integers(), st.floats(), st.sampled_from([10**30, 10**400, 1e308, -0.0, 114.4, 30.5])
)
plain = st.one_of(st.none(), st.booleans(), numbers, st.sampled_from(NASTY), st.text(max_size=10))
point = st.lists(st.one_of(st.sampled_from([114.404, 30.51]), plain), max_size=4)
coordinates = st.recursive(point, lambda inner: st.lists(inner, max_size=6), max_leaves=20)
geometry = st.one_of(
    plain,
    st.fixed_dictionaries(
        {
            "type": st.one_of(
                st.sampled_from(
                    ["Point", "Polygon", "MultiPolygon", "LineString", "GeometryCollection"]
                ),
                plain,
            ),
            "coordinates": st.one_of(coordinates, plain),
        },
        optional={"crs": plain, "bbox": plain, "geometries": st.lists(plain, max_size=2)},
    ),
)
body = st.one_of(
    st.dictionaries(
        st.sampled_from(
            [
                "id",
                "kind",
                "name",
                "severity",
                "category",
                "title",
                "level",
                "standard",
                "area",
                "hazard",
                "building",
                "accuracy_m",
                "device_time",
                "exercise",
                "__proto__",
            ]
        ),  # fmt: skip
        plain,
        max_size=8,
    ).flatmap(
        lambda fields: st.fixed_dictionaries(
            {}, optional={"geometry": geometry, "blocked": geometry}
        ).map(lambda shapes: {**fields, **shapes})
    ),
    st.recursive(plain, lambda inner: st.lists(inner, max_size=3), max_leaves=10),
)

often = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def filled(pattern, parts):
    return pattern.format(*(part.replace("/", "%2F").replace("?", "%3F") for part in parts))


@given(
    route=st.sampled_from(ROUTES),
    parts=st.lists(text, min_size=4, max_size=4),
    query=st.lists(st.tuples(st.sampled_from(NAMES), text), max_size=4),
)
@often
def test_no_address_gives_a_5xx(browser, route, parts, query):
    answer = browser("officer").get(filled(route, parts), query_string=query)
    answer.close()
    assert answer.status_code < 500, (route, parts, query, answer.get_data(as_text=True)[:300])


@given(route=st.sampled_from(ROUTES), raw=st.binary(max_size=40))
@often
def test_no_raw_query_gives_a_5xx(browser, route, raw):
    answer = browser("officer").get(
        filled(route, ["1"] * 4), environ_overrides={"QUERY_STRING": raw.decode("latin-1")}
    )
    answer.close()
    assert answer.status_code < 500, (route, raw)


@pytest.fixture(scope="module")
def tokens(browser):
    return {name: token_of(browser(name)) for name in ("officer", "planner")}


def send(client, address, raw, token, kind="application/json"):
    return client.post(address, data=raw, content_type=kind, headers={"X-CSRFToken": token})


@given(route=st.sampled_from(WRITES), parts=st.lists(text, min_size=4, max_size=4), content=body)
@often
def test_no_body_gives_a_5xx(browser, tokens, route, parts, content):
    raw = json.dumps(content).encode("utf-8", "surrogatepass")
    for name, token in tokens.items():
        answer = send(browser(name), filled(route, parts), raw, token)
        assert answer.status_code < 500, (route, content, answer.get_data(as_text=True)[:300])


@given(route=st.sampled_from(WRITES), raw=st.binary(max_size=60))
@often
def test_no_bytes_give_a_5xx(browser, tokens, route, raw):
    answer = send(browser("officer"), filled(route, ["1"] * 4), raw, tokens["officer"])
    assert answer.status_code < 500, (route, raw)


@given(fields=st.dictionaries(st.sampled_from(["name", "password", "csrf_token", "x"]), text))
@settings(often, max_examples=60)
def test_no_form_gives_a_5xx(app, fields):
    client = app.test_client()
    fields = {"csrf_token": token_of(client)} | fields
    for path in ("/sign-in", "/language", "/sign-out"):
        assert client.post(path, data=fields).status_code < 500


@given(value=st.one_of(text, st.text(alphabet=string.ascii_letters + string.digits + "._-")))
@settings(often, max_examples=60)
def test_no_cookie_gives_a_5xx(app, value):
    client = app.test_client()
    quoted = value.encode("utf-8", "replace").decode("latin-1").replace("\r", "").replace("\n", "")
    answer = client.get("/api/areas", headers={"Cookie": f"gridmap_session={quoted}"})
    assert answer.status_code == 401


def test_nothing_stored_is_outside_the_earth(store):
    """Runs last: after everything above, no number is infinite and no place outside the town."""
    with store.transaction(system_scope()) as tx:
        for table in ("incident", "hazard", "household"):
            assert (
                tx.value(
                    f"SELECT count(*) FROM {table} WHERE geom IS NOT NULL AND NOT (geom &&"
                    " ST_MakeEnvelope(114, 30, 115, 31, 4326) AND ST_IsValid(geom)"
                    " AND NOT ST_IsEmpty(geom))"
                )
                == 0
            )
        assert (
            tx.value(
                "SELECT count(*) FROM incident WHERE accuracy_m = 'Infinity' OR accuracy_m = 'NaN'"
            )
            == 0
        )
