"""Contracts of A/B tests: who was shown what, what came of it, and the report."""

from igniteflow_core.schemas.contract import Column, TableContract
from igniteflow_core.schemas.quarantine import quarantine_of

EXPOSURES = TableContract(
    name="exposures",
    description="Who was shown which variant of which experiment, and when",
    columns=(
        Column(name="experiment", type="string", description="Name of the experiment"),
        Column(name="variant", type="string", description="What was shown"),
        Column(name="user_id", type="string", description="To whom"),
        Column(name="event_time", type="timestamp", unit="UTC", description="When it was shown"),
    ),
    key=("experiment", "variant", "user_id", "event_time"),
)

OUTCOMES = TableContract(
    name="outcomes",
    description="What people did, in figures that experiments measure",
    columns=(
        Column(name="event_id", type="string", description="Id of the event"),
        Column(name="user_id", type="string", description="Who did it"),
        Column(name="metric", type="string", description="Name of the metric"),
        Column(name="value", type="double", description="What it adds to the user's metric"),
        Column(name="event_time", type="timestamp", unit="UTC", description="When it happened"),
    ),
    key=("event_id",),
)

QUARANTINED_EXPOSURES = quarantine_of(EXPOSURES)
QUARANTINED_OUTCOMES = quarantine_of(OUTCOMES)

EXPERIMENT_REPORT = TableContract(
    name="experiment_report",
    description="What each treatment changed, whether that is certain, and what to do",
    columns=(
        Column(name="experiment", type="string", description="Name of the experiment"),
        Column(name="treatment", type="string", description="Variant compared with control"),
        Column(name="metric", type="string", description="Name of the metric"),
        Column(name="role", type="string", description="primary or guardrail"),
        Column(name="control_users", type="bigint", description="Users of control that count"),
        Column(name="treatment_users", type="bigint", description="Users of it that count"),
        Column(name="control_mean", type="double", description="Of the metric, a user"),
        Column(name="treatment_mean", type="double", description="Of the metric, a user"),
        Column(name="lift", type="double", nullable=True, description="Share above control"),
        Column(
            name="lift_low", type="double", nullable=True, description="End of its interval (once)"
        ),
        Column(
            name="lift_high", type="double", nullable=True, description="End of its interval (once)"
        ),
        Column(name="difference", type="double", description="Of the means"),
        Column(
            name="always_low", type="double", description="Of the difference, valid at every look"
        ),
        Column(
            name="always_high", type="double", description="Of the difference, valid at every look"
        ),
        Column(name="p_value", type="double", description="For one look planned beforehand"),
        Column(name="always_p_value", type="double", description="Valid at every look"),
        Column(name="state", type="string", description="better, worse, safe, broken or open"),
        Column(name="sample_ratio_p_value", type="double", description="Of the planned shares"),
        Column(
            name="decision",
            type="string",
            description="ship, stop, continue, no_difference or invalid",
        ),
        Column(name="reason", type="string", description="Why"),
        Column(
            name="outcomes_until",
            type="timestamp",
            unit="UTC",
            description="Outcomes are known up to then",
        ),
        Column(
            name="waiting_users",
            type="bigint",
            description="Exposed users of the experiment whose outcomes are not complete by then",
        ),
    ),
    key=("experiment", "treatment", "metric"),
)
