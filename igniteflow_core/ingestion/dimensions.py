"""Tables that are delivered whole: typed by their contract, judged by their quality checks."""

import re

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from igniteflow_core.config.sources import SourceSettings
from igniteflow_core.ingestion.read import read_table
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.values.spark import number, text


def read_dimension(
    spark: SparkSession, source: SourceSettings, root: str, contract: TableContract
) -> DataFrame:
    """The source as the contract types it; a nullable column may be missing from the source.

    Raises as ``igniteflow_core.ingestion.read.read_table``.
    """
    optional = [column.name for column in contract.columns if column.nullable]
    raw = read_table(spark, source, root, contract.column_names, optional)
    return type_columns(raw, contract, source.category_separator)


def type_columns(raw: DataFrame, contract: TableContract, separator: str) -> DataFrame:
    """``raw`` holds the contract's columns as text; the result holds them in its types.

    Text that is no number becomes null, which the completeness rules of the table then find.
    ``separator`` splits the text of a column of several values.
    """
    return raw.select(*(_typed(column.name, column.type, separator) for column in contract.columns))


def _typed(name: str, type_name: str, separator: str) -> Column:
    match type_name:
        case "double":
            return number(name).alias(name)
        case "boolean":
            # Text that is neither true nor false is an error: no guess is safe.
            return text(name).cast("boolean").alias(name)
        case "array<string>":
            parts = F.transform(F.split(name, re.escape(separator)), F.trim)
            filled = F.filter(parts, lambda part: part != "")
            return F.coalesce(filled, F.array().cast("array<string>")).alias(name)
        case _:
            return text(name).alias(name)
