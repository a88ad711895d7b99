"""Accepted and quarantined customers and terminals."""

from igniteflow_assets.delivered_tables import delivered_table
from igniteflow_core.schemas.transactions import CUSTOMERS, TERMINALS, TRANSACTIONS

validated_customers = delivered_table(CUSTOMERS, derived_from=[TRANSACTIONS])
validated_terminals = delivered_table(TERMINALS, derived_from=[TRANSACTIONS])
