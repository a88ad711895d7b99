"""The module that Spark's workers load is quick to load."""

import subprocess
import sys


def test_workers_load_neither_spark_nor_pandas_nor_the_contracts():
    program = "import sys, igniteflow_core.features.passes; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "igniteflow_core.features.compute" in loaded
    assert not {"pyspark", "pandas", "pydantic"} & set(loaded)
