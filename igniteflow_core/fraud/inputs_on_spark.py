"""The inputs of a model from Spark rows, of which only counts and medians are collected."""

from collections.abc import Callable, Iterator

import pandas as pd
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from igniteflow_core.fraud.fit_categories import COUNTS_DDL, category_counts
from igniteflow_core.fraud.fit_inputs import TrainingInputs, training_inputs
from igniteflow_core.fraud.inputs import EVENT_TIME
from igniteflow_core.fraud.matrix import Matrix
from igniteflow_core.schemas.own_columns import CATEGORIES, OwnColumns

INPUTS = "inputs"
"""The column of ``encoded_rows`` with a row's inputs."""

_MICROS_OF_A_DAY = 86_400_000_000


def fit_inputs_on_spark(rows: DataFrame, own: OwnColumns, names: tuple[str, ...]) -> TrainingInputs:
    """Fit the encodings as ``fit_inputs`` does, on rows of Spark.

    Args:
        rows: rows of both classes, as FRAUD_TRAINING_SET with the own columns.
        own: the declared columns.
        names: names of the features.
    """
    return training_inputs(own, _category_counts(rows, own), _medians(rows, own), names)


def encoded_rows(
    rows: DataFrame, columns: tuple[str, ...], encode: Callable[[pd.DataFrame], Matrix]
) -> DataFrame:
    """``is_fraud`` and INPUTS, an array, of each row.

    Args:
        rows: rows as FRAUD_TRAINING_SET with the own columns.
        columns: columns that are encoded.
        encode: function that returns the inputs of rows, shape (rows, inputs).
    """

    def encoded(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            yield pd.DataFrame({"is_fraud": batch["is_fraud"], INPUTS: list(encode(batch))})

    taken = rows.select(*dict.fromkeys((*columns, "event_date", "is_fraud")))
    return taken.mapInPandas(encoded, f"is_fraud int, {INPUTS} array<float>")


def _category_counts(rows: DataFrame, own: OwnColumns) -> pd.DataFrame:
    categories = {name: each for name, each in own.items() if each.type in CATEGORIES}
    if not categories:
        return category_counts(pd.DataFrame(), categories)

    def counted(batches: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            yield category_counts(batch, categories)

    counts = rows.select(*categories, "event_date", "is_fraud").mapInPandas(counted, COUNTS_DDL)
    sums = (F.sum(name).alias(name) for name in ("transactions", "frauds"))
    return counts.groupBy("column", "category", "event_date").agg(*sums).toPandas()


def _medians(rows: DataFrame, own: OwnColumns) -> dict[str, float]:
    numbers: dict[str, Column] = {}
    for name, column in own.items():
        if column.type == "numeric":
            numbers[name] = F.col(name)
        elif column.type == "timestamp":
            micros = F.unix_micros(EVENT_TIME) - F.unix_micros(name)
            numbers[name] = micros / F.lit(_MICROS_OF_A_DAY)
    if not numbers:
        return {}
    found = rows.agg(*(F.median(each).alias(name) for name, each in numbers.items())).first()
    medians = {} if found is None else found.asDict()
    return {name: value for name, value in medians.items() if value is not None}
