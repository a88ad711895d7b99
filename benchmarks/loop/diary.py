"""Records the measurements and decisions of the loop by day."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from benchmarks.loop.plan import HAPPENINGS, YEAR_STARTS, newest_happening
from benchmarks.loop.platform import Run
from igniteflow_assets.monitoring.drift_metadata import DRIFT_DETECTED, DRIFTED_FEATURES
from igniteflow_assets.monitoring.performance_metadata import PERFORMANCE_DROPPED
from igniteflow_assets.monitoring.watched_model import FRAUD

_FEATURES_SHOWN = 4


@dataclass(frozen=True)
class Look:
    """The monitoring result of one night: drifted columns by asset, and a performance drop."""

    day: date
    drifted: dict[str, list[str]]
    dropped: bool

    @property
    def is_noticed(self) -> bool:
        return self.dropped or bool(self.drifted)


def look_of(day: date, run: Run) -> Look:
    """Return the monitoring result of the night's run."""
    drifted = {
        asset: str(facts[DRIFTED_FEATURES]).split(", ")
        for asset in FRAUD.drift
        if (facts := run.materialized.get(asset, {})).get(DRIFT_DETECTED)
    }
    performance = run.materialized.get("fraud_performance", {})
    return Look(day, drifted, bool(performance.get(PERFORMANCE_DROPPED)))


@dataclass
class Diary:
    """The records so far; ``champions`` has the version that serves on each day."""

    looks: list[Look] = field(default_factory=list)
    decisions: list[dict[str, str]] = field(default_factory=list)
    champions: dict[date, str] = field(default_factory=dict)

    def decided(self, day: date, run: Run, look: Look) -> None:
        """Record the result of a run that trained or rolled back."""
        started_by = run.tags.get("dagster/sensor_name", run.tags.get("dagster/schedule_name", ""))
        settled = run.materialized.get("fraud_champion", {})
        happening = newest_happening(day)
        since = f"{happening.name} + {(day - happening.start).days}" if happening else ""
        self.decisions.append(
            {
                "day": str((day - YEAR_STARTS).days + 1),
                "started by": started_by,
                "noticed": _noticed(run, look),
                "decision": _decision(run, settled),
                "why": str(settled.get("reason", "")),
                "last happening + days": since,
            }
        )

    def noticed(self) -> pd.DataFrame:
        """Return the days until drift and a drop were first detected, for each happening."""
        last = self.looks[-1].day
        rows = []
        for happening, following in zip(HAPPENINGS, [*HAPPENINGS[1:], None], strict=True):
            if happening.start > last:
                break
            until = following.start if following else date.max
            within = [look for look in self.looks if happening.start <= look.day < until]
            drift = next((look for look in within if look.drifted), None)
            drop = next((look for look in within if look.dropped), None)
            rows.append(
                {
                    "happening": happening.name,
                    "day": happening.number,
                    "drift already before": self._drifted_before(happening.start),
                    "drift after days": _days_since(happening.start, drift),
                    "columns": _columns(drift),
                    "drop after days": _days_since(happening.start, drop),
                }
            )
        return pd.DataFrame(rows)

    def _drifted_before(self, start: date) -> str:
        before = [look for look in self.looks if look.day < start]
        return "yes" if before and before[-1].drifted else "no"


def _days_since(start: date, look: Look | None) -> str:
    return "never" if look is None else str((look.day - start).days + 1)


def _columns(look: Look | None) -> str:
    names = [name for columns in look.drifted.values() for name in columns] if look else []
    more = f" and {len(names) - _FEATURES_SHOWN} more" if len(names) > _FEATURES_SHOWN else ""
    return ", ".join(names[:_FEATURES_SHOWN]) + more


def _noticed(run: Run, look: Look) -> str:
    if run.tags.get("igniteflow/reason") == "performance_dropped":
        return "average precision dropped"
    return _columns(look) if "dagster/sensor_name" in run.tags else ""


def _decision(run: Run, settled: dict[str, object]) -> str:
    if not settled:
        return "the run failed"
    if settled.get("rolled_back"):
        return f"rolled back to {settled['champion_version']}"
    version = settled["challenger_version"]
    return f"promoted {version}" if settled["promoted"] else f"refused {version}"


def counts(decisions: Sequence[dict[str, str]]) -> pd.DataFrame:
    """Count the decisions by the sensor or schedule that started the run."""
    if not decisions:
        return pd.DataFrame()
    frame = pd.DataFrame(decisions)
    kind = frame["decision"].str.split(" ").str[0]
    return pd.crosstab(frame["started by"], kind).reset_index()
