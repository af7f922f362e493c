"""Words of the scripts: a file of their own that a browser keeps, and no page carries."""

import gzip
import json
import re

import pytest

PAGES = ("/map", "/grids", "/plans", "/coverage", "/households", "/about")


def asked(client, path, language):
    client.get(f"/about?lang={language}", headers={"Accept": "text/html"})
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def words_of(page):
    found = re.search(r'<script src="(/words/[^"]+)" nonce="[^"]+"></script>', page)
    return None if found is None else found[1]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_carries_the_catalogue(browser, path):
    page = asked(browser("officer"), path, "en")
    assert words_of(page)
    data = re.search(r'<script type="application/json" id="page-data"[^>]*>(.*?)</script>', page)
    assert json.loads(data[1])["words"] == {}
    assert len(page) < 40_000
    assert words_of(asked(browser("officer"), path, "zh")) is None


def test_words_are_kept_for_a_year_under_a_name_of_their_content(app, browser):
    address = words_of(asked(browser("officer"), "/map", "en"))
    client = app.test_client()
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    assert plain.mimetype == "text/javascript"
    assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in plain.headers
    content = plain.get_data(as_text=True)
    found = json.loads(content.removeprefix("globalThis.gridmapWords = ").rstrip(";\n"))
    assert found["登录"] == "Sign in"
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2


def test_a_page_of_another_release_gets_the_words_there_are(app):
    old = app.test_client().get(f"/words/en-{'0' * 16}.js")
    assert old.status_code == 200
    assert old.headers["Cache-Control"] == "no-cache"
    for name in ("en.js", "zh_CN-0000000000000000.js", "..%2fen-0000000000000000.js"):
        assert app.test_client().get(f"/words/{name}").status_code in (400, 404), name


def test_the_tablets_page_brings_its_own(browser):
    page = asked(browser("member"), "/field", "en")
    assert words_of(page) is None
