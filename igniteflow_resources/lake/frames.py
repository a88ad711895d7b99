"""Rows made in Python, as Spark takes them."""

import pandas as pd
from pyspark.sql import DataFrame, SparkSession

from igniteflow_core.schemas.contract import TableContract


def contract_rows(session: SparkSession, frame: pd.DataFrame, contract: TableContract) -> DataFrame:
    """The frame's columns of the contract, with its types; NaN and NaT become null.

    Spark would keep a NaN as a number, which no filter on missing values finds.
    """
    chosen = frame[contract.column_names]
    values = chosen.astype(object).where(chosen.notna(), None)
    for column in contract.columns:
        if column.type == "timestamp":  # Spark refuses pandas' own kind of datetime
            times = pd.to_datetime(frame[column.name], utc=True)
            plain = [None if pd.isna(time) else time.to_pydatetime() for time in times]
            values[column.name] = pd.Series(plain, frame.index, dtype=object)
    return session.createDataFrame(values.values.tolist(), contract.ddl)
