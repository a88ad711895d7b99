"""A Spark driver, as a run starts it, until its input ends. Its properties are the argument."""

import json
import sys

from pyspark.sql import SparkSession

properties: dict[str, str] = json.loads(sys.argv[1])
session = SparkSession.builder.config(map=properties).getOrCreate()
sys.stdin.read()
session.stop()
