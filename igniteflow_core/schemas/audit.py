"""Contract of the audit log."""

from igniteflow_core.schemas.contract import Column, TableContract

AUDIT_LOG = TableContract(
    name="audit_log",
    description="Every materialization and check result, with its actor; each entry is sealed "
    "with the hash of the previous one",
    columns=(
        Column(name="sequence", type="bigint", description="Position in the chain, from 1"),
        Column(name="event_id", type="string", description="Unique identifier of the event"),
        Column(
            name="happened_at",
            type="bigint",
            unit="microseconds since 1970, UTC",
            description="Time of the event; a number, so that it is hashed as it is stored",
        ),
        Column(name="event", type="string", description="materialized, check passed, check failed"),
        Column(name="subject", type="string", description="Asset, or asset: check"),
        Column(name="run_id", type="string", description="Dagster run; empty without one"),
        Column(name="job", type="string", description="Job of the run"),
        Column(name="actor", type="string", description="Schedule, sensor or person"),
        Column(name="code_version", type="string", description="Version of IgniteFlow in the run"),
        Column(name="model_version", type="string", nullable=True, description="Registry version"),
        Column(name="facts", type="string", description="Metadata of the event, as JSON"),
        Column(name="previous_hash", type="string", description="SHA-256 of the previous entry"),
        Column(name="hash", type="string", description="SHA-256 of this entry"),
    ),
    key=("sequence",),
    append_only=True,
)
