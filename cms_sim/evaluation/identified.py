"""What the data say of each drawn parameter: what the parameter table claims, and what recovery found of it.

The table names the statistic that is said to identify a parameter. Recovery is the test of that: how much narrower the
posterior is than the prior (contraction) on histories of a bank whose truth is known (`calibration.recovery`), given
all statistics and given each group of them alone. Below `NOT_IDENTIFIED` nothing is learned: the prior decides,
whatever the table says. `cms-sim identify` works it out again and writes it into the package.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from cms_sim.data.city_tables import TABLES, load_city_tables
from cms_sim.data.hypotheses import hypothesis, load_hypotheses
from cms_sim.data.parameters import PRIOR_ONLY, load_parameters
from cms_sim.data.targets import EFFECT, groups, targets_of
from cms_sim.errors import InputError
from cms_sim.evaluation.calibration.bank import RECORD, Bank, BankPlan, read_bank
from cms_sim.evaluation.calibration.inference import examples_of
from cms_sim.evaluation.calibration.recovery import NOT_IDENTIFIED, recover
from cms_sim.experiment.draws import uncertain_parameters
from cms_sim.experiment.fitted_with import counted_with, fitted_with, other_than_today
from cms_sim.experiment.whole_files import write_whole

FILE: Final = TABLES / "identified.json"
ALL: Final = "all"
FIXED: Final = "fixed"
"""What stands in the table for a parameter that only a hypothesis draws."""
_WORDS: Final = {
    "dispersion": ("dispersion", "share statistic"),
    "activity": ("mediations", "participants"),
    "survey": ("survey",),
    EFFECT: ("effect of sites",),
}
"""How the table's words name each group of statistics."""

Learned = Mapping[str, Mapping[str, float]]
"""Contraction by group of statistics (`ALL`: all of them) and parameter."""


@dataclass(frozen=True)
class Identified:
    """One parameter under one hypothesis."""

    name: str
    hypothesis: str
    claim: str
    """The table's `identified_by`: statistics, `prior only`, or `fixed`."""
    learned: Mapping[str, float]
    """Contraction by group of statistics; empty: it is not fitted, its prior stays."""

    @property
    def claimed(self) -> tuple[str, ...]:
        """The groups of statistics that the table names."""
        return tuple(group for group, words in _WORDS.items() if any(word in self.claim for word in words))

    @property
    def prior_only(self) -> bool:
        """Whether its prior decides what it is."""
        return self.learned.get(ALL, 0.0) < NOT_IDENTIFIED

    @property
    def verdict(self) -> str:
        """In words: what recovery says of it, and of the claim."""
        if self.prior_only:
            return f"{PRIOR_ONLY}, whatever is said" if self.claimed else PRIOR_ONLY
        without = [group for group in self.claimed if self.learned[group] < NOT_IDENTIFIED]
        return f"learned, but not from {' or '.join(without)}" if without else "learned"

    @property
    def is_backed(self) -> bool:
        """Whether the claim holds."""
        return self.verdict in (PRIOR_ONLY, "learned")


def learned_from(bank: Bank) -> dict[str, dict[str, float]]:
    """By recovery on a bank: given all statistics, and each group alone. A minute or two."""
    found = {}
    for name, chosen in ((ALL, groups()), *((group, (group,)) for group in groups())):
        recovered = recover(examples_of(bank, targets_of(chosen)), seed=bank.plan.seed)
        found[name] = {each.name: round(each.contraction, 4) for each in recovered}
    return found


def finished_bank(folder: Path) -> Bank:
    """The bank that a calibration left in `folder`. Raises InputError where there is none, or it is of other rules."""
    remedy = "Give the folder of a finished `cms-sim calibrate`, such as results/calibration/city."
    try:
        told = json.loads((folder / "bank" / RECORD).read_text(encoding="utf-8"))
        plan = TypeAdapter(BankPlan).validate_python(told)
        if plan.hypothesis not in load_hypotheses():
            raise InputError(f"is of “{plan.hypothesis}”, which is no hypothesis", where=str(folder), remedy=remedy)
        now = counted_with(hypothesis(plan.hypothesis), load_city_tables())
        if other := other_than_today(plan.counted_with, now):
            raise InputError(f"holds histories of {other} than today's", where=str(folder), remedy=remedy)
        return read_bank(plan, folder / "bank")
    except ValidationError:
        said = f"holds no finished bank ({RECORD} is not of its form)"
        raise InputError(said, where=str(folder), remedy=remedy) from None
    except (OSError, ValueError) as fault:
        raise InputError(f"holds no finished bank ({fault})", where=str(folder), remedy=remedy) from None


def write_learned(learned: Mapping[str, Learned], file: Path = FILE) -> None:
    """Into the package, by hypothesis, with the hashes of what was asked."""
    told = {name: {"fitted_with": _today(name), "learned": found} for name, found in learned.items()}
    text = json.dumps(told, indent=1) + "\n"
    write_whole(file, lambda part: part.write_text(text, encoding="utf-8"))


def read_learned(file: Path = FILE) -> dict[str, Learned]:
    """By hypothesis; without those of which nothing is known under what is today's."""
    told = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return {name: each["learned"] for name, each in told.items() if each["fitted_with"] == _today(name)}


def _today(name: str) -> dict[str, str]:
    targets = (target.name for target in targets_of())
    return fitted_with(hypothesis(name), load_city_tables(), targets)


def identified(learned: Mapping[str, Learned]) -> list[Identified]:
    """Each drawn parameter under each hypothesis of `learned`, in the order of the parameter table."""
    table = load_parameters()
    found = [
        Identified(name, hypothesis, table[name].identified_by, _of(name, by_group))
        for hypothesis, by_group in learned.items()
        for name in uncertain_parameters(load_hypotheses()[hypothesis])
    ]
    order = list(table)
    return sorted(found, key=lambda each: order.index(each.name))


def by_prior_only(hypothesis: str) -> frozenset[str]:
    """Names of the drawn parameters of which the data say nothing: as recovery found, or, where it was not asked of
    today's rules, as the parameter table says.
    """
    drawn = uncertain_parameters(load_hypotheses()[hypothesis])
    learned = read_learned().get(hypothesis)
    if learned is None:
        return frozenset(name for name in drawn if load_parameters()[name].prior_only)
    return frozenset(each.name for each in identified({hypothesis: learned}) if each.prior_only)


def _of(name: str, by_group: Learned) -> dict[str, float]:
    return {group: values[name] for group, values in by_group.items() if name in values}


def unbacked(found: Iterable[Identified]) -> list[Identified]:
    """Claims of the parameter table that recovery does not bear out."""
    return [each for each in found if not each.is_backed]


def identified_markdown(found: Sequence[Identified]) -> list[str]:
    """Lines of the table for the documentation; without recovery, what the parameter table says."""
    if not found:
        said = [f"| `{p.name}` | {p.identified_by} |" for p in load_parameters().values() if p.prior]
        nothing = (
            "No recovery under today's rules is at hand (`cms-sim identify`): what follows is said and not tested."
        )
        return [nothing, "", "| parameter | said to be identified by |", "|---|---|", *said]
    names = (ALL, *groups())
    lines = [
        _in_brief(found),
        "",
        "How much narrower recovery found the posterior than the prior, on histories whose truth is known (1 less the "
        "ratio of variances): given all statistics, and each group of them alone "
        f"(`cms_sim/evaluation/calibration/targets.py`). Below {NOT_IDENTIFIED:g} the prior decides.",
        "",
        f"| parameter | said to be identified by | hypothesis | {' | '.join(names)} | so |",
        "|---" * (len(names) + 4) + "|",
    ]
    for each in found:
        shown = " | ".join(f"{each.learned[name]:.2f}" if name in each.learned else "" for name in names)
        so = each.verdict if each.is_backed else f"**{each.verdict}**"
        claim = "" if each.claim == FIXED else each.claim
        lines.append(f"| `{each.name}` | {claim} | {each.hypothesis} | {shown} | {so} |")
    return lines


def _in_brief(found: Sequence[Identified]) -> str:
    """What is known by the prior only under every hypothesis, and which claims do not hold under each."""
    somewhere = {each.name for each in found if not each.prior_only}
    only = dict.fromkeys(f"`{each.name}`" for each in found if each.name not in somewhere)
    wrong = dict.fromkeys(f"`{each.name}`" for each in unbacked(found))
    fails = f" What is said to identify it is not borne out, or not under each hypothesis, for: {', '.join(wrong)}."
    return f"Known by the prior only: {', '.join(only) or 'none'}.{fails if wrong else ''}"


assert set(_WORDS) == set(groups()) and PRIOR_ONLY not in sum(_WORDS.values(), ())
