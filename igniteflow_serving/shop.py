"""The shop's rules as they are now, over the items of any model."""

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
"""How long something that has sold out may still be shown, besides what writes the store."""

_log = logging.getLogger("igniteflow.serving")


@dataclass(frozen=True)
class _Catalogue:
    """A catalogue with the rules that were worked out over it; replaced as a whole."""

    as_of: int
    items: pa.Table
    rules: dict[str, ShopRules]


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
        self._catalogue: _Catalogue | None = None

    def refresh(self, serving: Mapping[str, NDArray[np.str_]]) -> None:
        """Read the catalogue, if it has changed, and work out its rules before they are asked for.

        Args:
            serving: the catalogue of each version that serves, as for ``rules``.
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
        """The rules over the items of this version of the model, None before there is a catalogue.

        The first call for a version works them out, so call it outside the event loop.

        Args:
            version: of the model.
            item_ids: (items,) its catalogue, sorted and unique.
        """
        catalogue = self._catalogue
        if catalogue is None:
            return None
        if version not in catalogue.rules:
            catalogue.rules[version] = shop_rules(catalogue.items, item_ids, self._settings)
        return catalogue.rules[version]
