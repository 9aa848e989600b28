"""One record for each resident: class, age, place, and the baselines of norm and trust."""

from __future__ import annotations

import numpy as np

from cms_sim.city.arrays import ABSENT, BAND_AGES, BANDS, BASIS_POINTS, CLASSES, MALE
from cms_sim.city.draws import AGE, NORM, NORMAL_STEPS, PEOPLE, PLACE, STREET_ORDER, TRUST, layer_key, shuffled
from cms_sim.compiled import kernel
from cms_sim.keys import below, mix, uniform

_AGES = np.array(BAND_AGES)
_YOUNG_FROM, _YOUNG_TO = 18, 30  # the survey asked men of these ages (T2-001, T2-007)


@kernel
def fill_residents(resident, slot, number, street, others, values, normal):  # type: ignore[no-untyped-def]
    """Write the records of one precinct's residents.

    `street`, `others` [CLASSES]: residents by class. `values`: a record of the spec (`build.values_of`). `normal`:
    quantiles. Residents with street ties stand in a keyed order, the others class by class.
    """
    order = shuffled(layer_key(values.city_seed, STREET_ORDER, number), street.sum())
    people = layer_key(values.city_seed, PEOPLE, number)
    begin = 0
    for kind in range(CLASSES):
        for i in range(begin, begin + street[kind]):
            _fill(resident, order[i], slot, kind, True, people, values, normal)
        begin += street[kind]
    for kind in range(CLASSES):
        for local in range(begin, begin + others[kind]):
            _fill(resident, local, slot, kind, False, people, values, normal)
        begin += others[kind]


@kernel
def _fill(resident, local, slot, kind, on_street, people, values, normal):  # type: ignore[no-untyped-def]
    key = mix(people, local)
    person = resident[local]
    band = kind % BANDS
    person["slot"] = slot
    person["sex"] = kind // BANDS
    person["band"] = band
    person["age"] = _age(band, on_street, uniform(key, AGE), values.street_youngest_years)
    person["place"] = below(key, PLACE, 65536)
    norm, trust = values.norm_others, values.trust_others
    if on_street:
        young_man = person["sex"] == MALE and _YOUNG_FROM <= person["age"] <= _YOUNG_TO
        norm = values.norm_young_street_men if young_man else values.norm_street
        trust = values.trust_street
    person["norm"] = _basis_points(norm + values.norm_spread * normal[below(key, NORM, NORMAL_STEPS)])
    person["trust"] = _basis_points(trust + values.trust_spread * normal[below(key, TRUST, NORMAL_STEPS)])
    person["crew"] = ABSENT


@kernel
def _age(band, on_street, draw, street_youngest):  # type: ignore[no-untyped-def]
    """Even within a band; the old, and adults with street ties, nearer to its beginning, the young of these to its
    end.
    """
    low, high = _AGES[band], _AGES[band + 1]
    if on_street and band == 0:
        return high - 1 - np.int64((high - street_youngest) * draw * draw)
    if band == BANDS - 1 or (on_street and band > 1):
        draw = draw * draw
    return low + np.int64((high - low) * draw)


@kernel
def _basis_points(share):  # type: ignore[no-untyped-def]
    return np.int64(min(max(share, 0.0), 1.0) * BASIS_POINTS + 0.5)
