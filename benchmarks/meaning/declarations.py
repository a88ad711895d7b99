"""The declarations of a delivery in the settings: format, encoding, names and zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from igniteflow_core.config.sources import SourceSettings

OWN_NAMES = {
    "transaction_id": "TX",
    "event_time": "When",
    "customer_id": "card no.",
    "terminal_id": "terminal",
    "amount": "Sum",
    "is_fraud": "fraud",
}


@dataclass(frozen=True)
class Declaration:
    """One way to describe a source of transactions.

    Attributes:
        format: of the files.
        zone: of times that state none.
        separator: of delimited text.
        encoding: of delimited text.
    """

    format: str
    zone: ZoneInfo
    separator: str = ","
    encoding: str = "utf-8"

    @property
    def names(self) -> Mapping[str, str]:
        """Return the source's name of each column."""
        return OWN_NAMES

    @property
    def source(self) -> SourceSettings:
        """Return the settings of the source: one folder per day, with any file names."""
        text = {"separator": self.separator, "encoding": self.encoding}
        return SourceSettings.model_validate(
            {"format": self.format, "path": "{date}", "columns": OWN_NAMES}
            | (text if self.format == "csv" else {})
        )


_UTC, _BERLIN, _NEW_YORK = map(ZoneInfo, ("UTC", "Europe/Berlin", "America/New_York"))
_KOLKATA = ZoneInfo("Asia/Kolkata")

DECLARATIONS = (
    Declaration("csv", _UTC),
    Declaration("csv", _BERLIN, separator=";", encoding="cp1252"),
    Declaration("csv", _NEW_YORK, separator="\t", encoding="utf-16"),
    Declaration("csv", _KOLKATA, separator="|"),
    Declaration("json", _BERLIN),
    Declaration("json", _NEW_YORK),
    Declaration("parquet", _UTC),
    Declaration("parquet", _BERLIN),
    Declaration("parquet", _NEW_YORK),
)
