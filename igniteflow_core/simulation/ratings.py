"""Ratings by users with tastes: clusters that like some genres and, within them, hidden styles.

The hidden styles are in no column, so ratings are more informative about an item than its genres.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from igniteflow_core.simulation.catalogue import GENRES, STYLES_PER_GENRE, Catalogue
from igniteflow_core.simulation.ids import numbered_ids
from igniteflow_core.simulation.seeding import generator
from igniteflow_core.simulation.settings import SimulationSettings

SEGMENTS = ("students", "families", "commuters", "film_club", "night_owls", "retired")
CLUSTERS_PER_SEGMENT = 4
FAVOURITE_GENRES = 3
SEGMENT_NOISE_SHARE = 0.2
SEGMENT_MISSING_SHARE = 0.02
SECOND_CLUSTER_WEIGHT = 0.25
# Effect of one unit of match on the log odds of watching, and on the rating in stars.
CHOICE_STRENGTH = 1.5
RATING_STRENGTH = 0.25
ACTIVITY_SPREAD = 1.1
CELLS_PER_BLOCK = 4_000_000


@dataclass(frozen=True)
class Audience:
    """Users as delivered, with hidden properties of the simulation.

    ``frame`` has user_id and segment, ``taste`` is (users, features) over the features of
    ``Catalogue``, ``cluster`` the main taste cluster and ``activity`` the number of ratings.
    """

    frame: pd.DataFrame
    taste: NDArray[np.float64]
    cluster: NDArray[np.int64]
    activity: NDArray[np.int64]


def draw_audience(settings: SimulationSettings) -> Audience:
    """Draw users in taste clusters; the delivered segment names groups of clusters, with noise."""
    rng = generator(settings.seed, "audience")
    users = settings.users
    clusters = len(SEGMENTS) * CLUSTERS_PER_SEGMENT
    cluster_taste = _cluster_tastes(rng, clusters)
    cluster = rng.integers(clusters, size=users)
    second = rng.integers(clusters, size=users)
    taste = (1 - SECOND_CLUSTER_WEIGHT) * cluster_taste[cluster]
    taste += SECOND_CLUSTER_WEIGHT * cluster_taste[second]
    taste += rng.normal(0, 0.3, taste.shape)

    stray = rng.random(users) < SEGMENT_NOISE_SHARE
    segment = np.where(stray, rng.integers(len(SEGMENTS), size=users), cluster % len(SEGMENTS))
    missing = rng.random(users) < SEGMENT_MISSING_SHARE
    activity = rng.lognormal(0, ACTIVITY_SPREAD, users)
    activity = np.rint(activity * settings.ratings / activity.sum())
    frame = pd.DataFrame(
        {
            "user_id": numbered_ids("U", np.arange(users)),
            "segment": pd.Series(np.array(SEGMENTS)[segment], dtype=object).mask(missing, None),
        }
    )
    return Audience(
        frame, taste, cluster, np.clip(activity, 1, max(1, settings.items // 2)).astype(np.int64)
    )


def draw_ratings(
    settings: SimulationSettings, catalogue: Catalogue, audience: Audience
) -> pd.DataFrame:
    """Ratings sorted by time: user_id, item_id, rating (1 to 5 whole stars), event_time (UTC).

    A user picks items without replacement with odds of popularity times exp(match), by the
    Gumbel top-k trick (Kool, van Hoof and Welling, 2019), in blocks of users that bound memory.
    """
    rng = generator(settings.seed, "ratings")
    block = max(1, CELLS_PER_BLOCK // settings.items)
    parts = [
        _rate(rng, catalogue, audience, np.arange(first, min(first + block, settings.users)))
        for first in range(0, settings.users, block)
    ]
    user, item, rating = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    # A user joins on some day of the first two thirds and rates from then on.
    joined = rng.uniform(0, 2 / 3, settings.users)[user]
    elapsed = joined + (1 - joined) * rng.random(len(user))
    seconds = (elapsed * settings.days * 24 * 3600).astype("timedelta64[s]")
    event_time = pd.DatetimeIndex(np.datetime64(settings.start_date, "us") + seconds)
    ratings = pd.DataFrame(
        {
            "user_id": audience.frame["user_id"].to_numpy()[user],
            "item_id": catalogue.frame["item_id"].to_numpy()[item],
            "rating": rating,
            "event_time": event_time.tz_localize("UTC"),
        }
    )
    return ratings.sort_values("event_time", kind="stable", ignore_index=True)


def _cluster_tastes(rng: np.random.Generator, clusters: int) -> NDArray[np.float64]:
    """The tastes of the clusters: a few genres, and within each genre some styles."""
    genre = rng.normal(0, 0.3, (clusters, len(GENRES)))
    favourites = np.argsort(rng.random(genre.shape), axis=1)[:, :FAVOURITE_GENRES]
    np.put_along_axis(genre, favourites, 1.5, axis=1)
    style = rng.normal(0, 1.2, (clusters, len(GENRES) * STYLES_PER_GENRE))
    return np.hstack([genre, style])


def _rate(
    rng: np.random.Generator, catalogue: Catalogue, audience: Audience, users: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """The users, items and stars of one block of users."""
    match = audience.taste[users] @ catalogue.features.T
    appeal = catalogue.log_popularity + CHOICE_STRENGTH * match + rng.gumbel(size=match.shape)
    order = np.argsort(-appeal, axis=1, kind="stable")
    row, rank = np.nonzero(np.arange(order.shape[1]) < audience.activity[users, None])
    item = order[row, rank]
    mood = rng.normal(2.9, 0.4, len(users))[row]
    stars = mood + catalogue.quality[item] + RATING_STRENGTH * match[row, item]
    stars += rng.normal(0, 0.9, len(item))
    return users[row], item, np.clip(np.rint(stars), 1, 5)
