"""Validates delivered customers and terminals; rejected rows have reasons."""

from dataclasses import replace

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.features.positions import GIVEN
from igniteflow_core.ingestion.rules import value_of
from igniteflow_core.ingestion.tables import JudgedTable, judge_table
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.values.form import PLAIN, ValueForm
from igniteflow_core.values.rules import DEGREES, Clock


def judge_entities(
    raw: DataFrame, contract: TableContract, clock: Clock, form: ValueForm = PLAIN
) -> JudgedTable:
    """Validate every row of ``raw``, which has the columns of CUSTOMERS or TERMINALS as text.

    An entity may have no position. Half of a position is rejected as ``incomplete_position``, and
    positions both on a plane and in degrees as ``two_positions``.
    """
    x, y, latitude, longitude = (F.col(value_of(name)) for name in GIVEN)
    judged = judge_table(
        raw,
        contract,
        clock,
        form,
        rules={
            "incomplete_position": (x.isNull() != y.isNull())
            | (latitude.isNull() != longitude.isNull()),
            "two_positions": x.isNotNull() & latitude.isNotNull(),
            **{
                f"{name}_out_of_range": F.abs(F.col(value_of(name))) > limit
                for name, limit in DEGREES.items()
            },
        },
    )
    kilometres = {value_of(name): F.col(value_of(name)) * form.kilometres_per_unit for name in "xy"}
    return replace(judged, rows=judged.rows.withColumns(kilometres))
