"""The measured contenders, each in a separate process with separate topics."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.deployment.endpoint import Endpoint, Rollout
from igniteflow_core.features.definitions import FEATURE_NAMES
from igniteflow_core.fraud.ensemble import fit_ensemble
from igniteflow_core.fraud.scorer_export import save_scorer
from tests.kafka_broker import Broker

COMMANDS = {
    "copy": [sys.executable, "-m", "benchmarks.stream.pass_through"],
    "stream": [str(Path(sys.executable).with_name("igniteflow")), "stream"],
}


def deploy_model(root: Path, settings: FraudSettings) -> None:
    """Deploy an ensemble with all features, fitted on noise."""
    random = np.random.default_rng(1)
    X = pd.DataFrame(random.lognormal(1, 1, (8_000, len(FEATURE_NAMES))), columns=FEATURE_NAMES)
    y = (random.random(8_000) < 0.02 + 0.2 * (X["amount"] > 6)).to_numpy().astype(np.int8)
    ensemble = fit_ensemble(
        X[:5_000], y[:5_000], X[5_000:], y[5_000:], np.arange(3_000) // 600, settings
    )
    endpoint = Endpoint(root / "endpoints" / "fraud")
    endpoint.add_version("1", lambda folder: save_scorer(ensemble, folder))
    endpoint.roll_out(Rollout(champion="1"))


@contextmanager
def running(
    name: str, broker: Broker, root: Path, *, partitions: int = 2, **stream: object
) -> Iterator[tuple[str, str]]:
    """Run a contender, and yield its topics of transactions and scores.

    Args:
        name: one of ``COMMANDS``.
        broker: broker of the topics.
        root: folder of the model; checkpoint, lake and online store are below ``root / name``.
        partitions: number of partitions of each topic.
        stream: additional settings of the stream.
    """
    topics = {topic: f"{name}-{topic}" for topic in ("transactions", "labels", "scores", "dead")}
    broker.create_topics(*topics.values(), partitions=partitions)
    settings = {
        "STREAM__BROKERS": broker.address,
        "STREAM__TRANSACTIONS_TOPIC": topics["transactions"],
        "STREAM__LABELS_TOPIC": topics["labels"],
        "STREAM__SCORES_TOPIC": topics["scores"],
        "STREAM__DEAD_LETTER_TOPIC": topics["dead"],
        "STREAM__CHECKPOINT": f"{root}/{name}/checkpoint",
        "LAKE__ROOT": f"{root}/{name}/lake",
        "ONLINE__PATH": f"{root}/{name}/online.db",
        "SERVING__ENDPOINTS_DIR": f"{root}/endpoints",
        **{f"STREAM__{key.upper()}": str(value) for key, value in stream.items()},
    }
    log = root / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - one of the two commands above
            COMMANDS[name],
            env=os.environ | {f"IGNITEFLOW_{key}": value for key, value in settings.items()},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield topics["transactions"], topics["scores"]
    except TimeoutError:
        print(log.read_text()[-3_000:], file=sys.stderr)
        raise
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
