"""The current rules of the shop, for the items of any model version."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
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
"""Maximum delay until a change of the catalogue in the store takes effect."""

_log = logging.getLogger("igniteflow.serving")


@dataclass(frozen=True)
class _Catalogue:
    """A catalogue with its computed rules; replaced as a whole."""

    as_of: int
    items: pa.Table
    rules: dict[str, ShopRules]


class Shop:
    """Follows the catalogue in the online store.

    If the catalogue cannot be read, the failure is counted and the previous catalogue stays in
    use. Before the first catalogue is read, all items may be shown.

    Args:
        store: contains the catalogue.
        settings: settings of the rules.
    """

    def __init__(self, store: OnlineStore, settings: RuleSettings) -> None:
        self._store = store
        self._settings = settings
        self._catalogue: _Catalogue | None = None

    def refresh(self, serving: Mapping[str, NDArray[np.str_]]) -> None:
        """Read the catalogue if it has changed, and compute its rules in advance.

        Args:
            serving: item ids of each version that serves, as for ``rules``.
        """
        before = self._catalogue
        try:
            stored = self._store.read([CATALOGUE]).states[0]
            if stored is not None and (before is None or stored.as_of != before.as_of):
                items = catalogue_items(stored)
                rules = {
                    version: shop_rules(items, item_ids, self._settings)
                    for version, item_ids in serving.items()
                }
                self._catalogue = _Catalogue(stored.as_of, items, rules)
        except IgniteFlowError:
            ONLINE_READS_TOTAL.labels("catalogue", "failed").inc()
            _log.exception("the catalogue cannot be read")
        else:
            ONLINE_READS_TOTAL.labels("catalogue", "fresh" if stored else "absent").inc()

    def rules(self, version: str, item_ids: NDArray[np.str_]) -> ShopRules | None:
        """Return the rules for the items of a model version, or None without a catalogue.

        The first call for a version computes the rules, so call it outside the event loop.

        Args:
            version: version of the model.
            item_ids: (items,) the model's item ids, sorted and unique.
        """
        catalogue = self._catalogue
        if catalogue is None:
            return None
        if version not in catalogue.rules:
            catalogue.rules[version] = shop_rules(catalogue.items, item_ids, self._settings)
        return catalogue.rules[version]
