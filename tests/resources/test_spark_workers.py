"""What Spark's Python workers are started with."""

import os
import sys

import pyarrow as pa
import pytest

pytestmark = pytest.mark.spark


def test_workers_keep_freed_memory_for_the_next_arrays(spark):
    def environment(batches):
        for _ in batches:
            found = [os.environ.get(f"MALLOC_{name}_THRESHOLD_", "") for name in ("MMAP", "TRIM")]
            yield pa.record_batch([pa.array(found)], names=["bytes"])

    rows = spark.range(1, numPartitions=1).mapInArrow(environment, "bytes STRING").collect()
    assert [int(row["bytes"]) for row in rows] == [32 * 2**20, 256 * 2**20]


def test_workers_find_what_they_need_loaded_already(spark):
    def loaded(batches):
        for _ in batches:
            names = ["pandas", "igniteflow_core.features.passes"]
            yield pa.record_batch([pa.array(name in sys.modules for name in names)], names=["is"])

    rows = spark.range(1, numPartitions=1).mapInArrow(loaded, "is BOOLEAN").collect()
    assert [row["is"] for row in rows] == [True, True]


def test_workers_are_not_reached_over_tcp(spark):
    def environment(batches):
        for _ in batches:
            enabled = os.environ.get("PYTHON_UNIX_DOMAIN_ENABLED", "")
            yield pa.record_batch([pa.array([enabled])], names=["is"])

    rows = spark.range(1, numPartitions=1).mapInArrow(environment, "is STRING").collect()
    assert [row["is"].lower() for row in rows] == ["true"]
