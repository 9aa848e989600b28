"""Workbooks taken apart for tests: the parts of the zip as bytes, single cells put in as raw XML."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cms_sim.data.unit_costs import UnitCosts
from cms_sim.scenario.resolved import Scenario
from cms_sim.scenario.workbook.write import workbook_bytes

PLAN = """
title = "A small plan"
summary = "Two sites, a patrol, a surge and a parameter."
reference = "small"

[budget]
usd_per_year = 3_000_000
wraparound_usd_per_year = 500_000

[constants]
precincts = [73, 75, 79]
starts = 2020-07-01
ends = 2022-06-30

[shifts.late]
weekdays = ["Wed", "Thu", "Fri", "Sat", "Sun"]
from_hour = 18
to_hour = 2

[[levers.sites]]
precinct = 73
site_id = 1
provider = "One"
opens = 2019-01-01
staff = { supervisors = 1, violence_interrupters = 3, outreach_workers = 3, hospital_responders = 2 }
services = { employment_slots = 10, legal_aid_slots = 9 }

[[levers.sites.changes]]
from = 2021-07-01
staff = { violence_interrupters = 5 }

[[levers.sites.changes]]
from = 2022-01-01
shift = "late"
services = { employment_slots = 0 }

[[levers.sites]]
precinct = 75
site_id = 2
opens = 2021-01-01
closes = 2021-09-29
catchment_share = 0.5
payment_delay_days = 90
staff = { supervisors = 1, violence_interrupters = 4, outreach_workers = 4 }

[[levers.patrol]]
precincts = [73, 79]
from = 2021-06-01
until = 2021-07-11
officers = 2
share_of_precinct = 0.1

[uncertainties]
detection = 0.03
catchment_share = { law = "uniform", low = 0.3, high = 0.7 }

[[uncertainties.surge]]
from = 2021-06-01
until = 2021-09-01
factor = 1.5
precincts = [73, 75]
"""
COMPUTED = ("Costs", "Workings", "Lists")


def write_workbook(scenario: Scenario, file: Path, unit_costs: UnitCosts) -> None:
    file.write_bytes(workbook_bytes(scenario, file, unit_costs))


@dataclass
class Parts:
    """A workbook's parts by name; `sheets` is the part of each sheet."""

    content: dict[str, bytes]
    sheets: Mapping[str, str]
    compression: int = zipfile.ZIP_DEFLATED
    made: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, file: Path) -> Parts:
        """Taken apart; computed sheets are emptied, for they are not read and take the longest."""
        with zipfile.ZipFile(file) as whole:
            content = {name: whole.read(name) for name in whole.namelist()}
        names = re.findall(r'<sheet [^>]*?name="([^"]+)"', content["xl/workbook.xml"].decode())
        sheets = {name: f"xl/worksheets/sheet{number}.xml" for number, name in enumerate(names, start=1)}
        for name in COMPUTED:
            content[sheets[name]] = re.sub(
                rb"<sheetData>.*</sheetData>", b"<sheetData/>", content[sheets[name]], flags=re.S
            )
        return cls(content, sheets)

    def copy(self) -> Parts:
        """To be changed."""
        return Parts(dict(self.content), self.sheets)

    def set(self, place: str, inside: str, kind: str = "n") -> None:
        """Put XML into a cell such as `Sites!C7`, which must be there, empty or not; its format stays."""
        sheet, cell = place.split("!")
        pattern = rf'<c r="{cell}"(?: s="(\d+)")?[^>]*?(?:/>|>.*?</c>)'.encode()
        text, count = re.subn(
            pattern,
            lambda found: f'<c r="{cell}" s="{(found[1] or b"0").decode()}" t="{kind}">{inside}</c>'.encode(),
            self.content[self.sheets[sheet]],
            flags=re.S,
        )
        assert count == 1, place
        self.content[self.sheets[sheet]] = text

    def number(self, place: str, value: object) -> None:
        """A number, as written."""
        self.set(place, f"<v>{value}</v>")

    def text(self, place: str, value: str) -> None:
        """A text."""
        self.set(place, f"<is><t>{value}</t></is>", "inlineStr")

    def clear(self, place: str) -> None:
        """Nothing."""
        self.set(place, "")

    def replace(self, name: str, old: str, new: str) -> None:
        """Other bytes in a part; `old` must be there."""
        assert old.encode() in self.content[name], (name, old)
        self.content[name] = self.content[name].replace(old.encode(), new.encode(), 1)

    def in_sheet(self, sheet: str, old: str, new: str) -> None:
        """Other bytes in a sheet."""
        self.replace(self.sheets[sheet], old, new)

    def bytes(self) -> bytes:
        """Put together again."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", self.compression) as whole:
            for name, content in self.content.items():
                whole.writestr(name, content)
        return buffer.getvalue()
