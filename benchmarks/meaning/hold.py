"""Reads forms as the platform does, and compares the resulting rows with the expected rows."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from benchmarks.meaning.declarations import DECLARATIONS, Declaration
from benchmarks.meaning.forms import Form, lying_form, refused_form, true_form
from benchmarks.meaning.truth import EPOCH, MICROSECOND, Truth
from igniteflow_core.errors import SourceSchemaError, UnreadableSourceError
from igniteflow_core.ingestion.delivery import read_days
from igniteflow_core.ingestion.spark_errors import reading
from igniteflow_core.ingestion.transactions import (
    accepted_transactions,
    judge_transactions,
    quarantined_transactions,
)
from igniteflow_core.schemas.transactions import RAW_TRANSACTIONS, TRANSACTION_SOURCE_COLUMNS
from igniteflow_core.values.rules import Clock, clock

FIRST_DAY = date(2025, 3, 1)
"""Days from here on hold both nights on which clocks are set forward, in America and in Europe."""


_DAYS_A_REFUSAL = 5


@dataclass
class Findings:
    """The results of a check.

    Attributes:
        forms: number of forms by kind: the truth, or the name of a lie.
        faults: a description of each form that was read incorrectly.
    """

    forms: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def hold(spark: SparkSession, folder: Path, *, seed: int, days: int) -> Findings:
    """Write, read and compare ``days`` true and ``days`` lying forms of each declaration.

    A true form must give its rows and an empty quarantine. A lying form must give the rows without
    a lie, and quarantine the others. For a fifth of the days, one file does not match the settings
    as a whole, and the delivery must be rejected.
    """
    findings = Findings()
    for number, declaration in enumerate(DECLARATIONS):
        rng = random.Random(f"{seed}-{number}")  # noqa: S311 - the draws are no secrets
        dates = [FIRST_DAY + timedelta(days=day) for day in range(days)]
        for make in (true_form, lying_form):
            root = folder / f"{seed}-{number}-{make.__name__}"
            forms = [make(declaration, day, rng) for day in dates]
            for form in forms:
                _write(root, form)
                findings.forms[form.lie or "truth"] += 1
            findings.faults += [
                f"seed {seed}, {declaration}: {fault}"
                for fault in _faults(spark, root, declaration, forms)
            ]
        root = folder / f"{seed}-{number}-refused"
        for day in dates[::_DAYS_A_REFUSAL]:
            form = refused_form(declaration, day, rng)
            _write(root, form)
            findings.forms[str(form.lie)] += 1
            if not _is_refused(spark, root, declaration, form):
                findings.faults.append(
                    f"seed {seed}, {declaration}: {day}, {form.lie}: not refused"
                )
    return findings


def _write(root: Path, form: Form) -> None:
    for name, content in form.files.items():
        path = root / str(form.day) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _faults(
    spark: SparkSession, root: Path, declaration: Declaration, forms: Sequence[Form]
) -> list[str]:
    times = _clock(declaration)
    raw = _raw(spark, root, declaration, forms)
    known = spark.createDataFrame([], "transaction_id string")
    judged = judge_transactions(raw, known, times).persist()
    kept: dict[date, Counter[Truth]] = defaultdict(Counter)
    for row in accepted_transactions(judged).toArrow().to_pylist():
        kept[row["event_date"]][
            Truth(
                row["transaction_id"],
                (row["event_time"] - EPOCH) // MICROSECOND,
                row["customer_id"],
                row["terminal_id"],
                round(row["amount"] * 100),
                row["is_fraud"],
            )
        ] += 1
    refused: dict[date, list[list[str]]] = defaultdict(list)
    for row in quarantined_transactions(judged).toArrow().to_pylist():
        refused[row["delivery_date"]].append(row["reasons"])
    judged.unpersist()
    return [
        fault
        for form in forms
        if (fault := _fault(form, kept[form.day], refused[form.day])) is not None
    ]


def _is_refused(spark: SparkSession, root: Path, declaration: Declaration, form: Form) -> bool:
    try:
        with reading(str(root)):
            _raw(spark, root, declaration, [form]).toArrow()
    except (SourceSchemaError, UnreadableSourceError):
        return True
    return False


def _raw(
    spark: SparkSession, root: Path, declaration: Declaration, forms: Sequence[Form]
) -> DataFrame:
    delivered = read_days(
        spark,
        declaration.source,
        str(root),
        [form.day for form in forms],
        TRANSACTION_SOURCE_COLUMNS,
        optional=("is_fraud",),
    )
    return delivered.rows.select(RAW_TRANSACTIONS.column_names)


def _fault(form: Form, kept: Counter[Truth], refused: list[list[str]]) -> str | None:
    meant = Counter(form.truth)
    asked = form.lie or "truth"
    if kept != meant:
        return (
            f"{form.day}, {asked}: lost {list((meant - kept).elements())}, "
            f"invented {list((kept - meant).elements())}, refused {refused}"
        )
    if bool(refused) != (form.lie is not None):
        return f"{form.day}, {asked}: the quarantine holds {refused}"
    return None


def _clock(declaration: Declaration) -> Clock:
    return clock(
        declaration.zone.key,
        earliest=date(1990, 1, 1),
        now=datetime(2026, 1, 1, tzinfo=UTC),
        skew=timedelta(hours=1),
    )
