"""The Delta table of the stream's scores."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date

import pyarrow as pa
from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from igniteflow_core.features.contract import with_features
from igniteflow_core.features.feature import Feature
from igniteflow_core.schemas.own_columns import NO_OWN_COLUMNS, OwnColumns, with_own_columns
from igniteflow_core.schemas.stream import STREAM_SCORES
from igniteflow_resources.lake.evolution import add_missing_columns


class ScoresTable:
    """Stores the final score of each transaction.

    Columns that an earlier version did not write are added.

    Args:
        spark: a session with Delta.
        path: path of the table; the first write creates it.
        own: columns of transactions in addition to IgniteFlow's.
        features: features of declared entities.

    Raises:
        DataContractError: a column has another type in the table.
    """

    def __init__(
        self,
        spark: SparkSession,
        path: str,
        own: OwnColumns = NO_OWN_COLUMNS,
        features: Sequence[Feature] = (),
    ) -> None:
        self._spark = spark
        self._contract = with_features(with_own_columns(STREAM_SCORES, own), features)
        self._path = path
        if self._exists():
            columns = spark.createDataFrame([], self._contract.ddl).schema
            add_missing_columns(spark, path, columns)

    def append(self, rows: pa.Table, *, query_id: str, batch_id: int) -> None:
        """Append the rows of a micro-batch; a repeated call changes nothing.

        Args:
            rows: rows of STREAM_SCORES with the own columns.
            query_id: id of the streaming query, which numbers its micro-batches.
            batch_id: number of the micro-batch.
        """
        frame = self._spark.createDataFrame(rows, self._contract.ddl)
        (
            frame.write.format("delta")
            .mode("append")
            .option("txnAppId", query_id)
            .option("txnVersion", str(batch_id))
            .save(self._path, partitionBy=self._contract.partition_by)
        )

    def find(self, transaction_ids: list[str], days: AbstractSet[date]) -> pa.Table:
        """Return the rows of these transactions, which happened on these days."""
        if not transaction_ids or not self._exists():
            return self._empty()
        ids = self._spark.createDataFrame([(each,) for each in transaction_ids], "id STRING")
        rows = self._read().where(F.col("event_date").isin(*days))
        matches: pa.Table = (
            rows.join(F.broadcast(ids), rows["transaction_id"] == ids["id"], "left_semi")
            .select(self._contract.column_names)
            .toArrow()
        )
        return matches

    def newest_before(self, first: Mapping[tuple[str, int], int]) -> int | None:
        """Return the newest event time of all rows except those of a micro-batch.

        Args:
            first: the first offset of the micro-batch in each partition.

        Returns:
            UTC microseconds, or None if there are no such rows.
        """
        if not self._exists():
            return None
        earlier = F.lit(True)
        for (topic, partition), offset in first.items():
            earlier &= ~(
                (F.col("topic") == topic)
                & (F.col("partition") == partition)
                & (F.col("offset") >= offset)
            )
        maximum = F.unix_micros(F.max("event_time"))
        newest: int | None = self._read().where(earlier).agg(maximum).collect()[0][0]
        return newest

    def _exists(self) -> bool:
        return DeltaTable.isDeltaTable(self._spark, self._path)

    def _read(self) -> DataFrame:
        return self._spark.read.format("delta").load(self._path)

    def _empty(self) -> pa.Table:
        empty: pa.Table = self._spark.createDataFrame([], self._contract.ddl).toArrow()
        return empty
