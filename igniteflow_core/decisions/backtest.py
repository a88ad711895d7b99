"""What a changed policy would have caught, missed, cost and bothered, beside the present one."""

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
    """What an error costs besides the amounts that are lost, in the currency of the amounts.

    Attributes:
        review: of a transaction that is reviewed.
        decline: of a genuine transaction that is declined.
    """

    review: float
    decline: float


@dataclass(frozen=True)
class Backtest:
    """Both policies on the same transactions.

    Attributes:
        days: a row for each day and policy, as DECISION_BACKTEST.
        totals: the same over all days, by policy; a customer who was bothered on two days counts
            twice.
        parts: a row for each policy and each list, rule or the score: what it decided.
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
    """Decide past transactions by each policy, and compare with their labels.

    A fraud that is reviewed or declined is caught, and its amount saved. A missed fraud costs its
    amount. A genuine customer is bothered by a review as by a decline.

    Args:
        policies: by name, such as ``PRESENT`` and ``CHANGED``.
        rows: event_date, event_time, customer_id, amount and is_fraud, and what the policies read,
            of n transactions, n at least 1.
        scores: of the model, shape (n,).
        threshold: of the model.
        costs: of reviews and declines.
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
    """Different customers of each day of whom a genuine transaction was reviewed or declined."""
    return marked[marked["bothered"]].groupby("event_date")["customer_id"].nunique()


def policy_criteria(
    totals: pd.DataFrame, *, max_cost_rise: float, max_genuine_declined: float
) -> tuple[Criterion, Criterion]:
    """What a changed policy is held to, as ``backtest`` has measured it.

    Args:
        totals: of both policies.
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
    """Day by day the fraud that each policy missed, its cost, and the customers it bothered.

    Args:
        days: as ``Backtest.days``.
    """
    figure = Figure(figsize=(9, 8), layout="constrained")
    charts = figure.subplots(3, 1, sharex=True)
    shown = {
        "missed_amount": "Amount of missed fraud",
        "cost": "Cost",
        "bothered_customers": "Genuine customers bothered",
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
