"""Checks the guarantees of sensors on a real instance with random switches, resets and prunes."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg

from igniteflow_assets.definitions import defs
from igniteflow_assets.monitoring.drift_metadata import drift_metadata
from igniteflow_assets.monitoring.drift_sensor import drift_sensor
from igniteflow_assets.monitoring.performance_sensor import performance_sensor
from igniteflow_assets.monitoring.watched_model import FRAUD
from igniteflow_cli.prune import delete_runs_before

_REPOSITORY = defs.get_repository_def()
_SENSORS = {sensor.name: sensor for sensor in (drift_sensor, performance_sensor)}
_DRIFT, _PERFORMANCE = _SENSORS
_FIRST_DAY = date(2025, 1, 1)
_LONGER_THAN_ANY_COOLDOWN = timedelta(days=60)


@dg.op(config_schema={"events": list})
def record(context: dg.OpExecutionContext) -> None:
    """Record materializations as a run of the graph would, from names and metadata."""
    for asset, metadata in context.op_config["events"]:
        context.log_event(dg.AssetMaterialization(asset, metadata=metadata))


@dg.job
def recorded() -> None:
    """Record materializations in a run, which can be pruned."""
    record()


@dataclass
class _Champion:
    """The true state of a version, independent of what sensors have processed."""

    drifting: dict[str, bool] = field(default_factory=dict)
    episode: int = 0
    dropped: bool = False


class SensorSequence:
    """One life of a platform: what happened, what was requested, and what was wrong about it.

    Attributes:
        did: how often each thing was done.
        wrong: what broke a promise, empty if nothing did.
    """

    def __init__(self, instance: dg.DagsterInstance, seed: int) -> None:
        self._instance = instance
        self._chance = random.Random(f"sensors {seed}")  # noqa: S311 - no secret
        self._day = _FIRST_DAY
        self._versions = 1
        self._serving, self._reign = "1", 1
        self._champions = {"1": _Champion()}
        self._on = dict.fromkeys(_SENSORS, False)  # Dagster's default
        self._cursors: dict[str, str | None] = dict.fromkeys(_SENSORS)
        self._run_keys: set[str] = set()
        self._answered: set[tuple[object, ...]] = set()
        self._pruned_since: set[tuple[object, ...]] = set()
        self.did: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._record(("fraud_champion", {"champion_version": "1"}))

    def run(self, steps: int) -> None:
        """Run random actions, then drift and a drop of a new champion, which must be detected."""
        actions: Mapping[Callable[[], None], int] = {
            self._look: 10, self._tick: 12, self._promote: 2, self._refuse: 1, self._roll_back: 1,
            self._look_at_an_earlier_day: 1, self._switch: 3, self._reset: 2, self._prune: 1,
        }  # fmt: skip
        for _ in range(steps):
            (action,) = self._chance.choices(list(actions), list(actions.values()))
            self.did[action.__name__.strip("_")] += 1
            action()
        self._on = dict.fromkeys(_SENSORS, True)
        self._tick()
        self._promote()
        self._day += _LONGER_THAN_ANY_COOLDOWN
        self._report(drifted=dict.fromkeys(FRAUD.drift, True), dropped=True)
        before = set(self._answered)
        self._tick()
        for sensor in _SENSORS:
            if sum(key[0] == sensor for key in self._answered - before) != 1:
                self.wrong.append(f"{sensor} requests no run for drift and a drop")

    def _record(self, *events: tuple[str, Mapping[str, Any]]) -> None:
        config = {"ops": {"record": {"config": {"events": [list(event) for event in events]}}}}
        recorded.execute_in_process(
            instance=self._instance,
            run_config=config | {"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
        )

    def _look(self) -> None:
        self._day += timedelta(days=self._chance.choice((1, 1, 1, 3, 10)))
        now = self._champions[self._serving]
        self._report(
            {
                asset: self._chance.random() < (0.7 if now.drifting.get(asset) else 0.3)
                for asset in FRAUD.drift
                if self._chance.random() < 0.8
            },
            self._chance.random() < (0.8 if now.dropped else 0.2),
        )

    def _look_at_an_earlier_day(self) -> None:
        """Report an earlier day, as if a partition was run again or the clock was wrong."""
        day = self._day
        self._day -= timedelta(days=self._chance.randrange(1, 30))
        self._look()
        self._day = day

    def _report(self, drifted: Mapping[str, bool], dropped: bool) -> None:
        """Run the monitoring once; some of these runs started before a promotion."""
        late = self._chance.random() < 0.15 and len(self._champions) > 1
        about = self._chance.choice(list(self._champions)) if late else self._serving
        if dropped and len(drifted) == len(FRAUD.drift):
            about = self._serving
        self._record(
            *(
                (asset, drift_metadata(self._day, about, [asset] if is_on else [], self._day))
                for asset, is_on in drifted.items()
            ),
            (
                "fraud_performance",
                {
                    "model_version": about,
                    "performance_dropped": dropped,
                    "previous_is_better": self._chance.random() < 0.5,
                    "verdict": "lower",
                },
            ),
        )
        champion = self._champions[about]
        began = not any(champion.drifting.values())
        champion.drifting |= drifted
        champion.episode += began and any(champion.drifting.values())
        champion.dropped = dropped

    def _promote(self) -> None:
        self._versions += 1
        self._champions[str(self._versions)] = _Champion()
        self._let_serve(str(self._versions))

    def _roll_back(self) -> None:
        self._let_serve(self._chance.choice(list(self._champions)))

    def _refuse(self) -> None:
        self._let_serve(self._serving)

    def _let_serve(self, version: str) -> None:
        self._record(("fraud_champion", {"champion_version": version}))
        self._reign += version != self._serving
        self._serving = version

    def _switch(self) -> None:
        sensor = self._chance.choice(list(_SENSORS))
        self._on[sensor] = not self._on[sensor]

    def _reset(self) -> None:
        sensor = self._chance.choice(list(_SENSORS))
        self._cursors[sensor] = None
        # The records of the start of an episode or champion may be deleted.
        self._answered -= {key for key in self._pruned_since if key[0] == sensor}

    def _prune(self) -> None:
        runs = self._instance.get_run_records(limit=1_000)
        created = self._chance.choice(runs).create_timestamp if runs else datetime.now(UTC)
        delete_runs_before(self._instance, created)
        self._pruned_since |= self._answered

    def _tick(self) -> None:
        for name, sensor in _SENSORS.items():
            # The daemon may be killed before it has stored the cursor.
            for _ in range(self._on[name] * self._chance.choice((1, 1, 1, 2))):
                context = dg.build_sensor_context(
                    instance=self._instance,
                    cursor=self._cursors[name],
                    repository_def=_REPOSITORY,
                    sensor_name=name,
                )
                data = sensor.evaluate_tick(context)
                for request in data.run_requests or []:
                    self._requested(name, request)
            if self._on[name]:
                self._cursors[name] = data.cursor

    def _requested(self, sensor: str, request: dg.RunRequest) -> None:
        self.did["requests"] += 1
        champion = request.tags["igniteflow/champion"]
        if champion != self._serving:
            self.wrong.append(f"{sensor} requests {champion} while {self._serving} serves")
            return
        known = self._champions[champion]
        is_so = any(known.drifting.values()) if sensor == _DRIFT else known.dropped
        if not is_so:
            self.wrong.append(f"{sensor} requests {champion} without a reason")
        # Dagster starts one run per run key.
        if request.run_key in self._run_keys:
            self.did["requests for an existing run"] += 1
            return
        self._run_keys.add(str(request.run_key))
        self.did["runs"] += 1
        episode = known.episode if sensor == _DRIFT else 0
        key = (sensor, champion, self._reign, episode)
        if key in self._answered:
            self.wrong.append(f"{sensor} requests two runs for one episode of {champion}")
        self._answered.add(key)


def sensor_sequence(seed: int, steps: int = 40) -> SensorSequence:
    """Run one sequence on a separate instance."""
    with dg.DagsterInstance.ephemeral() as instance:
        sequence = SensorSequence(instance, seed)
        sequence.run(steps)
    return sequence
