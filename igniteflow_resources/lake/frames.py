"""Converts pandas frames to Spark frames with the types of a contract."""

import pandas as pd
from pyspark.sql import DataFrame, SparkSession

from igniteflow_core.schemas.contract import TableContract


def contract_rows(session: SparkSession, frame: pd.DataFrame, contract: TableContract) -> DataFrame:
    """Return the contract's columns with the contract's types; NaN and NaT become null.

    Spark would keep NaN as a number, which filters on missing values do not match.
    """
    chosen = frame[contract.column_names]
    values = chosen.astype(object).where(chosen.notna(), None)
    for column in contract.columns:
        if column.type == "timestamp":  # Spark rejects pandas timestamps
            times = pd.to_datetime(frame[column.name], utc=True)
            plain = [None if pd.isna(time) else time.to_pydatetime() for time in times]
            values[column.name] = pd.Series(plain, frame.index, dtype=object)
    return session.createDataFrame(values.values.tolist(), contract.ddl)
