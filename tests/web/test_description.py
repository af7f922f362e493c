"""The API as it describes itself: whole, valid, and no answer of it is a 5xx."""

import re

import pytest
from flask import Blueprint, Flask

from gridmap.web import inputs
from gridmap.web.description.reading import read
from gridmap.web.permissions import is_public

FOR_PROGRAMS = ("/api/", "/ogc", "/tiles/", "/healthz", "/readyz")


@pytest.fixture(scope="module")
def description(browser):
    answer = browser("officer").get("/api/openapi.json")
    assert answer.status_code == 200
    return answer.get_json()


def test_nobody_reads_it_without_a_sign_in(client):
    assert client.get("/api/openapi.json").status_code == 401
    assert client.get("/docs", headers={"Accept": "text/html"}).status_code == 303


def test_it_is_held_by_its_entity_tag(browser):
    first = browser("officer").get("/api/openapi.json")
    again = browser("officer").get(
        "/api/openapi.json", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")


def test_every_route_for_programs_is_described(app, description):
    wanted = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(FOR_PROGRAMS):
            address = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
            wanted |= {(address, one.lower()) for one in rule.methods - {"HEAD", "OPTIONS"}}
    found = {
        (address, method) for address, methods in description["paths"].items() for method in methods
    }
    assert found == wanted
    assert len(found) > 60


def test_every_operation_is_complete(app, description):
    names = set()
    for address, methods in description["paths"].items():
        for method, operation in methods.items():
            place = f"{method} {address}"
            assert operation["summary"], place
            assert operation["operationId"] not in names, place
            names.add(operation["operationId"])
            parts = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert parts == set(re.findall(r"{(\w+)}", address)), place
            assert any(code.startswith(("2", "3")) for code in operation["responses"]), place
            if not is_public_operation(app, operation):
                assert "401" in operation["responses"], place


def is_public_operation(app, operation):
    endpoint = operation["operationId"].rpartition("_")[0].replace("_", ".", 1)
    view = app.view_functions.get(endpoint)
    return view is not None and is_public(view)


def test_every_reference_is_there(description):
    def references(node):
        if isinstance(node, dict):
            for key, value in node.items():
                if key == "$ref":
                    yield value
                else:
                    yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    for reference in set(references(description)):
        node = description
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_a_report_is_described_as_it_is_taken(description):
    operation = description["paths"]["/api/incidents"]["post"]
    assert {"200", "201", "409"} <= set(operation["responses"])
    reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    model = description["components"]["schemas"][reference.rpartition("/")[2]]
    assert {"id", "category", "title", "level", "geometry"} <= set(model["required"])
    assert model["properties"]["geometry"] == {"$ref": "#/components/schemas/Geometry"}
    assert model["additionalProperties"] is False
    parameters = {
        one["name"] for one in description["paths"]["/api/incidents"]["get"]["parameters"]
    }
    assert {"bbox", "limit", "cursor", "state", "If-None-Match"} <= parameters


class Asked(inputs.Query):
    """Parameters of a route made for the test."""

    limit: inputs.Limit = 5


def test_what_a_helper_reads_is_found():
    blueprint = Blueprint("made", __name__)

    @blueprint.get("/api/made/<made_id>")
    def made(made_id):
        return helper(made_id)

    app = Flask("made")
    app.register_blueprint(blueprint)
    taken = read(app.view_functions["made.made"])
    assert taken.query is Asked
    assert taken.path == {"made_id": "number"}
    assert taken.codes == {202}


def helper(number):
    inputs.query(Asked)
    return str(inputs.path_number(number, "id")), 202
