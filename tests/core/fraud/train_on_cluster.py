"""Train on a Spark cluster of two executors of one core each; run by test_distributed.py."""

import json
import os
import sys
from pathlib import Path

from pyspark.sql import SparkSession

from igniteflow_core.fraud.artifact import save_ensemble
from igniteflow_core.fraud.distributed import train_ensemble_on_spark
from igniteflow_core.fraud.training import FRAUD_TRAINING_SET
from igniteflow_core.fraud.windows import chronological_windows
from igniteflow_core.schemas.own_columns import with_own_columns
from tests.core.fraud.test_prequential import LAST_DAY, SETTINGS
from tests.core.fraud.worlds import OWN, training_frame, with_devices


def main(folder: Path) -> None:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    spark = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.execution.arrow.pyspark.enabled", "true")
        .getOrCreate()
    )
    frame = with_devices(training_frame(27, rows_per_day=600))
    frame = frame[with_own_columns(FRAUD_TRAINING_SET, OWN).column_names]
    rows = spark.createDataFrame(frame).repartition(2)
    settings = SETTINGS.model_copy(update={"spark_workers": 2})
    windows = chronological_windows(LAST_DAY, settings)
    ensemble = train_ensemble_on_spark(rows, windows, settings, OWN)
    save_ensemble(ensemble, folder / "ensemble")
    executors = len(spark.sparkContext._jsc.sc().statusTracker().getExecutorInfos()) - 1
    (folder / "report.json").write_text(json.dumps({"executors": executors}))
    spark.stop()


main(Path(sys.argv[1]))
