"""Papers about grids: every page counted, the same bytes each time, drafts marked, text as text."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import shapely
from pypdf import PdfReader

from gridmap.maps import marks, paper_figure, paper_pages, papers
from gridmap.maps.sheet_words import Look
from gridmap.model.paper import (
    Border,
    Community,
    Folder,
    GridFacts,
    House,
    Member,
    Office,
    Origin,
    PaperKind,
    Place,
    RiskArea,
)
from gridmap.model.sheet import Ground, Street

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
STATIC = Path(__file__).resolve().parents[2] / "static"
ZH, EN = (Look(name, "Asia/Shanghai", STATIC) for name in ("zh_CN", "en"))
X, Y = 114.40, 30.50
SCRIPT = "<script>alert(1)</script>"
COMMUNITY = "990101001001"
SIDE = Border(("湖边路", "@primary"), ("001-002",), edge=False)
EVERY = tuple(PaperKind)


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(X + west, Y + south, X + east, Y + north)


def grid(number: int, **more) -> GridFacts:
    west = 0.004 * (number - 1)
    given = {
        "key": f"{COMMUNITY}{number:03d}",
        "code": f"{COMMUNITY}{number:03d}",
        "label": f"001-{number:03d}",
        "name": None,
        "kind": "comprehensive",
        "community": COMMUNITY,
        "households": 400 + number,
        "people": 1000 + number,
        "km2": 0.123,
        "outline": box(west, 0, west + 0.004, 0.004),
        "middle": (X + west + 0.002, Y + 0.002),
        "since": date(2026, 1, 1),
        "members": (Member(f"周{number}", None),),
        "borders": {"north": SIDE, "east": SIDE, "south": SIDE, "west": SIDE},
    }
    return GridFacts(**(given | more))


def folder(*grids: GridFacts, **more) -> Folder:
    made = grids or (grid(1), grid(2))
    given = {
        "origin": Origin(
            area=COMMUNITY,
            place="东县 湖边 湖一",
            day=date(2026, 6, 1),
            printed_at=datetime(2026, 6, 1, 4, 5, tzinfo=UTC),
            number=7,
            attribution="© nobody",
        ),
        "communities": (
            Community(
                COMMUNITY,
                "湖一",
                "湖边",
                shapely.union_all([each.outline for each in made]),
                Office("湖一居委会", "000-1234567", "000-7654321"),
            ),
        ),
        "grids": made,
        "beside": (grid(9, key="990101002001001", code="990101002001001", label="002-001"),),
        "ground": Ground(
            hazard=shapely.Polygon(),
            blocked=None,
            streets=(
                Street(
                    "primary", "湖边路", shapely.LineString([(X - 1e-3, Y), (X + 9e-3, Y + 5e-4)])
                ),
            ),
        ),
        "houses": (
            House("1", "湖光里1栋", None, box(0.001, 0.001, 0.0015, 0.0013)),
            House("2", "湖光里2栋", "D", box(0.002, 0.001, 0.0025, 0.0013)),
        ),
        "places": (
            Place("shelter", "中学", 300, True, X + 0.003, Y + 0.003),
            Place("supply_point", "便民点", None, False, X + 0.0012, Y + 0.003),
        ),
        "risks": (RiskArea("flood", "湖水上涨", True, box(0.002, 0, 0.005, 0.002)),),
        "ways": (shapely.LineString([(X + 0.001, Y + 0.001), (X + 0.003, Y + 0.003)]),),
    }
    return Folder(**(given | more))


def words(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def test_the_same_folder_gives_the_same_bytes():
    first, count = papers.pdf(folder(), EVERY, ZH)
    again, _count = papers.pdf(folder(), EVERY, ZH)
    assert first == again
    assert count == len(words(first)) == 1 + 1 + 2 * 3
    assert papers.bundle(folder(), EVERY, ZH) == papers.bundle(folder(), EVERY, ZH)


def test_other_grids_give_other_bytes():
    first, _count = papers.pdf(folder(), [PaperKind.FILING], ZH)
    other, _count = papers.pdf(
        folder(grid(1, members=(Member("吴", None),))), [PaperKind.FILING], ZH
    )
    assert first != other


def test_a_notice_says_what_has_to_be_posted():
    (text, _other) = words(papers.pdf(folder(), [PaperKind.NOTICE], ZH)[0])
    for said in ("990101001001001", "湖边路、主干道", "0.123", "周1", "000-1234567", "000-7654321"):
        assert said in text
    assert "2026-01-01" in text
    assert "草案" not in text


def test_every_page_is_numbered_among_all():
    texts = words(papers.pdf(folder(), EVERY, ZH)[0])
    for number, text in enumerate(texts, start=1):
        assert f"第 {number} / {len(texts)} 页" in text


def test_a_member_s_phone_stands_there_only_when_it_is_public():
    (text,) = words(papers.pdf(folder(grid(1)), [PaperKind.NOTICE], ZH)[0])
    assert "13800000000" not in text
    public = grid(1, members=(Member("周1", "13800000000"),))
    (text,) = words(papers.pdf(folder(public), [PaperKind.NOTICE], ZH)[0])
    assert "13800000000" in text


@pytest.mark.parametrize("kind", EVERY)
def test_a_draft_is_marked_on_every_page(kind):
    made = folder()
    origin = replace(made.origin, scenario=3, scenario_name="秋季", version=5)
    texts = words(papers.pdf(replace(made, origin=origin), [kind], ZH)[0])
    assert texts
    assert all("草案" in text for text in texts)


def test_a_grid_without_a_code_says_when_it_gets_one():
    new = grid(1, key="n1", code=None, label="001-n1")
    texts = words(papers.pdf(folder(new), [PaperKind.NOTICE, PaperKind.FILING], ZH)[0])
    assert all("发布时编" in text for text in texts)


def test_a_filing_table_goes_on_over_the_page_and_adds_up():
    many = tuple(grid(number) for number in range(1, 21))
    texts = words(papers.pdf(folder(*many), [PaperKind.FILING], ZH)[0])
    assert len(texts) == -(-20 // paper_pages.ROWS)
    assert all("网格编码" in text for text in texts)  # the head is repeated
    total = sum(each.households for each in many)
    assert str(total) in texts[-1]
    assert str(total) not in texts[0]


def test_a_wall_map_leaves_out_ways_that_miss_it():
    far = shapely.LineString([(X + 1, Y + 1), (X + 1.001, Y + 1)])
    given = folder()
    more = replace(given, ways=(*given.ways, far), draft_ways=(far,))
    assert papers.pdf(more, [PaperKind.WALL], ZH)[0] == papers.pdf(given, [PaperKind.WALL], ZH)[0]


def over(**more) -> GridFacts:
    """Give a special grid over the first one, whose households it counts as well."""
    given = {"kind": "special", "special_use": "market", "name": "湖边市场", "members": ()}
    inside = {
        "households": 79,
        "people": 200,
        "km2": 0.5,
        "outline": box(0.001, 0.001, 0.003, 0.003),
    }
    return grid(3, **(given | inside | more))


def test_a_filing_table_counts_nobody_twice():
    (text,) = words(papers.pdf(folder(grid(1), grid(2), over()), [PaperKind.FILING], ZH)[0])
    assert "共 2 个，专属网格 1 个" in text
    assert "803" in text  # 401 and 402
    assert "专属网格不重复计" in "".join(text.split())
    (plain,) = words(papers.pdf(folder(), [PaperKind.FILING], ZH)[0])
    assert "专属网格" not in plain


def test_a_wall_map_tells_special_grids_from_the_others():
    made = folder(grid(1), grid(2), over())
    (text,) = words(papers.pdf(made, [PaperKind.WALL], ZH)[0])
    assert "2 个网格，专属网格 1 个" in text
    assert "湖边市场" in text
    # a member of its own would be named; that it has none says nothing
    assert "还没有网格员" not in text
    posted = folder(grid(1), grid(2), over(members=(Member("郑", None),)))
    (text,) = words(papers.pdf(posted, [PaperKind.WALL], ZH)[0])
    assert "湖边市场 郑" in text
    (plain,) = words(papers.pdf(folder(), [PaperKind.WALL], ZH)[0])
    assert "专属网格" not in plain


def test_ways_that_share_a_street_share_its_arrows():
    def arrows(*ways):
        made = folder(ways=ways, draft_ways=())
        drawn = paper_figure.of_village(COMMUNITY, made, (900, 700), papers._map_words(str))[0]
        return str(drawn).count(marks._ARROW)

    way = shapely.LineString([(X + 0.001, Y + 0.001), (X + 0.007, Y + 0.001)])
    beside = shapely.transform(way, lambda points: points + 1e-6)
    assert arrows(way) > 2
    assert arrows(way, beside) == arrows(way)
    # the other way round it says something else
    assert arrows(way, way.reverse()) > arrows(way)


def test_a_wall_map_lists_what_is_on_it():
    (text,) = words(papers.pdf(folder(), [PaperKind.WALL], ZH)[0])
    for said in ("湖水上涨", "中学", "300 人", "便民点", "湖光里2栋", "001-001"):
        assert said in text
    assert "还没有转移预案" not in text
    (bare,) = words(papers.pdf(folder(ways=(), risks=()), [PaperKind.WALL], ZH)[0])
    assert "还没有转移预案" in bare


def test_ways_that_nobody_has_approved_say_so():
    (approved,) = words(papers.pdf(folder(), [PaperKind.WALL], ZH)[0])
    assert "还没有批准" not in approved
    draft = replace(folder(), ways=(), draft_ways=folder().ways)
    (text,) = words(papers.pdf(draft, [PaperKind.WALL], ZH)[0])
    assert "转移路线草案：还没有批准" in text.replace("\n", "")
    assert "还没有转移预案" not in text


def test_paper_has_the_size_of_its_kind():
    made = PdfReader(io.BytesIO(papers.pdf(folder(grid(1)), EVERY, ZH)[0]))
    sizes = [(round(float(p.mediabox.width)), round(float(p.mediabox.height))) for p in made.pages]
    assert sizes == [(842, 595), (1191, 842), (595, 842), (420, 595), (420, 595)]


def test_a_bundle_has_a_file_for_each_grid():
    content, count = papers.bundle(folder(), EVERY, EN)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        own = words(archive.read(f"{COMMUNITY}001.pdf"))
    assert names == [
        f"{COMMUNITY}-filing.pdf",
        f"{COMMUNITY}-wall.pdf",
        f"{COMMUNITY}001.pdf",
        f"{COMMUNITY}002.pdf",
    ]
    assert count == 8
    assert len(own) == 3
    assert "page 3 of 3" in own[2]


def test_progress_counts_the_parts():
    told: list[tuple[int, int]] = []
    papers.pdf(folder(), [PaperKind.NOTICE], ZH, lambda done, parts: told.append((done, parts)))
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_what_people_wrote_is_text():
    made = folder(
        grid(1, name=SCRIPT, members=(Member(SCRIPT, SCRIPT),), duties=(SCRIPT,)),
        houses=(House(SCRIPT, SCRIPT, "C", box(0.001, 0.001, 0.0015, 0.0013)),),
        places=(Place("shelter", SCRIPT, 1, False, X + 0.003, Y + 0.003),),
        risks=(RiskArea("flood", SCRIPT, True, box(0.002, 0, 0.005, 0.002)),),
    )
    for part in paper_pages.parts(made, EVERY):
        text = papers.document(made, part.pages, ZH)
        assert "<script" not in text
        assert "&lt;script" in text


def test_a_map_fills_its_frame():
    made = folder()
    drawn = str(paper_figure.of_grid(made.grids[0], made, (700, 600), papers._map_words(str)))
    window = paper_figure.paper([made.grids[0].outline], 700, 600, edge=40)
    west, north, east, south = window.flat(made.grids[0].outline).bounds
    assert max((east - west) / 620, (south - north) / 520) == pytest.approx(1, abs=0.01)
    assert "001-001" in drawn


def test_numbers_of_houses_are_written_shortly():
    made = [
        House(str(number), f"湖光里{number}栋", None, box(0.001, 0.001, 0.0011, 0.0011))
        for number in (1, 2, 3, 7)
    ]
    assert paper_pages.estates(grid(1), made) == [("湖光里", "1–3, 7")]
    assert paper_pages.estates(grid(2), made) == []
