"""Runs the stream in the current process."""

import signal
import threading
from contextlib import closing
from pathlib import Path
from types import FrameType

from pyspark.sql import SparkSession

from igniteflow_core.config.settings import Settings
from igniteflow_core.deployment.endpoint import Endpoint
from igniteflow_core.features.declared import declared_features, vocabulary
from igniteflow_core.online.connect import connect_online_store
from igniteflow_core.schemas.stream import STREAM_SCORES
from igniteflow_core.stream.champion import Champion
from igniteflow_resources.lake.tables import LakeResource
from igniteflow_resources.stream.heartbeat import Heartbeat
from igniteflow_resources.stream.job import StreamJob
from igniteflow_resources.stream.scores_table import ScoresTable

_POLL_SECONDS = 1


def run_stream(spark: SparkSession, lake: LakeResource, settings: Settings) -> None:
    """Run the stream in this process until it receives SIGTERM or fails.

    A supervisor restarts the process after a failure; the stream then resumes from its checkpoint.

    Raises:
        StreamingQueryException: a micro-batch failed, with the error as its cause.
        ConfigurationError: no brokers are configured.
        ModelArtifactError: no fraud model was rolled out, or it cannot be loaded.
        DecisionPolicyError: the decision policy names what is not declared.
    """
    own = settings.sources.own_columns
    entities = settings.fraud.entities
    endpoint = Endpoint(Path(settings.serving.endpoints_dir, "fraud"))
    champion = Champion(endpoint, vocabulary(entities, own))
    scores = ScoresTable(spark, lake.path(STREAM_SCORES.name), own, declared_features(entities))
    with (
        closing(connect_online_store(settings.online)) as store,
        closing(StreamJob(spark, settings, scores, store, champion)) as job,
    ):
        query = job.start()
        heartbeat = Heartbeat(settings.stream.heartbeat_file)
        stop_requested = threading.Event()

        def end(number: int, frame: FrameType | None) -> None:
            stop_requested.set()

        signal.signal(signal.SIGTERM, end)
        while not stop_requested.is_set() and not query.awaitTermination(_POLL_SECONDS):
            heartbeat.look(query)
        job.finish()
        query.stop()
