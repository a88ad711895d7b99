"""The shop's rules as they are now, over the items of any model."""

import asyncio
import logging
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from igniteflow_core.config.recommendations import RuleSettings
from igniteflow_core.errors import IgniteFlowError
from igniteflow_core.online.catalogue import CATALOGUE, catalogue_items
from igniteflow_core.online.store import OnlineStore
from igniteflow_core.recommendations.rules import ShopRules, shop_rules
from igniteflow_core.telemetry.metrics import ONLINE_READS_TOTAL

FOLLOW_SECONDS: Final = 60.0
"""How long something that has sold out may still be shown, besides what writes the store."""

_log = logging.getLogger("igniteflow.serving")


class Shop:
    """Follows the catalogue in the online store.

    A catalogue that cannot be read is counted and leaves the one before in place. Before there is
    any, everything may be shown.

    Args:
        store: holds the catalogue.
        settings: of the rules.
    """

    def __init__(self, store: OnlineStore, settings: RuleSettings) -> None:
        self._store = store
        self._settings = settings
        self._as_of: int | None = None
        self._items: pa.Table | None = None
        self._rules: dict[str, ShopRules] = {}

    def refresh(self) -> None:
        """Read the catalogue, if it has changed."""
        try:
            stored = self._store.read([CATALOGUE]).states[0]
            if stored is not None and stored.as_of != self._as_of:
                self._items = catalogue_items(stored)
                self._as_of = stored.as_of
                self._rules = {}
        except IgniteFlowError:
            ONLINE_READS_TOTAL.labels("catalogue", "failed").inc()
            _log.exception("the catalogue cannot be read")
        else:
            ONLINE_READS_TOTAL.labels("catalogue", "fresh" if stored else "absent").inc()

    async def follow(self, every_seconds: float) -> None:
        """Refresh for ever."""
        while True:
            await asyncio.sleep(every_seconds)
            await asyncio.to_thread(self.refresh)

    def rules(self, version: str, item_ids: NDArray[np.str_]) -> ShopRules | None:
        """The rules over the items of this version of the model, None before there is a catalogue.

        Args:
            version: of the model.
            item_ids: (items,) its catalogue, sorted and unique.
        """
        items, known = self._items, self._rules
        if items is None:
            return None
        if version not in known:
            known[version] = shop_rules(items, item_ids, self._settings)
        return known[version]
