"""Cards for the door of a shelter: one for each household, with the code that names it there."""

from gridmap.maps.pages import Page, cut
from gridmap.maps.squares import square
from gridmap.model.sheet import Booklet

CARDS = 8  # of a page: two beside each other, four below each other


def cards(booklet: Booklet) -> list[Page]:
    """Cut the cards of each sheet into pages: who looks after one grid hands out that one's."""
    made = []
    for leaf in booklet.leaves:
        rows = [
            {
                "home": home,
                "code": f"{booklet.cards[home.id][:5]}-{booklet.cards[home.id][5:]}",
                # capitals alone make a smaller code, which a poor camera reads from farther away
                "square": square(f"GRIDMAP:{booklet.cards[home.id]}"),
            }
            for home in leaf.homes
            if home.id in booklet.cards
        ]
        if not rows:
            continue
        cuts = cut(len(rows), CARDS, CARDS)
        made += [
            Page(
                kind="cards",
                number=number,
                count=len(cuts),
                leaf=leaf,
                rows=rows[start:end],
                offset=start,
            )
            for number, (start, end) in enumerate(cuts, start=1)
        ]
    return made
