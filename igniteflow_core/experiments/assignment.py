"""Assigns users to experiments and variants by a hash, without state."""

import hashlib

from igniteflow_core.config.experiments import ExperimentSettings

_BUCKETS = 2**64


def bucket(salt: str, user_id: str) -> float:
    """A number in [0, 1) that is uniform over users and independent between salts."""
    digest = hashlib.blake2b(
        user_id.encode(), digest_size=8, key=hashlib.sha256(salt.encode()).digest()
    ).digest()
    return int.from_bytes(digest, "big") / _BUCKETS


def assign(experiment: ExperimentSettings, user_id: str, segment: str | None = None) -> str | None:
    """The variant of a user, or None for a user who does not take part.

    Whether a user takes part and which variant they get come from two independent hashes, so that
    a higher percentage adds users and reassigns none, and experiments are independent.

    Args:
        experiment: the definition; its period is ignored.
        user_id: the user to assign.
        segment: the user's segment, for an experiment on some segments only.
    """
    if experiment.segments and segment not in experiment.segments:
        return None
    if bucket(f"{experiment.name}/traffic", user_id) >= experiment.percentage / 100:
        return None
    place, upper = bucket(f"{experiment.name}/variant", user_id), 0.0
    for variant, share in experiment.variants.items():
        upper += share
        if place < upper:
            return variant
    return variant  # the shares add up to 1 except for rounding
