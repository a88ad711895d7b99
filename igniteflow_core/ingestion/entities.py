"""Customers and terminals as delivered → those that count, and the rest with the reasons."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.ingestion.rules import value_of
from igniteflow_core.ingestion.tables import JudgedTable, judge_table
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.values.form import PLAIN, ValueForm
from igniteflow_core.values.rules import Clock


def judge_entities(
    raw: DataFrame, contract: TableContract, clock: Clock, form: ValueForm = PLAIN
) -> JudgedTable:
    """Judge every row of ``raw``, which holds the columns of CUSTOMERS or TERMINALS as text.

    An entity may have no position; one with half of a position is ``incomplete_position``.
    """
    half = F.col(value_of("x")).isNull() != F.col(value_of("y")).isNull()
    return judge_table(raw, contract, clock, form, rules={"incomplete_position": half})
