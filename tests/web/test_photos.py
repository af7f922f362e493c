"""Photos: only what was announced, by who reported it, as bare pixels; the rest is refused."""

import hashlib
import io
import struct
import uuid
import zlib

import pytest
from PIL import Image
from webtown import post, token_of

from gridmap.model.access import system_scope

HERE = [114.405, 30.51]
WORDS = b"taken at home, by somebody"


def picture(size=(40, 30), kind="JPEG", **more):
    image = Image.new("RGB", size, (200, 30, 30))
    image.paste((20, 20, 220), (0, 0, size[0] // 2, size[1] // 2))
    file = io.BytesIO()
    image.save(file, kind, **more)
    return file.getvalue()


def exif():
    found = Image.Exif()
    found[0x0112] = 6  # lies on its side
    found[0x010E] = WORDS.decode()
    found.get_ifd(0x8825)[1] = "N"
    return found


def reported(client, *photos):
    new = {
        "id": str(uuid.uuid4()),
        "category": "waterlogging",
        "title": "路口积水",
        "level": 3,
        "geometry": {"type": "Point", "coordinates": HERE},
        "photos": [hashlib.sha256(photo).hexdigest() for photo in photos],
    }
    answer = post(client, "/api/incidents", new)
    assert answer.status_code == 201, answer.data
    return new["id"]


def put(client, key, photo, name=None, kind="image/jpeg"):
    name = name or hashlib.sha256(photo).hexdigest()
    return client.put(
        f"/api/incidents/{key}/photos/{name}",
        data=photo,
        content_type=kind,
        headers={"X-CSRFToken": token_of(client)},
    )


def stored(store, key):
    with store.transaction(system_scope()) as tx:
        return tx.one(
            "SELECT state, reason, picture, thumbnail, bytes FROM incident_photo"
            " WHERE incident_id = :key",
            key=key,
        )


def test_photo_is_taken_once_and_shown(browser, store):
    member = browser("member")
    photo = picture()
    key = reported(member, photo)
    first, again = put(member, key, photo), put(member, key, photo)
    assert (first.status_code, again.status_code) == (201, 200), first.data
    name = hashlib.sha256(photo).hexdigest()
    assert first.get_json() == {"sha256": name, "state": "stored", "body_sha256": name}
    shown = browser("officer").get(f"/api/incidents/{key}/photos/{name}")
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(shown.data)).size == (40, 30)
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert shown.headers["Cache-Control"] == "no-store"
    small = browser("officer").get(f"/api/incidents/{key}/photos/{name}?size=small")
    assert small.status_code == 200
    detail = browser("officer").get(f"/api/incidents/{key}").get_json()["properties"]
    assert [(each["sha256"], each["state"]) for each in detail["photos"]] == [(name, "stored")]
    with store.transaction(system_scope()) as tx:
        events = tx.value(
            "SELECT count(*) FROM event WHERE kind = 'incident.photo_stored' AND subject_id = :key",
            key=key,
        )
    assert events == 1


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("JPEG", {"comment": WORDS}),
        ("JPEG", {}),
        ("WEBP", {"xmp": WORDS}),
        ("PNG", {}),
    ],
)
def test_nothing_but_pixels_is_kept(browser, store, kind, more):
    member = browser("member")
    photo = picture(kind=kind, exif=exif(), **more) + WORDS  # and something behind its end
    assert WORDS in photo
    key = reported(member, photo)
    assert put(member, key, photo, kind=f"image/{kind.lower()}").status_code == 201
    row = stored(store, key)
    for content in (bytes(row["picture"]), bytes(row["thumbnail"])):
        assert WORDS not in content
        image = Image.open(io.BytesIO(content))
        assert (image.format, image.size) == ("JPEG", (30, 40))  # stands upright now
        assert not dict(image.getexif())
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert row["bytes"] == len(photo)


def test_polyglot_becomes_harmless(browser, store):
    """A photo that is a page and an archive as well is a photo afterwards, and nothing else."""
    member = browser("member")
    page = b"<script>alert(1)</script><?php system($_GET[0]); ?>PK\x03\x04"
    photo = picture(comment=page) + page
    key = reported(member, photo)
    assert put(member, key, photo).status_code == 201
    content = bytes(stored(store, key)["picture"])
    assert b"script" not in content
    assert b"PK\x03\x04" not in content


def huge_png(side=8000):
    """A picture of 64 megapixels in a few bytes."""

    def chunk(name, body):
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00" * ((side + 1) * 8), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def animated():
    frames = [Image.new("RGB", (9, 9), (n * 60, 0, 0)) for n in range(3)]
    file = io.BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:])
    return file.getvalue()


@pytest.mark.parametrize(
    ("photo", "word"),
    [
        (b"no photo at all", "no JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "no JPEG"),
        (b"GIF89a" + bytes(30), "no JPEG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no JPEG"),
        (picture(kind="GIF"), "no JPEG"),
        (picture(kind="BMP"), "no JPEG"),
        (picture(kind="TIFF"), "no JPEG"),
        (picture((400, 300))[:3000], "damaged"),
        (picture(kind="PNG")[:60], "damaged"),
        (b"\xff\xd8\xff\xe0" + bytes(200), "no JPEG"),
        (huge_png(), "50 megapixels"),
        (animated(), "moving"),
    ],
    ids=(
        *("text", "svg", "gif_head", "postscript", "gif", "bmp", "tiff", "cut_jpeg", "cut_png"),
        *("jpeg_head", "bomb", "animated"),
    ),
)
def test_what_is_no_photo_is_refused_with_its_reason(browser, store, photo, word):
    member = browser("member")
    key = reported(member, photo)
    for _ in range(2):
        answer = put(member, key, photo)
        assert answer.status_code == 400, answer.data
        assert answer.get_json()["detail"]
        assert answer.get_json()["state"] == "refused"
    row = stored(store, key)
    assert (row["state"], row["picture"]) == ("refused", None)
    assert word in row["reason"]
    mine = member.get("/api/incidents/mine").get_json()["items"]
    own = next(each for each in mine if each["id"] == key)
    assert own["photos"][0]["reason"] == answer.get_json()["detail"]
    name = hashlib.sha256(photo).hexdigest()
    assert member.get(f"/api/incidents/{key}/photos/{name}").status_code == 404


def test_bytes_that_are_not_those_announced(browser, store):
    member = browser("member")
    photo, other = picture(), picture((50, 50))
    key = reported(member, photo)
    name = hashlib.sha256(photo).hexdigest()
    assert put(member, key, other, name=name).status_code == 400
    assert put(member, key, photo[:-1], name=name).status_code == 400
    assert put(member, key, b"", name=name).status_code == 400
    assert stored(store, key)["state"] == "expected"  # the right ones are still welcome
    assert put(member, key, photo).status_code == 201


def test_photo_nobody_announced(browser):
    member = browser("member")
    key = reported(member)
    assert put(member, key, picture()).status_code == 404
    assert put(member, str(uuid.uuid4()), picture()).status_code == 404
    assert put(member, key, picture(), name="AB").status_code == 400
    assert put(member, "1", picture()).status_code == 400


def test_only_who_reported_adds_photos_and_only_the_area_sees_them(browser):
    photo = picture()
    member = browser("member")
    key = reported(member, photo)
    assert put(browser("officer"), key, photo).status_code == 403
    assert put(browser("stranger"), key, photo).status_code == 404
    assert put(member, key, photo).status_code == 201
    name = hashlib.sha256(photo).hexdigest()
    address = f"/api/incidents/{key}/photos/{name}"
    assert browser("unit").get(address).status_code == 200
    assert browser("hill").get(address).status_code == 404
    assert browser("stranger").get(address).status_code == 404
    assert browser("auditor").get(address).status_code == 403


def test_kinds_and_sizes_at_the_door(browser):
    member = browser("member")
    photo = picture()
    key = reported(member, photo)
    for kind in ("image/gif", "text/html", "multipart/form-data; boundary=x", "image/svg+xml"):
        assert put(member, key, photo, kind=kind).status_code == 415
    assert put(member, key, bytes(10 * 1024**2 + 1)).status_code == 413
    assert put(member, key, photo).status_code == 201


def test_a_large_photo_passes_where_other_bodies_may_not_be_large(browser):
    member = browser("member")
    noise = Image.effect_noise((2400, 1800), 90).convert("RGB")
    file = io.BytesIO()
    noise.save(file, "JPEG", quality=97)
    photo = file.getvalue()
    assert len(photo) > 3_000_000
    key = reported(member, photo)
    assert put(member, key, photo).status_code == 201


def test_a_photo_that_would_wait_too_long_is_asked_for_again(browser, monkeypatch):
    from gridmap.web import photos

    monkeypatch.setattr(photos, "_LONGEST_WAIT", 0.05)
    member = browser("member")
    photo = picture((41, 31))
    key = reported(member, photo)
    for _ in range(2):
        assert photos._at_once.acquire(blocking=False)
    try:
        answer = put(member, key, photo)
    finally:
        photos._at_once.release(2)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert put(member, key, photo).status_code == 201
