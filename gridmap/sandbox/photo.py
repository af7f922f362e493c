"""Photos: pixels in, a new image out; whatever else was in the file stays behind."""

import warnings
from pathlib import Path
from typing import Any

from PIL import Image, ImageFile, ImageOps

from geodata.errors import GeodataError

FORMATS = ("JPEG", "PNG", "WEBP")  # by content; no other decoder of the library is ever tried
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 4096  # enough to read a number plate, small enough for a county's backup
THUMBNAIL = 320
_QUALITY = 88
_WHITE = (255, 255, 255)


def clean(place: Path, _arguments: dict[str, Any]) -> dict[str, Any]:
    """Turn `given` into `picture` and `thumbnail`, both JPEG without any metadata.

    Returns
    -------
    dict
        `width`, `height` and `format`, that of the file that came.

    Raises
    ------
    GeodataError
        No JPEG, PNG or WebP; animated; damaged; over 50 megapixels.
    """
    Image.init()
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error")
    with (place / "given").open("rb") as file:
        image, kind = _opened(file)
        fresh = _pixels(image)
    fresh.save(place / "picture", "JPEG", quality=_QUALITY, optimize=True)
    small = fresh.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    small.save(place / "thumbnail", "JPEG", quality=80)
    return {"width": fresh.width, "height": fresh.height, "format": kind}


def _opened(file: Any) -> tuple[Image.Image, str]:
    try:
        image = Image.open(file, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise GeodataError("the photo has more than 50 megapixels") from None
    except Exception:
        raise GeodataError("this is no JPEG, PNG or WebP photo") from None
    if image.width * image.height > MOST_PIXELS:
        raise GeodataError("the photo has more than 50 megapixels")
    if getattr(image, "n_frames", 1) != 1 and image.format != "MPO":
        raise GeodataError("a moving picture is not taken, only a photo")
    return image, str(image.format)


def _pixels(image: Image.Image) -> Image.Image:
    """Copy the pixels, upright, into an image that has never seen the file."""
    try:
        image.load()
        upright = ImageOps.exif_transpose(image)
        if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
            seen = upright.convert("RGBA")
            flat = Image.new("RGB", seen.size, _WHITE)
            flat.paste(seen, mask=seen.getchannel("A"))
        else:
            flat = upright.convert("RGB")
    except (MemoryError, GeodataError):
        raise
    except Exception:
        raise GeodataError("the photo is damaged") from None
    flat.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    fresh = Image.new("RGB", flat.size)
    fresh.paste(flat)
    return fresh
