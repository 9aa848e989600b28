"""A hundred workbooks with something wrong in them: each gives one message with its place and remedy, soon."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cms_sim.errors import InputError
from cms_sim.scenario.files import load_scenario
from cms_sim.scenario.workbook.guard import MOST_XML_BYTES
from tests.scenario.workbook.parts import Parts

Change = Callable[[Parts], None]


def number(place: str, value: object) -> Change:
    return lambda parts: parts.number(place, value)


def text(place: str, value: str) -> Change:
    return lambda parts: parts.text(place, value)


def clear(place: str) -> Change:
    return lambda parts: parts.clear(place)


def raw(place: str, inside: str, kind: str = "n") -> Change:
    return lambda parts: parts.set(place, inside, kind)


def both(*changes: Change) -> Change:
    def change(parts: Parts) -> None:
        for each in changes:
            each(parts)

    return change


def drop(name: str) -> Change:
    return lambda parts: parts.content.pop(name) and None


def in_sheet(sheet: str, old: str, new: str) -> Change:
    return lambda parts: parts.in_sheet(sheet, old, new)


def part(name: str, content: bytes) -> Change:
    return lambda parts: parts.content.update({name: content})


def merged(sheet: str, where: str) -> Change:
    return in_sheet(sheet, "</sheetData>", f'</sheetData><mergeCells count="1"><mergeCell ref="{where}"/></mergeCells>')


def rows(sheet: str, xml: str) -> Change:
    return in_sheet(sheet, "</sheetData>", f"{xml}</sheetData>")


def renamed(old: str, new: str) -> Change:
    return lambda parts: parts.replace("xl/workbook.xml", f'name="{old}"', f'name="{new}"')


SITE_7 = both(number("Sites!A7", 79), number("Sites!B7", 1), raw("Sites!D7", "<v>44013</v>"))
"""A third site, opening on 2020-07-01."""

CELLS: dict[str, tuple[Change, str, str]] = {
    # name: (what is done, a part of the place, a part of message and remedy)
    "word for a number": (text("Staff!C5", "three"), "Staff!C5: Violence interrupters", "'three' is not a whole"),
    "number as text": (text("Staff!C5", "3"), "Staff!C5", "'3' is not a whole number"),
    "number with its unit": (text("Staff!D5", "3 posts"), "Staff!D5", "without a unit"),
    "half a post": (number("Staff!C5", 1.5), "Staff!C5", "1.5 is not a whole number"),
    "negative posts": (number("Staff!F5", -1), "Staff!F5", "must not be negative"),
    "true for a number": (raw("Staff!C5", "<v>1</v>", "b"), "Staff!C5", "True is not a whole number"),
    "date for a number": (text("Staff!C5", "2020-07-01"), "Staff!C5", "is not a whole number"),
    "too many posts": (number("Staff!C5", 80), "Staff!A5", "has 86 posts"),
    "absurdly many posts": (number("Staff!C5", 10**12), "Staff!C5", "must be at most"),
    "endless number": (number("Staff!C5", "1e400"), "Staff!C5", "not a"),
    "not a number": (number("Staff!C5", "NaN"), "", ""),
    "garbage in a number": (number("Staff!C5", "1x"), "", "cannot be read as a workbook"),
    "formula": (raw("Staff!C5", "<f>1+2</f><v>3</v>"), "Staff!C5", "holds a formula"),
    "array formula": (raw("Staff!C5", '<f t="array" ref="C5">SUM(A1:A2)</f><v>3</v>'), "Staff!C5", "holds a formula"),
    "formula that calls a program": (raw("Sites!C5", "<f>cmd|' /C calc'!A0</f>"), "Sites!C5", "holds a formula"),
    "error": (raw("Staff!C5", "<v>#REF!</v>", "e"), "Staff!C5", "holds the error #REF!"),
    "division by zero": (raw("Plan!B13", "<v>#DIV/0!</v>", "e"), "Plan!B13", "holds the error"),
    "error as text": (text("Staff!C5", "#N/A"), "Staff!C5", "holds the error #N/A"),
    "date as text": (text("Sites!D5", "2019-01-01"), "Sites!D5: Opens", "'2019-01-01' is not a date"),
    "date as American text": (text("Sites!D5", "01/07/2019"), "Sites!D5", "Type it as 2020-07-01"),
    "date with a time": (number("Sites!D5", 43466.5), "Sites!D5", "is not a date"),
    "date out of range": (number("Sites!D5", 10**9), "Sites!D5", "#VALUE!"),
    "negative date": (number("Sites!D5", -400), "Sites!D5", "not a date"),
    "date without a format": (in_sheet("Sites", '<c r="D5" s="', '<c r="D5" s="0" x="'), "Sites!D5", "is not a date"),
    "closes before it opens": (raw("Sites!E5", "<v>40000</v>"), "Sites!E5", "is not after opens"),
    "never opens": (clear("Sites!D5"), "Sites!D5", "Opens is missing"),
    "no precinct": (clear("Sites!A5"), "Sites!A5", "Precinct is missing"),
    "no site number": (clear("Sites!B5"), "Sites!B5", "Site is missing"),
    "site number 0": (number("Sites!B5", 0), "", ""),
    "precinct that is not there": (both(SITE_7, number("Sites!A7", 74)), "Sites!A7", "no precinct 74"),
    "precinct not in play": (both(SITE_7, number("Sites!A7", 81)), "Sites!A7", "'Precincts in play' on the sheet Plan"),
    "precinct by name": (text("Sites!A5", "Brownsville"), "Sites!A5", "is not a precinct's number"),
    "half a precinct": (number("Sites!A5", 73.5), "Sites!A5", "not a precinct's number"),
    "one site twice": (both(SITE_7, number("Sites!A7", 73)), "Sites!A7", "two sites with Site 1"),
    "share above one": (number("Sites!F6", 50), "Sites!F6: Share covered", "must be at most 1"),
    "share of nothing": (number("Sites!F6", 0), "Sites!F6", "must be greater than 0"),
    "share with a sign": (text("Sites!F6", "50%"), "Sites!F6", "not a number from 0 to 1"),
    "hours that are not there": (text("Sites!G5", "evning"), "Sites!G5: Hours", "'evenings'"),
    "hours of a team that never rests": (text("Sites!G5", "every_night"), "Sites!G5", "7 days a week"),
    "negative delay": (number("Sites!H5", -3), "Sites!H5", "must not be negative"),
    "endless delay": (number("Sites!H5", 99999), "Sites!H5", "must be at most 3650"),
    "staff of no site": (number("Staff!A5", 75), "Staff!A5", "precinct 75 has no site 1 on the sheet Sites"),
    "precinct mistyped on Sites": (number("Sites!A5", 74), "Sites!A5: Precinct", "posts of precinct 73 site 1"),
    "no such precinct on Sites": (number("Sites!A5", 2300), "Sites!A5: Precinct", "mend the one that is wrong"),
    "site mistyped on Sites": (number("Sites!B6", 3), "Sites!B6: Site", "precinct 75 site 3 has no posts"),
    "site mistyped as another one": (both(number("Sites!A6", 73), number("Sites!B6", 1)), "Sites!A6", "is in row 5"),
    "a precinct in play twice": (text("Plan!B8", "73, 75, 79, 75"), "Plan!B8", "precinct 75 is there twice"),
    "staff twice": (both(number("Staff!A7", 73), number("Staff!B7", 1)), "Staff!A7", "already in row 5"),
    "services of no site": (number("Services!B6", 9), "Services!A6", "has no site 9"),
    "negative places": (number("Services!C5", -10), "Services!C5", "must not be negative"),
    "step of no site": (number("Dates!B5", 7), "Dates!A5", "has no site 7"),
    "step without a date": (clear("Dates!C5"), "Dates!C5", "From is missing"),
    "step before the opening": (number("Dates!C5", 40000), "Dates!C5", "outside the site's life"),
    "two steps on a day": (number("Dates!C5", 44562), "Dates!C5", "two steps of the same site"),
    "step into unknown hours": (text("Dates!M6", "lat"), "Dates!M6", "'late'"),
    "negative step": (number("Dates!D5", -2), "Dates!D5", "must not be negative"),
    "shift on no day": (both(*(clear(f"Hours!{c}9") for c in "BCDEFGH")), "Hours!B9", "begins on no day"),
    "maybe": (text("Hours!B9", "maybe"), "Hours!B9: Mon", "'maybe' is neither yes nor no"),
    "hour 25": (number("Hours!I9", 25), "Hours!I9", "must be at most 23"),
    "half past": (text("Hours!I9", "18:30"), "Hours!I9", "'18:30' is not a whole number"),
    "shift of 20 hours": (both(number("Hours!I9", 2), number("Hours!J9", 22)), "Hours!A9", "a shift of 20 hours"),
    "shift twice": (text("Hours!A9", "evenings"), "Hours!A9", "is there twice"),
    "shift without a name": (clear("Hours!A9"), "Hours!A9", "Name is missing"),
    "patrol nowhere": (clear("Patrol!A5"), "Patrol!A5", "Precincts is missing"),
    "patrol in no set": (text("Patrol!A5", "covered_2021"), "Patrol!A5", "'covered_2020'"),
    "patrol of a list of words": (text("Patrol!A5", "73 and 75"), "Patrol!A5", "does not name precincts"),
    "patrol of a decimal": (number("Patrol!A5", 73.75), "Patrol!A5", "does not name precincts"),
    "patrols at once": (number("Patrol!A6", 73), "Patrol!B", "two patrols"),
    "patrol backwards": (number("Patrol!C5", 40000), "Patrol!C5", "is not after from"),
    "patrol of half an officer": (number("Patrol!D5", 0.5), "Patrol!D5", "0.5 is not a whole number"),
    "surge of nothing": (number("Surges!C5", 0), "Surges!C5", "must be greater than 0"),
    "surge without an end": (clear("Surges!B5"), "Surges!B5", "Until is missing"),
    "surge of words": (text("Surges!C5", "double"), "Surges!C5", "'double' is not a number"),
    "unknown parameter": (text("Parameters!A5", "detecton"), "Parameters!A5", "'detection'"),
    "parameter out of range": (number("Parameters!B6", 7), "Parameters!B6", "out of range"),
    "parameter with value and law": (text("Parameters!C6", "uniform"), "Parameters!A6", "not both"),
    "parameter without either": (clear("Parameters!B6"), "Parameters!A6", "has neither a value nor a law"),
    "unknown parameter without either": (text("Parameters!A7", "detectoin"), "Parameters!A7", "'detection'"),
    "parameter twice": (text("Parameters!A6", "catchment_share"), "Parameters!A6", "is there twice"),
    "parameter called surge": (text("Parameters!A6", "surge"), "Parameters!A6", "their own sheet"),
    "unknown law": (text("Parameters!C5", "normal"), "Parameters!", "'uniform'"),
    "law without its numbers": (clear("Parameters!D5"), "Parameters!", "takes low, high"),
    "no title": (clear("Plan!B4"), "Plan!B4", "'Name' is missing"),
    "endless title": (text("Plan!B4", "x" * 200), "Plan!B4", "120"),
    "no reference": (clear("Plan!B6"), "Plan!B6", "'Held against' is missing"),
    "no dates": (clear("Plan!B9"), "Plan!B9", "'First day compared' is missing"),
    "dates backwards": (number("Plan!B10", 43000), "Plan!B10", "before the first day"),
    "dates beyond the calendar": (number("Plan!B10", 60000), "Plan!B10", "outside the calendar"),
    "past before the record": (number("Plan!B11", 400), "Plan!B11", "before the record"),
    "city that is not there": (text("Plan!B12", "../nowhere"), "Plan!B12", "there is no folder"),
    "budget in words": (text("Plan!B13", "$10M"), "Plan!B13", "is not a sum in US dollars"),
    "negative budget": (number("Plan!B13", -5), "Plan!B13", "must not be negative"),
    "wraparound alone": (clear("Plan!B13"), "Plan!B13", "core money is missing"),
    "budget granted sometimes": (text("Plan!B15", "sometimes"), "Plan!B15", "neither yes nor no"),
    "line renamed": (text("Plan!A9", "First day compare"), "Plan!A9", "'First day compared'"),
    "line twice": (text("Plan!A10", "First day compared"), "Plan!A10", "is there twice"),
    "column renamed": (text("Staff!C4", "Violence interruptors"), "Staff!C4", "'Violence interrupters'"),
    "column twice": (text("Staff!D4", "Violence interrupters"), "Staff!D4", "is there twice"),
    "heading deleted": (clear("Staff!D4"), "Staff!", "'Outreach workers' is missing"),
    "all headings deleted": (both(*(clear(f"Staff!{c}4") for c in "ABCDEF")), "Staff!", "unknown column"),
    "merged cells": (merged("Staff", "C5:D5"), "Staff!C5:D5", "cells are merged"),
    "merged rows": (merged("Sites", "A5:A6"), "Sites!A5:A6", "write the value into each cell"),
    "everything merged": (merged("Sites", "A1:XFD1048576"), "Sites!A1:XFD1048576", "cells are merged"),
    "sheet missing": (renamed("Staff", "Staf"), "", "there is no sheet 'Staff'"),
    "plan missing": (renamed("Plan", "The plan"), "", "there is no sheet 'Plan'"),
}  # fmt: skip


def text_rows(count: int, first: int = 100) -> str:
    return "".join(f'<row r="{n}"><c r="A{n}"><v>73</v></c></row>' for n in range(first, first + count))


SITES = "xl/worksheets/sheet3.xml"

FILES: dict[str, tuple[Change, str]] = {
    "macros": (part("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0"), "holds macros"),
    "link to another file": (part("xl/externalLinks/externalLink1.xml", b"<a/>"), "holds links to other files"),
    "no workbook part": (drop("xl/workbook.xml"), "is a zip file but no workbook"),
    "no list of parts": (drop("xl/_rels/workbook.xml.rels"), "a part is broken"),
    "no content types": (drop("[Content_Types].xml"), "a part is broken"),
    "a sheet's part is missing": (drop("xl/worksheets/sheet4.xml"), ""),
    "a sheet is cut short": (lambda p: p.content.update({SITES: p.content[SITES][:900]}), "broken"),
    "a sheet is garbage": (part(SITES, b"\x00\xff" * 500), "broken"),
    "styles are garbage": (part("xl/styles.xml", b"<styles"), "broken"),
    "entities that multiply": (
        lambda p: p.in_sheet("Sites", "<worksheet", '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">]><worksheet'),
        "document type",
    ),
    "a row at the end of the sheet": (rows("Sites", text_rows(1, 1_048_576)), "goes on past row 2,000"),
    "a row beyond the end": (rows("Sites", text_rows(1, 10**12)), "far too large"),
    "thousands of rows": (rows("Sites", text_rows(30_000)), "goes on past row 2,000"),
    "a part of a hundred megabytes": (part("xl/bomb.xml", b" " * 100_000_000), "far too large"),
    "thousands of parts": (lambda p: p.content.update({f"xl/part{n}.xml": b"<a/>" for n in range(3000)}), "parts"),
}  # fmt: skip


def refusal(file: Path) -> InputError:
    began = time.monotonic()
    with pytest.raises(InputError) as caught:
        load_scenario(file)
    assert time.monotonic() - began < 20.0
    error = caught.value
    assert error.exit_code == 2 and error.message and error.remedy and str(file) in error.where, error
    return error


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mutated")


@pytest.mark.parametrize("case", CELLS)
def test_a_cell(case: str, parts: Parts, folder: Path) -> None:
    change, place, words = CELLS[case]
    mutated = parts.copy()
    change(mutated)
    file = folder / "small.xlsx"
    file.write_bytes(mutated.bytes())
    error = refusal(file)
    assert place in error.where, error
    assert words in f"{error.message}\n{error.remedy}", error


@pytest.mark.parametrize("case", FILES)
def test_a_file(case: str, parts: Parts, folder: Path) -> None:
    change, words = FILES[case]
    mutated = parts.copy()
    change(mutated)
    file = folder / "small.xlsx"
    file.write_bytes(mutated.bytes())
    assert words in str(refusal(file))


def test_unchanged_it_is_read(parts: Parts, folder: Path) -> None:
    file = folder / "small.xlsx"
    file.write_bytes(parts.bytes())
    assert len(load_scenario(file).sites) == 2


def test_remarks_are_left_alone(parts: Parts, folder: Path) -> None:
    mutated = parts.copy()
    mutated.in_sheet("Staff", '<row r="5"', '<row r="5" a="1"')
    text = mutated.content[mutated.sheets["Staff"]].decode()
    for row, words in ((4, "Notes"), (5, "ask them again")):
        start = text.index(f'<row r="{row}"')
        end = text.index("</row>", start)
        text = f'{text[:end]}<c r="G{row}" t="inlineStr"><is><t>{words}</t></is></c>{text[end:]}'
    mutated.content[mutated.sheets["Staff"]] = text.encode()
    file = folder / "small.xlsx"
    file.write_bytes(mutated.bytes())
    assert load_scenario(file).sites[0].terms[0].staff.violence_interrupters == 3


@pytest.mark.parametrize("kept", [0, 1, 4, 100, 5_000, 0.5, 0.9, 0.999])
def test_cut_short(kept: float, parts: Parts, folder: Path) -> None:
    whole = parts.bytes()
    file = folder / "small.xlsx"
    file.write_bytes(whole[: int(kept if kept >= 1 else kept * len(whole))])
    refusal(file)


@pytest.mark.parametrize("step", range(12))
def test_bytes_overwritten(step: int, parts: Parts, folder: Path) -> None:
    """Somewhere in the middle: refused, or what was overwritten did not matter."""
    whole = bytearray(parts.bytes())
    at = len(whole) * (step + 1) // 13
    whole[at : at + 40] = bytes((7 * step + k) % 256 for k in range(40))
    file = folder / "small.xlsx"
    file.write_bytes(whole)
    try:
        found = load_scenario(file)
    except InputError as error:
        assert str(file) in error.where and error.remedy
    else:
        assert len(found.sites) == 2


def test_what_is_no_workbook(folder: Path) -> None:
    for name, content, words in (
        ("locked.xlsx", b"\xd0\xcf\x11\xe0" + bytes(2000), "has a password, or is in the older format"),
        ("old.xls", b"\xd0\xcf\x11\xe0" + bytes(2000), "save the older format"),
        ("text.xlsx", b"title = 'x'\n", "broken or cut short"),
        ("large.xlsx", bytes(9_000_000), "far too large"),
    ):
        (folder / name).write_bytes(content)
        assert words in str(refusal(folder / name))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as other:
        other.writestr("content.xml", "<office/>")
    (folder / "plan.ods").write_bytes(buffer.getvalue())
    assert "no workbook" in str(refusal(folder / "plan.ods"))


@pytest.mark.parametrize("ending", [".xls", ".ods"])
def test_an_ending_of_another_format_is_named(ending: str, parts: Parts, folder: Path) -> None:
    for content in (parts.bytes(), b"<html>a table</html>"):
        (folder / f"plan{ending}").write_bytes(content)
        said = str(refusal(folder / f"plan{ending}"))
        assert f"plan{ending}: is no workbook that can be read: it ends in {ending}" in said
        assert "save it as .xlsx" in said


@pytest.mark.parametrize("given", ["..", "inner", "/"])
def test_a_folder_without_a_city_is_named_with_its_cell(given: str, parts: Parts, folder: Path) -> None:
    (folder / "inner").mkdir(exist_ok=True)
    mutated = parts.copy()
    mutated.text("Plan!B12", given)
    (folder / "small.xlsx").write_bytes(mutated.bytes())
    said = refusal(folder / "small.xlsx")
    assert said.where.endswith("small.xlsx, Plan!B12: City folder")
    assert f"'{given}' holds no precincts.csv" in said.message and "Did you mean" not in said.remedy


def test_a_locked_part(parts: Parts, folder: Path) -> None:
    whole = bytearray(parts.bytes())
    at = whole.find(b"PK\x01\x02")
    whole[at + 8] |= 1  # the flag of the first entry of the directory
    (folder / "small.xlsx").write_bytes(whole)
    assert "has a password" in str(refusal(folder / "small.xlsx"))


def test_a_lie_about_size_unpacks_no_more_than_is_declared(parts: Parts, folder: Path) -> None:
    """The directory says 1,000 bytes, the part has 50 MB: it is cut off there, and refused."""
    mutated = parts.copy()
    mutated.content[mutated.sheets["Sites"]] = b" " * 50_000_000
    whole = bytearray(mutated.bytes())
    size = (50_000_000).to_bytes(4, "little")
    assert whole.count(size) == 2 and MOST_XML_BYTES < 50_000_000
    (folder / "small.xlsx").write_bytes(bytes(whole).replace(size, (1000).to_bytes(4, "little")))
    refusal(folder / "small.xlsx")


def test_there_are_a_hundred() -> None:
    assert len(CELLS) + len(FILES) + 8 + 12 + 7 >= 100
