"""The whole calibration of one hypothesis: bank, posteriors with and without the effect of sites, recovery."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cms_sim.data.city_tables import load_city_tables
from cms_sim.data.hypotheses import hypothesis
from cms_sim.data.targets import EFFECT, groups, targets_of
from cms_sim.evaluation.calibration.bank import Bank, BankPlan, build_bank
from cms_sim.evaluation.calibration.inference import Examples, Learned, examples_of
from cms_sim.evaluation.calibration.recovery import Recovered, recover
from cms_sim.evaluation.calibration.targets import observed
from cms_sim.experiment.draws import uncertain_parameters
from cms_sim.experiment.fitted_with import fitted_with
from cms_sim.experiment.posterior import DRAWS, Posterior, posterior_file, variant_of, write_posterior

DEFAULT_DRAWS: Final = 2048
DEFAULT_SEED: Final = 2006
VARIANTS: Final = ((), (EFFECT,))
"""Groups of statistics left out: none for what comparisons use; the effect of sites for what is to predict it."""

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Fitted:
    """One posterior, and what recovery says of the way to it."""

    posterior: Posterior
    recovered: tuple[Recovered, ...]


@dataclass(frozen=True)
class Calibration:
    """All posteriors of one hypothesis, by variant (`posterior.variant_of`)."""

    bank: Bank
    fitted: dict[str, Fitted]


def calibrate(
    name: str,
    folder: Path,
    draws: int = DEFAULT_DRAWS,
    seed: int = DEFAULT_SEED,
    workers: int = 0,
    on_progress: OnProgress = lambda done, of: None,
) -> Calibration:
    """Calibrate the hypothesis `name`; the bank and the posteriors are kept in `folder`.

    The same seed gives the same posterior for any number of workers; a bank that was broken off goes on. Raises
    InputError for too few draws and for a folder that holds another bank.
    """
    bank = build_bank(BankPlan.now(name, draws, seed), folder / "bank", workers, on_progress)
    fitted = {}
    for left_out in VARIANTS:
        variant = variant_of(left_out)
        fitted[variant] = fit(bank, left_out)
        write_posterior(fitted[variant].posterior, posterior_file(name, variant, folder))
    return Calibration(bank, fitted)


def fit(bank: Bank, left_out: Sequence[str] = ()) -> Fitted:
    """The posterior given all statistics but some groups, with its recovery."""
    targets = targets_of([group for group in groups() if group not in left_out])
    examples = examples_of(bank, targets)
    sample = Learned(examples).posterior(observed(targets), DRAWS, bank.plan.seed)
    recovered = tuple(recover(examples, seed=bank.plan.seed))
    posterior = Posterior(
        hypothesis=bank.plan.hypothesis,
        names=examples.names,
        values=tuple(map(tuple, in_units(examples, sample, bank.plan.hypothesis).tolist())),
        calibrated=examples.fitted,
        targets=tuple(target.name for target in targets),
        histories=len(examples.normal),
        seed=bank.plan.seed,
        fitted_with=fitted_with(hypothesis(bank.plan.hypothesis), load_city_tables(), (t.name for t in targets)),
        checks={each.name: checked(each) for each in recovered},
    )
    return Fitted(posterior, recovered)


def checked(recovered: Recovered) -> dict[str, float]:
    """What a posterior's file says of one parameter's recovery."""
    told = asdict(recovered)
    coverage = {f"coverage_{100 * level:.0f}": round(share, 3) for level, share in recovered.coverage.items()}
    return {**{name: round(told[name], 4) for name in ("contraction", "error", "p_uniform")}, **coverage}


def in_units(examples: Examples, sample: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    """[draws, names] on the normal scale to the parameters' units, through their priors."""
    from scipy.special import ndtr

    priors = uncertain_parameters(hypothesis(name))
    columns = [
        [priors[parameter].quantile(float(u)) for u in ndtr(sample[:, place])]
        for place, parameter in enumerate(examples.names)
    ]
    return np.array(columns).T
