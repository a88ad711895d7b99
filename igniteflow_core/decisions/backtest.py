"""Backtest of a changed decision policy against the current one on past transactions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from igniteflow_core.decisions.compiled import CompiledPolicy, Decisions
from igniteflow_core.decisions.table import decide_table
from igniteflow_core.promotion import Criterion, within

PRESENT: Final = "present"
CHANGED: Final = "changed"

_COLORS: Final = {PRESENT: "#4c72b0", CHANGED: "#dd8452"}
_SUMS: Final = {
    "transactions": ("amount", "size"),
    "frauds": ("is_fraud", "sum"),
    "reviewed": ("reviewed", "sum"),
    "declined": ("declined", "sum"),
    "caught_frauds": ("caught", "sum"),
    "missed_frauds": ("missed", "sum"),
    "caught_amount": ("caught_amount", "sum"),
    "missed_amount": ("missed_amount", "sum"),
    "genuine_declined": ("genuine_declined", "sum"),
    "cost": ("cost", "sum"),
}
_OF_PARTS: Final = ("transactions", "frauds", "reviewed", "declined", "caught_amount", "cost")


@dataclass(frozen=True)
class Costs:
    """The cost of errors besides lost amounts, in the currency of the amounts.

    Attributes:
        review: cost of a transaction that is reviewed.
        decline: cost of a genuine transaction that is declined.
    """

    review: float
    decline: float


@dataclass(frozen=True)
class Backtest:
    """The results of both policies on the same transactions.

    Attributes:
        days: one row per day and policy, as DECISION_BACKTEST.
        totals: sums over all days, by policy; a customer who is affected on two days counts twice.
        parts: one row per policy and deciding part (a list, a rule or the score), with its
            decisions.
    """

    days: pd.DataFrame
    totals: pd.DataFrame
    parts: pd.DataFrame


def backtest(
    policies: Mapping[str, CompiledPolicy],
    rows: pd.DataFrame,
    scores: NDArray[np.float64],
    threshold: float,
    costs: Costs,
) -> Backtest:
    """Decide past transactions with each policy, and compare the decisions with the labels.

    A fraud that is reviewed or declined is caught, and its amount is saved. A missed fraud costs
    its amount. A genuine customer is affected by a review as well as by a decline.

    Args:
        policies: policies by name, such as ``PRESENT`` and ``CHANGED``.
        rows: n transactions, n at least 1, with event_date, event_time, customer_id, amount,
            is_fraud and the columns that the policies read.
        scores: scores of the model, shape (n,).
        threshold: alert threshold of the model.
        costs: costs of reviews and declines.
    """
    days, parts = [], []
    for name, policy in policies.items():
        decisions = decide_table(policy, rows, scores, threshold)
        marked = _marked(rows, decisions, costs)
        daily = marked.groupby("event_date").agg(**_SUMS).reset_index()
        bothered = _bothered(marked).reindex(daily["event_date"], fill_value=0)
        daily["bothered_customers"] = bothered.to_numpy()
        about = {"policy": name, "policy_version": policy.version, "policy_hash": policy.sha256}
        days.append(daily.assign(**about))
        parts.append(
            marked.groupby("decided_by")
            .agg(**{each: _SUMS[each] for each in _OF_PARTS})
            .reset_index()
            .assign(policy=name)
        )
    table = pd.concat(days, ignore_index=True).sort_values(["event_date", "policy"])
    by_part = pd.concat(parts, ignore_index=True)[["policy", "decided_by", *_OF_PARTS]]
    return Backtest(table, totals_of(table), by_part)


def totals_of(days: pd.DataFrame) -> pd.DataFrame:
    """The sums of ``Backtest.days`` over the days, by policy."""
    return days.groupby("policy")[[*_SUMS, "bothered_customers"]].sum()


def _marked(rows: pd.DataFrame, decisions: Decisions, costs: Costs) -> pd.DataFrame:
    amount = rows["amount"].to_numpy(dtype=np.float64)
    fraud = rows["is_fraud"].to_numpy() == 1
    reviewed = np.equal(decisions.outcomes, "review").astype(np.bool_)
    declined = np.equal(decisions.outcomes, "decline").astype(np.bool_)
    caught, missed = fraud & decisions.is_alert, fraud & ~decisions.is_alert
    return pd.DataFrame(
        {
            "event_date": rows["event_date"].to_numpy(),
            "customer_id": rows["customer_id"].to_numpy(),
            "decided_by": decisions.decided_by,
            "amount": amount,
            "is_fraud": fraud.astype(np.int64),
            "reviewed": reviewed.astype(np.int64),
            "declined": declined.astype(np.int64),
            "caught": caught.astype(np.int64),
            "missed": missed.astype(np.int64),
            "caught_amount": np.where(caught, amount, 0.0),
            "missed_amount": np.where(missed, amount, 0.0),
            "genuine_declined": (~fraud & declined).astype(np.int64),
            "cost": np.where(missed, amount, 0.0)
            + costs.review * reviewed
            + costs.decline * (~fraud & declined),
            "bothered": ~fraud & decisions.is_alert,
        }
    )


def _bothered(marked: pd.DataFrame) -> "pd.Series[int]":
    """The distinct customers per day with a genuine transaction that was reviewed or declined."""
    return marked[marked["bothered"]].groupby("event_date")["customer_id"].nunique()


def policy_criteria(
    totals: pd.DataFrame, *, max_cost_rise: float, max_genuine_declined: float
) -> tuple[Criterion, Criterion]:
    """The checks that a changed policy must pass, on the results of ``backtest``.

    Args:
        totals: totals of both policies.
        max_cost_rise: the largest rise of the cost, as a share of the present one.
        max_genuine_declined: the largest share of the genuine transactions that is declined.
    """
    figures: Mapping[Any, Any] = totals.to_dict("index")
    present, changed = figures[PRESENT], figures[CHANGED]
    limit = present["cost"] * (1 + max_cost_rise)
    genuine = max(changed["transactions"] - changed["frauds"], 1)
    declined = changed["genuine_declined"] / genuine
    return (
        Criterion(
            "cost of the changed policy",
            bool(changed["cost"] <= limit),
            f"{changed['cost']:,.2f}, the present one {present['cost']:,.2f}",
            f"at most {limit:,.2f}",
        ),
        within("genuine transactions declined", 100 * declined, 100 * max_genuine_declined, "%"),
    )


def backtest_figure(days: pd.DataFrame) -> Figure:
    """Plot each policy's missed fraud, cost and affected customers by day.

    Args:
        days: table as ``Backtest.days``.
    """
    figure = Figure(figsize=(9, 8), layout="constrained")
    charts = figure.subplots(3, 1, sharex=True)
    shown = {
        "missed_amount": "Amount of missed fraud",
        "cost": "Cost",
        "bothered_customers": "Genuine customers affected",
    }
    for axes, (column, title) in zip(charts, shown.items(), strict=True):
        for name, color in _COLORS.items():
            of_policy = days[days["policy"] == name]
            total = of_policy[column].sum()
            axes.plot(
                of_policy["event_date"],
                of_policy[column],
                marker="o" if name == PRESENT else "x",
                color=color,
                label=f"{name.capitalize()} ({total:,.0f})",
            )
        axes.set_ylabel(title)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        axes.legend(title="Policy (sum)")
    figure.autofmt_xdate()
    return figure
