"""Two runs of the same days at the same time, as a schedule and a person may start them."""

from benchmarks.chaos.campaign import Campaign
from benchmarks.chaos.under_load import left_in_peace, lost_for_good, runs_of

_FAULT = "run twice at once"
_ASSETS = [
    "raw_transactions",
    "transactions",
    "quarantined_transactions",
    "customers",
    "quarantined_customers",
]


def twice_at_once(campaign: Campaign) -> None:
    """Each of the two ends well, or by an error that says that another try is worth it."""
    campaign.copy_of_reference()
    variables = campaign.variables()
    start = campaign.runs_of(_ASSETS, variables)
    with runs_of(_ASSETS, variables) as start_other:
        # Whoever is first to begin has the longer way, so each is warm before they meet.
        left_in_peace(start())
        left_in_peace(start_other())
        for _ in campaign.numbers():
            both = start(), start_other()
            lost = [each for run in both for each in lost_for_good(run)]
            campaign.ledger.add(_FAULT, "the daily tables", "; ".join(lost))
        left_in_peace(start())
    campaign.compare(_FAULT)
