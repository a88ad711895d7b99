"""Restores a table in a run, so that the user and the reason are in the audit log."""

from datetime import datetime

import dagster as dg

from igniteflow_core.errors import ConfigurationError
from igniteflow_resources.lake.history import restore_table as restore
from igniteflow_resources.lake.tables import LakeResource


class RestoreConfig(dg.Config):
    """The table to restore, and either a version or a time (ISO 8601 with an offset)."""

    table: str
    reason: str
    version: int | None = None
    timestamp: str | None = None

    def target(self) -> int | datetime:
        """Return the version or the time.

        Raises:
            ConfigurationError: neither or both are given, or the time has no offset.
        """
        if (self.version is None) != (self.timestamp is None):
            if self.version is not None:
                return self.version
            time = _time(str(self.timestamp))
            if time is not None and time.tzinfo is not None:
                return time
        raise ConfigurationError(
            f"version {self.version} and timestamp {self.timestamp} do not identify a version",
            where=f"restore of {self.table}",
            fix="give a version, or a time with an offset such as 2025-03-01T08:00:00Z; "
            f"igniteflow table history {self.table} lists the versions",
        )


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


@dg.op(description="Restore the rows and columns of an earlier version of the table")
def restore_table(
    context: dg.OpExecutionContext, config: RestoreConfig, lake: LakeResource
) -> None:
    """Restore the table, and record a materialization of it."""
    restored = restore(lake, config.table, config.target())
    context.log_event(
        dg.AssetMaterialization(
            config.table,
            description=f"Restored to version {restored.to_version}: {config.reason}",
            metadata={
                "restored_from_version": restored.from_version,
                "restored_to_version": restored.to_version,
                "delta_version": restored.version,
                "reason": config.reason,
                "dagster/row_count": lake.read(config.table).count(),
            },
        )
    )


@dg.job(description="Restore a table to an earlier version")
def table_restore_job() -> None:
    """Run one step, whose config has the table, the version and the reason."""
    restore_table()
