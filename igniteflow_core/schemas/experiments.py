"""Contracts of A/B tests: exposures, outcomes and the report."""

from igniteflow_core.schemas.contract import Column, TableContract
from igniteflow_core.schemas.quarantine import quarantine_of

EXPOSURES = TableContract(
    name="exposures",
    description="Exposures of users to variants of experiments",
    columns=(
        Column(name="experiment", type="string", description="Name of the experiment"),
        Column(name="variant", type="string", description="Variant that was shown"),
        Column(name="user_id", type="string", description="User who was exposed"),
        Column(name="event_time", type="timestamp", unit="UTC", description="Time of the exposure"),
    ),
    key=("experiment", "variant", "user_id", "event_time"),
)

OUTCOMES = TableContract(
    name="outcomes",
    description="Actions of users, as values of the metrics that experiments measure",
    columns=(
        Column(name="event_id", type="string", description="Id of the event"),
        Column(name="user_id", type="string", description="User of the outcome"),
        Column(name="metric", type="string", description="Name of the metric"),
        Column(name="value", type="double", description="Value added to the user's metric"),
        Column(name="event_time", type="timestamp", unit="UTC", description="When it happened"),
    ),
    key=("event_id",),
)

QUARANTINED_EXPOSURES = quarantine_of(EXPOSURES)
QUARANTINED_OUTCOMES = quarantine_of(OUTCOMES)

EXPERIMENT_REPORT = TableContract(
    name="experiment_report",
    description="Effect of each treatment, its intervals, and the decision",
    columns=(
        Column(name="experiment", type="string", description="Name of the experiment"),
        Column(name="treatment", type="string", description="Variant compared with control"),
        Column(name="metric", type="string", description="Name of the metric"),
        Column(name="role", type="string", description="primary or guardrail"),
        Column(name="control_users", type="bigint", description="Users of control that count"),
        Column(name="treatment_users", type="bigint", description="Users of treatment that count"),
        Column(name="control_mean", type="double", description="Mean of the metric per user"),
        Column(name="treatment_mean", type="double", description="Mean of the metric per user"),
        Column(name="lift", type="double", nullable=True, description="Share above control"),
        Column(
            name="lift_low", type="double", nullable=True, description="End of its interval (once)"
        ),
        Column(
            name="lift_high", type="double", nullable=True, description="End of its interval (once)"
        ),
        Column(name="difference", type="double", description="Difference of the means"),
        Column(name="always_low", type="double", description="End of its interval (every look)"),
        Column(name="always_high", type="double", description="End of its interval (every look)"),
        Column(name="p_value", type="double", description="For a single planned look"),
        Column(name="always_p_value", type="double", description="Valid at every look"),
        Column(name="state", type="string", description="better, worse, safe, broken or open"),
        Column(name="sample_ratio_p_value", type="double", description="For the planned shares"),
        Column(
            name="decision",
            type="string",
            description="ship, stop, continue, no_difference or invalid",
        ),
        Column(name="reason", type="string", description="Reason for the decision"),
        Column(
            name="outcomes_until",
            type="timestamp",
            unit="UTC",
            description="Time up to which outcomes are known",
        ),
        Column(
            name="waiting_users",
            type="bigint",
            description="Exposed users whose outcomes are not complete by then",
        ),
    ),
    key=("experiment", "treatment", "metric"),
)
