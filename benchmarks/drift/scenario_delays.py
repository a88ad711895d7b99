"""The detection delay of each scenario in days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.drift.data import FIRST_DAY, LABEL_DELAY, WARM_DAY, simulated_features
from benchmarks.drift.detectors import DETECTORS, Reference
from benchmarks.drift.stationary import GAP_DAYS, REFERENCE_DAYS
from igniteflow_core.config.drift import DriftSettings
from igniteflow_core.drift.columns import watched_features
from igniteflow_core.simulation.scenarios import Scenario, ScenarioName

WATCHED_DAYS = 21

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Noticed:
    """The day of the scenario, from 1, on which each detector alarmed; and the named features."""

    delays: Mapping[str, int]
    named: frozenset[str]


def notice(name: ScenarioName, seed: int, settings: DriftSettings) -> Noticed:
    """Test for drift daily in simulated data whose scenario starts two weeks after a training.

    The label delay and the test window are between the two.
    """
    start = WARM_DAY + (REFERENCE_DAYS + GAP_DAYS + settings.current_days) * _DAY
    last_day = start + (WATCHED_DAYS - 1) * _DAY
    rows = simulated_features(seed, last_day, Scenario(name=name, start=start))
    trained = rows["event_date"] < WARM_DAY + REFERENCE_DAYS * _DAY
    columns = watched_features(LABEL_DELAY)
    reference = Reference.of(rows[trained], columns, settings, data_from=FIRST_DAY)
    delays: dict[str, int] = {}
    named: frozenset[str] = frozenset()
    for day in range(1, WATCHED_DAYS + 1):
        newest = start + (day - 1) * _DAY
        first = newest - (settings.current_days - 1) * _DAY
        drifted = reference.alarms(rows[rows["event_date"].between(first, newest)])
        for detector in drifted.keys() - delays.keys():
            delays[detector] = day
            named = drifted[detector] if detector == DETECTORS[0] else named
        if DETECTORS[0] in delays and len(delays) == len(DETECTORS):
            break
    return Noticed(delays, named)
