"""Accepted and quarantined users and items."""

from igniteflow_assets.delivered_tables import delivered_table
from igniteflow_core.schemas.interactions import EVENTS, ITEMS, RATINGS, USERS

validated_users = delivered_table(USERS, derived_from=[RATINGS, EVENTS])
validated_items = delivered_table(ITEMS, derived_from=[RATINGS, EVENTS])
