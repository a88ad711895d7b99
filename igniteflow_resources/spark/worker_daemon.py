"""The process that Spark forks its Python workers from, with what they need loaded already.

Every worker would load it for itself, which takes a second of processor time each, and memory that
forked processes share.
"""

import pandas  # noqa: F401 - PyArrow loads it with the first array that it makes
from pyspark.daemon import manager

import igniteflow_core.features.passes  # noqa: F401

if __name__ == "__main__":
    manager()
