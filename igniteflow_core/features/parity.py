"""Compares the features that were used online with those that the batch computes."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.features.definitions import FEATURE_NAMES

_EQUAL, _DIFFERENT = "#5b7f95", "#c0392b"


@dataclass(frozen=True)
class Parity:
    """The comparison of logged with recomputed features.

    A transaction is out of order if an earlier transaction of its customer or terminal was scored
    after it, or if a label in its lookback arrived later. Its features cannot be equal.

    Attributes:
        rows: number of compared transactions.
        unequal: for each feature, how many of them differ; equal means the same double.
        rows_in_order: number of transactions that were not out of order.
        unequal_in_order: for each feature, how many of these differ.
    """

    rows: int
    unequal: dict[str, int]
    rows_in_order: int
    unequal_in_order: dict[str, int]

    @property
    def share_equal(self) -> float:
        """Share of all values that are equal."""
        return _share(self.rows, self.unequal)

    @property
    def share_equal_in_order(self) -> float:
        """Share of the values of transactions in order that are equal."""
        return _share(self.rows_in_order, self.unequal_in_order)

    def to_markdown(self) -> str:
        """A table with a line for each feature that differs in any transaction."""
        lines = [
            f"| `{name}` | {1 - count / self.rows:.4%} | {count} | {self.unequal_in_order[name]} |"
            for name, count in sorted(self.unequal.items(), key=lambda item: -item[1])
            if count
        ]
        if not lines:
            return f"Every value of {self.rows} transactions is equal."
        return "\n".join(
            (
                "| feature | equal | different | of them in order |",
                "|---|---|---|---|",
                *lines,
            )
        )


def measure_parity(
    logged: DataFrame, recomputed: DataFrame, names: Sequence[str] = FEATURE_NAMES
) -> Parity:
    """Compare the features of each transaction.

    Args:
        logged: transaction_id, the features as used online, and ``is_in_order``.
        recomputed: as FRAUD_FEATURES_TABLE, with at least the same transactions.
        names: names of the features.
    """
    again = recomputed.select(
        F.col("transaction_id").alias("id"), *(F.col(n).alias(f"batch_{n}") for n in names)
    )
    # A transaction that is not in the batch differs in every feature.
    both = logged.join(again, logged["transaction_id"] == again["id"], "left")
    differs = {name: ~F.col(name).eqNullSafe(F.col(f"batch_{name}")) for name in names}
    counts = both.agg(
        F.count("*").alias("rows"),
        F.count_if("is_in_order").alias("rows_in_order"),
        *(F.count_if(each).alias(name) for name, each in differs.items()),
        *(F.count_if(each & F.col("is_in_order")).alias(f"in_{n}") for n, each in differs.items()),
    ).collect()[0]
    return Parity(
        rows=counts["rows"],
        unequal={name: counts[name] for name in names},
        rows_in_order=counts["rows_in_order"],
        unequal_in_order={name: counts[f"in_{name}"] for name in names},
    )


def plot_parity(parity: Parity) -> Figure:
    """A bar per feature, its length the share of transactions with the same value."""
    names = sorted(parity.unequal, key=lambda name: -parity.unequal[name])
    shares = [1 - parity.unequal[name] / max(parity.rows, 1) for name in names]
    figure = Figure(figsize=(8, 1.2 + 0.2 * len(names)), layout="constrained")
    axes = figure.subplots()
    axes.barh(names, shares, color=[_EQUAL if share == 1 else _DIFFERENT for share in shares])
    axes.set_xlim(min(0.99, *shares), 1)
    axes.invert_yaxis()
    axes.tick_params(axis="y", labelsize=6)
    axes.set_xlabel("share of transactions with the same value online and in batch")
    axes.set_title(f"{parity.share_equal:.4%} of all values equal")
    return figure


def _share(rows: int, unequal: dict[str, int]) -> float:
    return 1 - sum(unequal.values()) / (rows * len(unequal)) if rows else 1.0
