"""Users and the catalogue to trust, and the rows that are not."""

from igniteflow_assets.delivered_tables import delivered_table
from igniteflow_core.schemas.interactions import ITEMS, USERS

validated_users = delivered_table(USERS)
validated_items = delivered_table(ITEMS)
