"""``python -m benchmarks.rest``: fetch and read the pages of an API, and the same rows as files.

Processor seconds include this process and Spark's processes, but not the API's.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import psutil
from pyspark.sql import Observation
from pyspark.sql import functions as F

from benchmarks.rest.server import ROWS_A_PAGE, page_text, serving
from benchmarks.session import local_spark
from igniteflow_core.config.load import load_settings
from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.ingestion.delivery import read_table
from igniteflow_core.ingestion.landing import landed
from igniteflow_core.schemas.transactions import TRANSACTION_SOURCE_COLUMNS

UNIT = 100_000


def processor_seconds(without: int) -> float:
    me = psutil.Process()
    return sum(
        sum(process.cpu_times()[:2])
        for process in (me, *me.children(recursive=True))
        if process.pid != without
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scales", type=int, nargs="+", default=[1, 3, 10])
    arguments = parser.parse_args()
    spark = local_spark(load_settings().spark)
    figures = []

    def read(source: SourceSettings) -> int:
        observation = Observation()
        rows = read_table(spark, source, "", TRANSACTION_SOURCE_COLUMNS)
        counted = rows.observe(observation, F.count("*").alias("rows"))
        counted.write.format("noop").mode("overwrite").save()
        return int(observation.get["rows"])

    def count(what: str, rows: int, server: int, call: Callable[[], object]) -> object:
        before = processor_seconds(server)
        begin = time.perf_counter()
        result = call()
        wall = time.perf_counter() - begin
        spent = processor_seconds(server) - before
        figures.append(
            {
                "what": what,
                "rows": rows,
                "processor s": spent,
                "rows/processor s": rows / spent,
                "wall s": wall,
                "this process, GiB": psutil.Process().memory_info().rss / 2**30,
            }
        )
        print(pd.DataFrame(figures[-1:]).round(2).to_string(header=len(figures) == 1), flush=True)
        return result

    # The first scale is a warm-up.
    for scale in (1, *arguments.scales):
        rows, pages = scale * UNIT, scale * UNIT // ROWS_A_PAGE
        with tempfile.TemporaryDirectory() as folder, serving(pages) as (url, server):
            rest = {"rows": "items", "paging": {"by": "page", "parameter": "page"}}
            api = SourceSettings.model_validate({"format": "rest", "path": url, "rest": rest})
            lines = Path(folder, "rows.json")
            with lines.open("w") as file:
                file.writelines(f"{page_text(page)}\n" for page in range(pages))
            source = count(
                "fetching the pages",
                rows,
                server,
                lambda: landed(spark, api, f"{folder}/landing"),  # noqa: B023 - called at once
            )
            files = SourceSettings(format="json", path=str(lines))
            counts = [
                count("reading the pages that landed", rows, server, lambda: read(source)),  # noqa: B023
                count("reading one file of JSON lines", rows, server, lambda: read(files)),  # noqa: B023
            ]
            assert counts == [rows, rows], counts
    print(pd.DataFrame(figures[3:]).round(2).to_markdown(index=False))


if __name__ == "__main__":
    main()
