"""Rows made in Python, as Spark takes them."""

import pandas as pd
from pyspark.sql import DataFrame, SparkSession

from igniteflow_core.schemas.contract import TableContract


def contract_rows(session: SparkSession, frame: pd.DataFrame, contract: TableContract) -> DataFrame:
    """The frame's columns of the contract, with its types; NaN and NaT become null.

    Spark would keep a NaN as a number, which no filter on missing values finds.
    """
    chosen = frame[contract.column_names]
    rows = chosen.astype(object).where(chosen.notna(), None).values.tolist()
    return session.createDataFrame(rows, contract.ddl)
