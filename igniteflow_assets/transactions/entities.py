"""Card holders and points of sale to trust, and the rows that are not."""

from pyspark.sql import DataFrame

from igniteflow_assets.delivered_tables import Judge, delivered_table
from igniteflow_core.config.settings import Settings
from igniteflow_core.ingestion.entities import judge_entities
from igniteflow_core.ingestion.tables import JudgedTable
from igniteflow_core.schemas.contract import TableContract
from igniteflow_core.schemas.transactions import CUSTOMERS, TERMINALS, TRANSACTIONS
from igniteflow_core.values.form import ValueForm
from igniteflow_core.values.rules import Clock


def _judge(contract: TableContract) -> Judge:
    def judge(raw: DataFrame, clock: Clock, form: ValueForm, _: Settings) -> JudgedTable:
        return judge_entities(raw, contract, clock, form)

    return judge


validated_customers = delivered_table(CUSTOMERS, _judge(CUSTOMERS), derived_from=[TRANSACTIONS])
validated_terminals = delivered_table(TERMINALS, _judge(TERMINALS), derived_from=[TRANSACTIONS])
