"""A run as a page of its own: recorded day by day, with the page's own code in one file that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any, Final

import numpy as np

from cms_sim.door.demo.family import family, mediated, twin
from cms_sim.door.demo.numbers import conflicts_of, mediations_of
from cms_sim.door.demo.pair import LEFT, RIGHT, Pair
from cms_sim.door.demo.scenes import Sent
from cms_sim.door.demo.tally import numbers_of_others, throw_others
from cms_sim.door.demo.words import words
from cms_sim.engine.arrays import NOBODY, OUTCOME_SHOOTING

_PAGE: Final = Path(__file__).parent / "page"
_IMPORT: Final = re.compile(r'^import (\{[^}]*\}) from "\./([\w.]+)";$', re.M)
_EXPORT: Final = re.compile(r"^export (?:async )?(?:function|class|const) (\w+)", re.M)


def record(settings_and_changes: Pair, until: int, language: str) -> dict[str, Any]:
    """Everything that the page needs to show the run again, from its first day to day `until`."""
    pair = Pair(settings_and_changes.base, settings_and_changes.changes)
    sent = Sent()
    scene = {**sent.scene(pair, with_place=True), "waiting": {}}
    days = []
    for day in range(until):
        pair.advance_to(day + 1)
        days.append(sent.days(pair, day))
    table = throw_others(pair)
    left, right = pair.sides
    shot = np.flatnonzero(conflicts_of(left)["outcome"] == OUTCOME_SHOOTING).tolist()
    seen = {*np.unique(mediations_of(right)["conflict"]).tolist()}
    roots = {row: _root(pair, row) for row in shot}
    return {
        "language": language,
        "words": words(language),
        "scene": scene,
        "days": days,
        "mediated": mediated(pair),
        "families": {row: family(pair, RIGHT, row) for row in sorted(seen | (set(roots.values()) - {NOBODY}))},
        "roots": {row: root for row, root in roots.items() if root != NOBODY},
        "others": {**numbers_of_others(table), "others_each": table[:, 2].tolist()},
    }


def _root(pair: Pair, row: int) -> int:
    """The right side's row of the nearest forebear that arose there too, or NOBODY."""
    parents = conflicts_of(pair.sides[LEFT])["parent"]
    while (same := twin(pair, LEFT, row)) == NOBODY and parents[row] != NOBODY:
        row = int(parents[row])
    return same


def page_of(recorded: dict[str, Any]) -> str:
    """The page in one file: styles, code and recording inside, and a policy that lets nothing else run."""
    html = (_PAGE / "index.html").read_text(encoding="utf-8")
    style = (_PAGE / "style.css").read_text(encoding="utf-8")
    code = f"{{{_one_script('app.js')}}}"
    policy = (
        f"default-src 'none'; script-src '{_hash(code)}'; style-src '{_hash(style)}'; img-src data:; base-uri 'none'"
    )
    data = json.dumps(recorded, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    html = html.replace('<meta charset="utf-8">', f'<meta charset="utf-8">\n{head}')
    html = html.replace('<html lang="en">', f'<html lang="{recorded["language"]}">')
    html = html.replace('<link rel="stylesheet" href="page/style.css">', f"<style>{style}</style>")
    html = html.replace('<script type="module" src="page/app.js"></script>\n', "")
    block = f'<script type="application/json" id="recorded">{data}</script>\n<script type="module">{code}</script>'
    return html.replace("</body>", f"{block}\n</body>")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _one_script(main: str) -> str:
    """The modules of the page as one script: each a function that gives what it exports, those it needs before it."""
    ordered: list[str] = []

    def visit(name: str) -> None:
        if name not in ordered:
            for _, needed in _IMPORT.findall(_text(name)):
                visit(needed)
            ordered.append(name)

    visit(main)
    return "\nconst modules = {};\n" + "\n".join(_as_function(name) for name in ordered)


def _text(name: str) -> str:
    return (_PAGE / name).read_text(encoding="utf-8")


def _as_function(name: str) -> str:
    text = _text(name)
    body = _IMPORT.sub(r'const \1 = modules["\2"];', text)
    given = ", ".join(_EXPORT.findall(text))
    body = re.sub(r"^export ", "", body, flags=re.M)
    return f'modules["{name}"] = (() => {{\n{body}\nreturn {{ {given} }};\n}})();'
