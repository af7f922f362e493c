"""Square codes (QR) as pictures."""

import segno
from markupsafe import Markup

from gridmap.maps.ink import picture, put, written


def square(text: str) -> Markup:
    """Draw the square code of a text, such as an address."""
    code = segno.make(text, error="m", micro=False)
    size = int(code.symbol_size(scale=1, border=0)[0])
    root = picture(size, size, text)
    root.set("shape-rendering", "crispEdges")
    data = "".join(
        f"M{column} {row}h1v1h-1z"
        for row, line in enumerate(code.matrix)
        for column, dark in enumerate(line)
        if dark
    )
    put(root, "path", d=data, fill="#000")
    return written(root)
