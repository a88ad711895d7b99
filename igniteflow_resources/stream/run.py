"""The stream as a process of its own."""

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

_LOOK_SECONDS = 1


def run_stream(spark: SparkSession, lake: LakeResource, settings: Settings) -> None:
    """Run the stream in this process until it is told to end (SIGTERM) or fails.

    Whatever starts the process again after a failure supervises it; the stream goes on from its
    checkpoint.

    Raises:
        StreamingQueryException: a micro-batch failed, with the error as its cause.
        ConfigurationError: the settings name no brokers.
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
        told_to_end = threading.Event()

        def end(number: int, frame: FrameType | None) -> None:
            told_to_end.set()

        signal.signal(signal.SIGTERM, end)
        while not told_to_end.is_set() and not query.awaitTermination(_LOOK_SECONDS):
            heartbeat.look(query)
        job.finish()
        query.stop()
