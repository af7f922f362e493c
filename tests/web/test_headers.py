"""What every answer says to the browser."""

import re

import pytest

POLICY = (
    r"default-src 'self'; script-src 'self' 'nonce-([\w-]+)'; style-src 'self'; "
    r"img-src 'self' data: blob:; worker-src 'self'; object-src 'none'; base-uri 'none'; "
    r"frame-ancestors 'self'; form-action 'self'"
)
PAGE = {"Accept": "text/html"}


@pytest.mark.parametrize("path", ["/", "/about", "/healthz", "/api/me", "/nothing", "/api/nothing"])
def test_every_answer_has_the_policy(client, path):
    answer = client.get(path, headers=PAGE)
    assert re.fullmatch(POLICY, answer.headers["Content-Security-Policy"])
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "geolocation=(self)" in answer.headers["Permissions-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_nonce_is_new_each_time_and_on_the_scripts(browser):
    seen = set()
    for _time in range(2):
        answer = browser("officer").get("/map", headers=PAGE)
        nonce = re.fullmatch(POLICY, answer.headers["Content-Security-Policy"])[1]
        text = answer.get_data(as_text=True)
        for script in re.findall(r"<script\b[^>]*>", text):
            assert "src=" in script or f'nonce="{nonce}"' in script, script
        assert " style=" not in text
        seen.add(nonce)
    assert len(seen) == 2


@pytest.mark.parametrize("path", ["/map", "/coverage", "/plans", "/grids", "/unplaced", "/about"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_load(browser, path, language):
    answer = browser("officer").get(f"{path}?lang={language}", headers=PAGE)
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    text = answer.get_data(as_text=True)
    assert re.search(r"(src|href|action)=.(https?:)?//", text) is None  # nothing from elsewhere
    browser("officer").get("/about?lang=zh", headers=PAGE)


def test_request_number_is_taken_only_when_well_formed(client):
    good = client.get("/healthz", headers={"X-Request-ID": "tablet-7.upload_3"})
    assert good.headers["X-Request-ID"] == "tablet-7.upload_3"
    for bad in ("short", "x" * 65, "a b c d e f", "<script>alert</script>", "ünïcödé-x"):
        answer = client.get("/healthz", headers={"X-Request-ID": bad.encode().decode("latin-1")})
        assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-ID"])


def test_error_page_shows_the_number_of_the_request(client):
    answer = client.get("/nothing", headers=PAGE | {"X-Request-ID": "seen-by-the-user"})
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    text = answer.get_data(as_text=True)
    assert "seen-by-the-user" in text
    nonce = re.fullmatch(POLICY, answer.headers["Content-Security-Policy"])[1]
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in script or f'nonce="{nonce}"' in script


def test_sign_in_form_tells_nobody_elses_password(client):
    text = client.get("/", headers=PAGE).get_data(as_text=True)
    assert 'name="password"' in text
    assert "gridmap-demo" not in text


@pytest.mark.parametrize(("language", "words"), [("zh", "没有找到"), ("en", "Not found")])
def test_problems_speak_the_language_of_the_person(browser, language, words):
    browser("officer").get(f"/about?lang={language}", headers=PAGE)
    assert browser("officer").get("/api/plans/999999").get_json()["title"] == words
    browser("officer").get("/about?lang=zh", headers=PAGE)


def test_programs_get_problem_details(client):
    answer = client.get("/api/nothing", headers=PAGE | {"X-Request-ID": "asked-by-a-program"})
    assert answer.mimetype == "application/problem+json"
    content = answer.get_json()
    assert content["status"] == 404
    assert content["instance"] == "asked-by-a-program"
    assert content["type"] == "urn:gridmap:problem:not-found"


def test_wrong_method_says_which_are_right(browser):
    answer = browser("officer").delete("/api/hazards")
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].replace(" ", "").split(","))


def test_static_files_are_served_and_kept_by_their_version(client):
    with client.get("/static/vendor/leaflet-1.9.4/leaflet.js") as vendor:
        assert vendor.status_code == 200
        assert "immutable" in vendor.headers["Cache-Control"]
    with client.get("/static/css/tokens.css") as own:
        assert own.status_code == 200
        assert own.headers["Cache-Control"] == "no-cache"
    known = {"If-None-Match": own.headers["ETag"]}
    with client.get("/static/css/tokens.css", headers=known) as again:
        assert again.status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "package.json",
        "package-lock.json",
        "node_modules/x.js",
        "../wsgi.py",
        "css/../../wsgi.py",
        ".eslintrc",
        "js/.hidden",
        "scripts/vendor.mjs",
        "css",
    ],
)
def test_static_serves_what_pages_load_and_nothing_else(client, path):
    assert client.get(f"/static/{path}").status_code == 404
