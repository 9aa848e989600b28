"""Texts: the same names and fillings in both languages, every one used, every one that is asked for there."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

from cms_sim.door.demo import faults
from cms_sim.door.demo.faults import InputFault
from cms_sim.door.demo.server import PAGE
from cms_sim.door.demo.settings import Settings
from cms_sim.door.demo.words import LANGUAGES, words
from cms_sim.errors import InputError

_CODE = "\n".join(file.read_text(encoding="utf-8") for file in sorted(PAGE.iterdir()))
_FILLED = re.compile(r"\{(\w+)\}")


def asked_for() -> tuple[set[str], set[str]]:
    """Names that the page asks for as they stand, and beginnings of names that it puts together."""
    plain = set(re.findall(r'data-w(?:-label)?="([\w.]+)"', _CODE))
    plain |= set(re.findall(r'["`](\w+\.\w+)["`]', _CODE))
    composed = set(re.findall(r"`(\w+\.\w*)\$\{", _CODE))
    return plain, composed


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things(language: str) -> None:
    english, other = words("en"), words(language)
    assert other.keys() == english.keys()
    for name, text in english.items():
        assert set(_FILLED.findall(text)) >= set(_FILLED.findall(other[name])), name
        assert other[name].strip()


def test_what_the_page_asks_for_is_there_and_all_of_it_is_used() -> None:
    plain, composed = asked_for()
    known = words("en")
    sections = {name.split(".")[0] for name in known}
    missing = {name for name in plain if name.split(".")[0] in sections and name not in known}
    assert {name for name in missing if f"{name}_one" not in known and not name.endswith(".js")} == set()
    used = {
        name
        for name in known
        if name in plain or name.removesuffix("_one") in plain or any(name.startswith(begin) for begin in composed)
    }
    assert known.keys() - used == set()


def test_every_setting_is_named_and_explained() -> None:
    for language in LANGUAGES:
        known = words(language)
        for name in Settings.model_fields:
            assert known[f"set.{name}"] and known[f"about.{name}"]
    assert all(f'"{name}"' in _CODE for name in Settings.model_fields)


def test_every_fault_has_its_words_and_keeps_its_name_between_processes() -> None:
    package = Path(faults.__file__).parent
    code = "\n".join(file.read_text(encoding="utf-8") for file in sorted(package.glob("*.py")))
    raised = set(re.findall(r'(?:Input|Run)Fault\(\s*"(\w+)"', code))
    told = {name.removeprefix("error.").removesuffix("_remedy") for name in words("en") if name.startswith("error.")}
    assert raised == told and len(raised) > 12
    fault = pickle.loads(pickle.dumps(InputFault("number", where="seed", setting="seed", low=1, high=9.5)))
    assert isinstance(fault, InputFault) and fault.remedy == "Give a number from 1 to 9.5."
    assert faults.told(fault)["values"] == {"setting": "seed", "low": 1, "high": 9.5}


def test_an_unknown_language_is_told() -> None:
    with pytest.raises(InputError, match="Did you mean 'es'"):
        words("ess")
