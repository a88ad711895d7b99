"""Customers and terminals as delivered → those that count, and the rest with the reasons."""

from pyspark.sql import DataFrame

from igniteflow_core.ingestion.tables import JudgedTable, judge_table
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.values.form import PLAIN, ValueForm
from igniteflow_core.values.rules import Clock
from igniteflow_core.values.spark import number


def judge_entities(
    raw: DataFrame, contract: TableContract, clock: Clock, form: ValueForm = PLAIN
) -> JudgedTable:
    """Judge every row of ``raw``, which holds the columns of CUSTOMERS or TERMINALS as text.

    An entity may have no position; one with half of a position is ``incomplete_position``.
    """
    half = number("x", form).isNull() != number("y", form).isNull()
    return judge_table(raw, contract, clock, form, rules={"incomplete_position": half})
