"""Rosters: headings, encodings, values, faults by row and column, hostile workbooks."""

import csv
import zipfile

import openpyxl
import pandas as pd
import pytest
from shapely import Point

from geodata.crs import wgs84_to_gcj02
from geodata.errors import GeodataError
from geodata.readers import headings, tables
from geodata.readers.cells import CellError, reader
from geodata.readers.schemas import Field, Schema

HEADINGS = ["户主姓名", "联系电话", "详细地址", "家庭人口（人）", "特殊情况", "居住状态", "户籍地"]
ROWS = [
    ["张三", "13812345678", "松山里3栋2单元501室", "3", "独居老人、残疾", "常住", "湖北省某县"],
    ["李四", "138-0000-0001", "松山里３栋５０２", "４", "无", "流动", "四川省某县"],
]


def write_csv(path, rows, encoding="utf-8"):
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def write_xlsx(path, rows, title="名册"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def faults(path, schema=tables.HOUSEHOLDS, **options):
    with pytest.raises(GeodataError) as caught:
        tables.read(path, schema, **options)
    return [(fault.row, fault.column, fault.message) for fault in caught.value.faults]


# --- headings and encodings -----------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_chinese_rosters_in_every_usual_encoding(tmp_path, encoding):
    frame = tables.read(
        write_csv(tmp_path / "r.csv", [HEADINGS, *ROWS], encoding), tables.HOUSEHOLDS
    )
    assert frame["name"].tolist() == ["张三", "李四"]
    assert frame["phone"].tolist() == ["13812345678", "138-0000-0001"]
    assert frame["address"].tolist() == ["松山里3栋2单元501室", "松山里3栋502"]
    assert frame["people"].tolist() == [3, 4]
    assert frame["needs"].tolist() == [("elderly_alone", "disabled"), ()]
    assert frame["residence"].tolist() == ["resident", "floating"]
    assert frame["registered_at"].tolist() == ["湖北省某县", "四川省某县"]
    assert list(frame.columns) == [field.name for field in tables.HOUSEHOLDS.fields]
    assert frame.index.tolist() == [2, 3]
    assert frame["lon"].isna().all()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_english_headings_and_any_separator(tmp_path, delimiter):
    path = tmp_path / "r.csv"
    rows = (
        ["Householder", "Address", "People", "Special Needs"],
        ["Ann", "12 Rue Grimaldi", "2", "deaf"],
    )
    path.write_text("\n".join(delimiter.join(row) for row in rows), encoding="utf-8")
    frame = tables.read(path, tables.HOUSEHOLDS)
    assert frame.loc[2, ["name", "address", "people"]].tolist() == ["Ann", "12 Rue Grimaldi", 2]
    assert frame.loc[2, "needs"] == ("hearing",)


def test_workbooks_with_a_title_two_heading_rows_and_another_sheet_first(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "填表说明"
    sheet = book.create_sheet("名册")
    sheet["A1"] = "松山里社区花名册"
    sheet.merge_cells("A1:E1")
    for cell, text in {"A2": "户主", "B2": "住址", "D2": "人口", "E2": "身份证号"}.items():
        sheet[cell] = text
    sheet.merge_cells("B2:C2")
    for column in "ADE":
        sheet.merge_cells(f"{column}2:{column}3")
    sheet["B3"], sheet["C3"] = "小区", "楼栋"
    sheet.append(["张三", "松山里", 3, 4, "420111199001011234"])
    sheet.row_dimensions[2].hidden = True
    book.save(tmp_path / "r.xlsx")
    frame = tables.read(tmp_path / "r.xlsx", tables.HOUSEHOLDS)
    found = frame.loc[4, ["name", "estate", "building", "people", "id_number"]].tolist()
    assert found == ["张三", "松山里", "3", 4, "420111199001011234"]


def test_the_caller_may_say_which_heading_is_which_field(tmp_path):
    path = write_csv(tmp_path / "r.csv", [["甲", "乙", "电话", "手机"], ["A", "2", "1111", "2222"]])
    mapping = {"甲": "address", "乙": "people", "手机": "phone"}
    frame = tables.read(path, tables.HOUSEHOLDS, mapping)
    assert frame.loc[2, ["address", "people", "phone"]].tolist() == ["A", 2, "2222"]
    assert frame.attrs["ignored"] == ("电话",)


def test_a_missing_column_names_the_nearest_heading(tmp_path):
    path = write_csv(tmp_path / "r.csv", [["户主", "地址", "家庭人囗"], ["A", "B", "2"]])
    [(row, column, message)] = faults(path)
    assert (row, column) == (None, "people")
    assert "'家庭人囗'" in message


def test_headings_that_contradict_are_named_together(tmp_path):
    path = write_csv(tmp_path / "r.csv", [["电话", "手机", "地址", "人口"], ["1", "2", "A", "2"]])
    assert [column for _, column, _ in faults(path)] == ["手机"]
    both = faults(path, mapping={"没有": "name", "地址": "nonsense"})
    assert {column for _, column, _ in both} >= {"没有", "地址", "手机"}


def test_no_column_that_says_where(tmp_path):
    path = write_csv(tmp_path / "r.csv", [["姓名", "人口"], ["A", "2"]])
    assert "no column says where" in faults(path)[0][2]


@pytest.mark.parametrize(
    "heading", ["家庭人口", " 家庭 人口 ", "家庭人口（人）", "家庭人口(人)*", "People", "PEOPLE："]
)
def test_headings_are_compared_without_their_ornaments(heading):
    columns = headings.find([heading, "地址"], tables.HOUSEHOLDS, {})
    assert columns.places["people"] == 0


# --- values ---------------------------------------------------------------------------------


def cell(value, **field):
    return reader(Field("it", **field))(value)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("int", "３人", 3),
        ("int", "3.0", 3),
        ("int", 3.0, 3),
        ("int", "-", None),
        ("float", "114.5", 114.5),
        ("float", "１１４．５", 114.5),
        ("float", "1e2", 100.0),
        ("bool", "有", True),
        ("bool", "无", False),
        ("bool", True, True),
        ("text", "\t420111199001011234 ", "420111199001011234"),
        ("text", 13812345678.0, "13812345678"),
        ("text", "张\u200b三\u3000四", "张三 四"),
        ("text", "\U00031350\ue863", "\U00031350\ue863"),
        ("text", "暂无", None),
    ],
)
def test_cells(kind, text, value):
    assert cell(text, kind=kind) == value


@pytest.mark.parametrize("text", ["2024-05-31", "2024/5/31", "2024年5月31日", "20240531", 45443.0])
def test_dates(text):
    assert str(cell(text, kind="date")) == "2024-05-31"


@pytest.mark.parametrize(
    ("value", "field", "message"),
    [
        ("三", {"kind": "int"}, "whole number"),
        ("3.5", {"kind": "int"}, "whole number"),
        ("9" * 400, {"kind": "int"}, "whole number"),
        ("nan", {"kind": "float", "minimum": 0}, None),
        ("inf", {"kind": "float"}, "not a number"),
        ("1e999", {"kind": "float"}, "not a number"),
        ("51", {"kind": "int", "maximum": 50}, "more than 50"),
        ("-1", {"kind": "int", "minimum": 0}, "less than 0"),
        ("2024-02-30", {"kind": "date"}, "date"),
        ("maybe", {"kind": "bool"}, "neither"),
        ("x" * 201, {}, "201 characters"),
        ("a\x07b", {}, "control"),
        ("a\u202eb", {}, "control"),
        ("a\ud800b", {}, "control"),
        (4.2011119900101126e17, {}, "15 digits"),
        ("abc", {"pattern": "[0-9]+"}, "written like"),
        ("z", {"kind": "choice", "choices": {"a": ("甲",)}}, "none of 甲"),
    ],
)
def test_bad_cells(value, field, message):
    if message is None:
        assert cell(value, **field) is None
        return
    with pytest.raises(CellError, match=message):
        cell(value, **field)


def test_what_is_said_about_a_person_is_not_repeated(tmp_path):
    path = write_csv(
        tmp_path / "r.csv", [["地址", "人口", "电话", "需求"], ["A", "2", "secret", "leprosy"]]
    )
    assert not any("secret" in text or "leprosy" in text for _, _, text in faults(path))


@pytest.mark.parametrize(
    "phone", ["13812345678", "+86 138-1234-5678", "(027)8888 1234转8", "13800000000、13900000000"]
)
def test_phones_as_people_write_them(phone):
    assert reader(tables.HOUSEHOLDS["phone"])(phone) == phone


def test_schema_of_ones_own(tmp_path):
    schema = Schema("visits", (Field("day", "date", required=True), Field("done", "bool")))
    path = write_csv(
        tmp_path / "v.csv", [["day", "done"], ["2024-05-31", "是"], ["2024-06-01", ""]]
    )
    frame = tables.read(path, schema)
    assert frame["day"].tolist() == [pd.Timestamp(2024, 5, 31), pd.Timestamp(2024, 6, 1)]
    assert frame["done"].tolist() == [True, pd.NA]


# --- faults ---------------------------------------------------------------------------------


def test_sixty_thousand_rows_with_one_bad_one(tmp_path, roster):
    rows = [[f"松山里{n // 100}栋{n}室", str(n % 6 + 1)] for n in range(60_000)]
    rows[40_000][1] = "三人"
    body = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in row) + "</row>"
        for row in rows
    )

    def fill(name, data):
        end = data.rfind(b"<row") if "sheet1" in name else len(data)
        return data[:end] + body.encode() + b"</sheetData></worksheet>" if data[end:] else data

    for path in (
        write_csv(tmp_path / "r.csv", [["地址", "人口"], *rows]),
        rebuilt(roster, tmp_path / "r.xlsx", fill),
    ):
        assert faults(path) == [(40_002, "人口", "'三人' is not a whole number")]


def test_all_faults_come_together_in_the_order_of_the_file(tmp_path):
    path = write_csv(
        tmp_path / "r.csv",
        [
            ["id", "address", "people", "lon", "lat"],
            ["1", "A", "3", "114", "30"],
            [],
            ["1", "B\nB", "99", "200", "30"],
            ["2", "C", "x", "114", ""],
            ["3", "", "1", "", ""],
            ["4", "D", "", "", ""],
            ["5", "E", "1", "", "", "stray"],
        ],
    )
    assert [(row, column) for row, column, _ in faults(path)] == [
        (4, "id"),
        (4, "people"),
        (4, "lon"),
        (6, "people"),
        (6, "lon"),
        (7, None),
        (8, "people"),
        (9, None),
    ]


def test_thousands_of_faults_are_counted_not_listed(tmp_path):
    path = write_csv(tmp_path / "r.csv", [["地址", "人口"], *[["A", "x"]] * 6000])
    found = faults(path)
    assert len(found) == tables.MOST_FAULTS + 1
    assert "1,000 further" in found[-1][2]


def test_formulas_errors_merged_cells_and_long_numbers_are_refused_by_place(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["户主", "地址", "人口", "身份证号"])
    sheet.append(["A", "甲", "=1+2", "420111199001011234"])
    sheet.append(["B", "乙", 2, 420111199001011234])
    sheet.append(["C", "#N/A", 2, None])
    sheet.append(["D", "丁", 2, None])
    sheet.append([None, "戊", 2, None])
    sheet["B4"].data_type = "e"
    sheet.merge_cells("A5:A6")
    book.save(tmp_path / "r.xlsx")
    found = faults(tmp_path / "r.xlsx")
    assert [(row, column) for row, column, _ in found] == [
        (2, "人口"),
        (3, "身份证号"),
        (4, "地址"),
        (5, "户主"),
    ]
    words = ["formula", "15 digits", "#N/A", "merged"]
    assert all(word in text for word, (_, _, text) in zip(words, found, strict=True))


# --- files that are none --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("r.csv", b"", "empty"),
        ("r.csv", b"address,people\n", "no row"),
        ("r.csv", b"\x00\x01\x02", "not a text file"),
        ("r.csv", b"address,people\nA\x80\xff\xff,3\n", "UTF-8"),
        ("r.csv", b'address,people\n"open,3\n', "csv"),
        ("r.csv", b"\n\n \n", "empty"),
        ("r.xlsx", b"PK\x03\x04junk", "damaged"),
        ("r.xlsx", b"\xd0\xcf\x11\xe0junk", "old Excel"),
    ],
)
def test_files_that_are_no_table(tmp_path, name, content, message):
    path = tmp_path / name
    with pytest.raises(GeodataError, match="no such file"):
        tables.read(path, tables.HOUSEHOLDS)
    path.write_bytes(content)
    assert message in faults(path)[0][2]


def rebuilt(source, target, change):
    """Copy a workbook with its parts changed by *change(name, bytes)*."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, change(part, old.read(part)))
    return target


@pytest.fixture
def roster(tmp_path):
    return write_xlsx(tmp_path / "roster.xlsx", [["地址", "人口"], ["A", 2]])


def test_a_workbook_cut_in_half(tmp_path, roster):
    (tmp_path / "half.xlsx").write_bytes(roster.read_bytes()[: roster.stat().st_size // 2])
    assert "damaged" in faults(tmp_path / "half.xlsx")[0][2]


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml"])
def test_a_workbook_with_a_document_type_definition(tmp_path, roster, part):
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'

    def change(name, data):
        start = data.index(b"?>") + 2 if data.startswith(b"<?") else 0
        return data[:start] + bomb + data[start:] if name == part else data

    found = faults(rebuilt(roster, tmp_path / "bomb.xlsx", change))
    assert "document type definition" in found[0][2]


def test_a_workbook_with_damaged_xml(tmp_path, roster):
    def change(name, data):
        return data[:-30] if name.endswith("sheet1.xml") else data

    found = faults(rebuilt(roster, tmp_path / "torn.xlsx", change))
    assert "sheet1.xml" in found[0][2]


def test_a_workbook_that_unpacks_to_a_hundred_times_its_size(tmp_path, roster):
    def change(name, data):
        return (
            data.replace(b"</row>", b"</row>" + b" " * 20_000_000, 1) if "sheet1" in name else data
        )

    assert "times its size" in faults(rebuilt(roster, tmp_path / "big.xlsx", change))[0][2]


def test_a_workbook_with_shared_strings_and_prefixed_names(tmp_path, roster):
    shared = (
        '<x:sst xmlns:x="m"><x:si><x:t>地址</x:t></x:si><x:si><x:t>人口</x:t></x:si>'
        "<x:si><x:r><x:t>松山</x:t></x:r><x:r><x:t>里</x:t></x:r>"
        "<x:rPh><x:t>songshan</x:t></x:rPh></x:si></x:sst>"
    )
    sheet = (
        '<x:worksheet xmlns:x="m"><x:sheetData>'
        '<x:row><x:c t="s"><x:v>0</x:v></x:c><x:c t="s"><x:v>1</x:v></x:c></x:row>'
        '<x:row r="7"><x:c r="A7" t="s"><x:v>2</x:v></x:c><x:c r="B7"><x:v>4</x:v></x:c></x:row>'
        '<x:row r="8"><x:c r="A8" t="s"><x:v>99</x:v></x:c><x:c r="B8"><x:v>4</x:v></x:c></x:row>'
        "</x:sheetData></x:worksheet>"
    )

    def change(name, data):
        if name.endswith("workbook.xml.rels"):
            link = b'<Relationship Id="s" Type="y/sharedStrings" Target="theme/theme1.xml"/>'
            return data.replace(b"</Relationships>", link + b"</Relationships>")
        return {
            "xl/theme/theme1.xml": shared.encode(),
            "xl/worksheets/sheet1.xml": sheet.encode(),
        }.get(name, data)

    found = faults(rebuilt(roster, tmp_path / "shared.xlsx", change))
    assert [(row, column) for row, column, _ in found] == [(8, "地址")]
    good = rebuilt(
        tmp_path / "shared.xlsx",
        tmp_path / "good.xlsx",
        lambda n, d: d.replace(b"<x:v>99<", b"<x:v>2<"),
    )
    frame = tables.read(good, tables.HOUSEHOLDS)
    assert frame["address"].to_dict() == {7: "松山里", 8: "松山里"}


def test_how_a_name_is_read_aloud_is_no_part_of_it_and_endless_text_no_cell(tmp_path, roster):
    def spoken(name, data):
        return data.replace(b"<is><t>A</t>", b"<is><t>A</t><rPh><t>aloud</t></rPh>")

    path = rebuilt(roster, tmp_path / "spoken.xlsx", spoken)
    assert tables.read(path, tables.HOUSEHOLDS).loc[2, "address"] == "A"

    def endless(name, data):
        return data.replace(b"<is><t>A</t>", b"<is><t>" + b"A" * 40_000 + b"</t>")

    [(row, column, message)] = faults(rebuilt(roster, tmp_path / "endless.xlsx", endless))
    assert (row, column) == (2, "地址")
    assert "longer than 32,767" in message


def test_a_workbook_whose_rows_run_backwards(tmp_path, roster):
    def change(name, data):
        return data.replace(b'<row r="2"', b'<row r="1"')

    assert "row 1 comes after 1" in faults(rebuilt(roster, tmp_path / "back.xlsx", change))[0][2]


def test_a_hidden_sheet_is_not_read_and_a_named_one_is(tmp_path):
    book = openpyxl.Workbook()
    for name, people in (("old", 1), ("new", 2)):
        sheet = book.create_sheet(name)
        sheet.append(["地址", "人口"])
        sheet.append(["A", people])
    book["old"].sheet_state = "hidden"
    book.save(tmp_path / "r.xlsx")
    assert tables.read(tmp_path / "r.xlsx", tables.HOUSEHOLDS).loc[2, "people"] == 2
    assert "old" in faults(tmp_path / "r.xlsx", sheet="old")[0][2]


# --- places ---------------------------------------------------------------------------------


def test_rows_with_coordinates_are_placed_and_the_others_are_not(tmp_path):
    lon, lat = (float(v) for v in wgs84_to_gcj02(114.4, 30.5))
    path = write_csv(
        tmp_path / "r.csv", [["地址", "人口", "经度", "纬度"], ["A", 1, lon, lat], ["B", 2, "", ""]]
    )
    placed = tables.located(tables.read(path, tables.HOUSEHOLDS), "gcj02")
    assert placed.crs.to_epsg() == 4326
    assert placed.geometry.iloc[0].distance(Point(114.4, 30.5)) < 1e-7
    assert placed.geometry.iloc[1] is None
    assert placed.index.tolist() == [2, 3]


def test_swapped_coordinates_name_the_line(tmp_path):
    path = write_csv(
        tmp_path / "r.csv",
        [
            ["地址", "人口", "东坐标", "北坐标"],
            ["A", 1, 538399.7, 3375609.7],
            ["B", 2, 3375609.7, 538399.7],
        ],
    )
    frame = tables.read(path, tables.HOUSEHOLDS)
    with pytest.raises(GeodataError, match="swapped") as caught:
        tables.located(frame, 4547)
    assert [fault.row for fault in caught.value.faults] == [3]


def test_every_ready_schema_reads_its_own_headings(tmp_path):
    facility = write_csv(
        tmp_path / "f.csv",
        [
            ["名称", "类型", "地址", "容量", "无障碍"],
            ["一中", "应急避难场所", "学府路1号", "500", "是"],
        ],
    )
    row = tables.read(facility, tables.FACILITIES).loc[2]
    assert (row["name"], row["kind"], row["capacity"], row["accessible"]) == (
        "一中",
        "shelter",
        500,
        True,
    )
    area = write_csv(
        tmp_path / "a.csv", [["代码", "名称", "级别"], ["990101001", "东湖街道", "街道"]]
    )
    assert tables.read(area, tables.AREAS).loc[2, ["code", "kind"]].tolist() == [
        "990101001",
        "township",
    ]
    building = write_csv(tmp_path / "b.csv", [["小区", "楼栋", "层数"], ["松山里", "3", "6"]])
    assert tables.read(building, tables.BUILDINGS).loc[2, "levels"] == 6
