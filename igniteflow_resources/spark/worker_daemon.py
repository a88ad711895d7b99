"""The process from which Spark forks its Python workers, with their imports preloaded.

Without it, each worker imports the modules separately, which takes a second of processor time per
worker, and memory that forked processes share.
"""

import pandas  # noqa: F401 - PyArrow imports it when it creates the first array
from pyspark.daemon import manager

import igniteflow_core.features.passes  # noqa: F401

if __name__ == "__main__":
    manager()
