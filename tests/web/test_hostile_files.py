"""Entities, bombs and links inside workbooks and XML, sent as a planner would, read in the cage."""

import io
import json
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from openpyxl import Workbook
from webtown import post, token_of

from jobs.run import work

BOMB = (
    '<!DOCTYPE b [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


@pytest.fixture
def listener():
    """A server that notes whoever calls; gives its address and the list of calls."""
    called = []

    class Note(BaseHTTPRequestHandler):
        def do_GET(self):
            called.append(self.path)
            self.send_error(404)

        def log_message(self, *_words):
            pass

    server = HTTPServer(("127.0.0.1", 0), Note)
    # it looks every so often whether it is to end
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", called
    server.shutdown()
    server.server_close()


def read(client, store, content, kind, name):
    answer = client.post(
        "/api/uploads",
        query_string={"kind": kind, "name": name, "crs": "wgs84"},
        data=content,
        content_type="application/octet-stream",
        headers={"X-CSRFToken": token_of(client)},
    )
    assert answer.status_code == 202, answer.data
    made = answer.get_json()
    work(store, made["job"])
    return client.get(f"/api/uploads/{made['upload']}").get_json()


def workbook(changed=None, added=None):
    """Make a good list of facilities; parts of it changed, others added."""
    made = Workbook()
    for row in (["名称", "类型", "经度", "纬度"], ["东站", "消防站", 114.404, 30.511]):
        made.active.append(row)
    plain, hostile = io.BytesIO(), io.BytesIO()
    made.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(hostile, "w") as target:
        for name in source.namelist():
            text = source.read(name).decode()
            target.writestr(name, (changed or {}).get(name, lambda same: same)(text))
        for name, text in (added or {}).items():
            target.writestr(name, text)
    return hostile.getvalue()


def with_type(declared, entity):
    """Declare a document type in a part of a workbook, and use its entity in the first text."""

    def change(text):
        if text.startswith("<?xml"):
            text = text.split("?>", 1)[1]
        return declared + text.replace("东站", f"&{entity};")

    return change


def external(address):
    return f'<!DOCTYPE x [<!ENTITY e SYSTEM "{address}">]>'


RELATIONS = "xl/_rels/workbook.xml.rels"
PARTS = ("xl/worksheets/sheet1.xml", "xl/workbook.xml", RELATIONS, "xl/sharedStrings.xml")


def test_the_plain_workbook_is_read(browser, store):
    """Else the refusals below would show nothing."""
    found = read(browser("planner"), store, workbook(), "facilities", "list.xlsx")
    assert found["state"] == "read", found


def with_strings(text):
    """Point the workbook at shared strings, which this writer keeps inside the sheet."""
    relation = (
        '<Relationship Id="rIdS" Target="sharedStrings.xml" Type="http://schemas.openxmlformats.org'
        '/officeDocument/2006/relationships/sharedStrings"/></Relationships>'
    )
    return text.replace("</Relationships>", relation)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("where", ["file", "network", "parameter", "bomb"])
def test_entities_of_a_workbook_are_refused(browser, store, listener, part, where):
    address, called = listener
    declared, entity = {
        "file": (external("file:///etc/passwd"), "e"),
        "network": (external(f"{address}/e"), "e"),
        "parameter": (f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{address}/p.dtd"> %p;]>', "lt"),
        "bomb": (BOMB, "i"),
    }[where]
    if part == "xl/sharedStrings.xml":
        strings = f"{declared}<sst><si><t>&{entity};</t></si></sst>"
        content = workbook({RELATIONS: with_strings}, {part: strings})
    else:
        content = workbook({part: with_type(declared, entity)})
    found = read(browser("planner"), store, content, "facilities", "list.xlsx")
    assert found["state"] == "refused", found
    assert found["faults"][0]["message"]
    assert "root:" not in json.dumps(found)
    assert called == []


def test_links_of_a_workbook_are_not_followed(browser, store, listener):
    """A workbook may point at another one: what it says itself is read, and nobody is called."""
    address, called = listener
    link = (
        '<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<externalBook r:id="rId1"/></externalLink>'
    )
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="rId1" TargetMode="External" Type="http://schemas.openxmlformats.org/'
        f'officeDocument/2006/relationships/externalLinkPath" Target="{address}/other.xlsx"/>'
        "</Relationships>"
    )
    added = {
        "xl/externalLinks/externalLink1.xml": link,
        "xl/externalLinks/_rels/externalLink1.xml.rels": relation,
    }
    found = read(browser("planner"), store, workbook(added=added), "facilities", "list.xlsx")
    assert found["state"] == "read", found
    elsewhere = {
        RELATIONS: lambda text: text.replace(
            'Target="/xl/worksheets/sheet1.xml"',
            f'TargetMode="External" Target="{address}/sheet1.xml"',
        )
    }
    found = read(browser("planner"), store, workbook(elsewhere), "facilities", "list.xlsx")
    assert found["state"] == "refused", found
    assert called == []


def osm(declared, entity):
    return (
        f"{declared}<osm version='0.6'><node id='1' lat='30.51' lon='114.404'/>"
        "<node id='2' lat='30.511' lon='114.405'/><way id='3'><nd ref='1'/><nd ref='2'/>"
        f"<tag k='highway' v='residential'/><tag k='name' v='{entity}'/></way></osm>"
    ).encode()


def test_entities_of_an_extract_are_refused(browser, store, listener):
    address, called = listener
    planner = browser("planner")
    assert read(planner, store, osm("", "湖边路"), "roads", "x.osm")["state"] == "read"
    for declared, entity in (
        (external("file:///etc/passwd"), "&e;"),
        (external(f"{address}/e"), "&e;"),
        (BOMB, "&i;"),
        # far behind what a first look at the file sees
        (f"<!-- {'x' * 100_000} -->" + BOMB, "&i;"),
    ):
        found = read(planner, store, osm(declared, entity), "roads", "x.osm")
        assert found["state"] == "refused", found
        assert "root:" not in json.dumps(found)
    assert called == []


GML = (
    '<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs"'
    ' xmlns:gml="http://www.opengis.net/gml"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:schemaLocation="http://www.opengis.net/wfs {address}/schema.xsd"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink"><gml:featureMember'
    ' xlink:href="{address}/member.gml"/></wfs:FeatureCollection>'
)
KML = (
    '<kml xmlns="http://www.opengis.net/kml/2.2"><NetworkLink><Link>'
    "<href>{address}/x.kml</href></Link></NetworkLink></kml>"
)
GPX = '<gpx version="1.1"><metadata><link href="{address}/x"/></metadata></gpx>'
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><image href="{address}/x"/></svg>'


@pytest.mark.parametrize("text", [GML, KML, GPX, SVG])
@pytest.mark.parametrize("suffix", ["own", "geojson", "gpkg", "csv", "osm"])
def test_formats_nobody_takes_are_refused_under_every_name(browser, store, listener, text, suffix):
    address, called = listener
    own = {GML: "gml", KML: "kml", GPX: "gpx", SVG: "svg"}[text]
    name = f"x.{own if suffix == 'own' else suffix}"
    content = text.format(address=address).encode()
    kind = "facilities" if suffix == "csv" else "hazards"
    taker = browser("planner" if kind == "facilities" else "officer")
    found = read(taker, store, content, kind, name)
    assert found["state"] == "refused", found
    assert found["faults"][0]["message"]
    assert post(taker, f"/api/uploads/{found['id']}/take", {}).status_code == 409
    assert called == []
