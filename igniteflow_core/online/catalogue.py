"""The shop's catalogue in the online store, which the API needs for the shop's rules."""

from typing import Final

import pyarrow as pa

from igniteflow_core.arrow_bytes import table_from_bytes, table_to_bytes
from igniteflow_core.errors import PermanentError
from igniteflow_core.online.store import EntityKey, StoredState

CATALOGUE: Final = EntityKey("catalogue", "items")

_COLUMNS = ["item_id", "categories", "in_stock"]


def catalogue_state(items: pa.Table, *, as_of: int) -> StoredState:
    """The catalogue as stored: one state for all items, about 20 bytes per item.

    Args:
        items: as the contract ITEMS.
        as_of: UTC microseconds, later than that of the previous catalogue.
    """
    return StoredState(table_to_bytes(items.select(_COLUMNS)), as_of)


def catalogue_items(state: StoredState) -> pa.Table:
    """The item_id, categories and in_stock of every item.

    Raises:
        PermanentError: the state is not a catalogue.
    """
    try:
        items = table_from_bytes(state.payload).select(_COLUMNS)
        # Reading offsets outside of the buffers would crash the process.
        items.validate(full=True)
    except (pa.ArrowException, OSError, KeyError, UnicodeDecodeError) as error:
        raise PermanentError(
            "the catalogue in the online store cannot be read",
            where="online store",
            fix="materialize online_catalogue again",
        ) from error
    return items
