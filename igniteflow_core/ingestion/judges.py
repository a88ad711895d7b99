"""Selects the validation rules of each table that is delivered as a whole."""

from collections.abc import Sequence

from pyspark.sql import DataFrame

from igniteflow_core.ingestion.entities import judge_entities
from igniteflow_core.ingestion.interactions import judge_events, judge_ratings
from igniteflow_core.ingestion.tables import JudgedTable, judge_table
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.schemas.interactions import EVENTS, RATINGS
from igniteflow_core.schemas.transactions import CUSTOMERS, TERMINALS
from igniteflow_core.values.form import ValueForm
from igniteflow_core.values.rules import Clock


def judge_delivered(
    raw: DataFrame,
    contract: TableContract,
    clock: Clock,
    form: ValueForm,
    *,
    event_types: Sequence[str],
) -> JudgedTable:
    """Validate every row of a table by its contract and by the table's own rules.

    Args:
        raw: result of ``igniteflow_core.ingestion.tables.read_whole``.
        contract: contract of the table.
        clock: rules for the event times of the delivery.
        form: form of the source's values.
        event_types: allowed types of events.
    """
    if contract.name == RATINGS.name:
        return judge_ratings(raw, clock, form)
    if contract.name == EVENTS.name:
        return judge_events(raw, clock, event_types, form)
    if contract.name in {CUSTOMERS.name, TERMINALS.name}:
        return judge_entities(raw, contract, clock, form)
    return judge_table(raw, contract, clock, form)
