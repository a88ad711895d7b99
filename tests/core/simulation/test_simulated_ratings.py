"""Simulated ratings: skewed, clustered, and with more to learn than genres and popularity."""

import numpy as np
import pandas as pd
import pytest

from igniteflow_core.simulation.catalogue import GENRE_WORDS, GENRES, Catalogue, draw_catalogue
from igniteflow_core.simulation.ratings import Audience, draw_audience, draw_ratings
from igniteflow_core.simulation.settings import SimulationSettings

SETTINGS = SimulationSettings()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return draw_catalogue(SETTINGS)


@pytest.fixture(scope="module")
def audience() -> Audience:
    return draw_audience(SETTINGS)


@pytest.fixture(scope="module")
def ratings(catalogue: Catalogue, audience: Audience) -> pd.DataFrame:
    return draw_ratings(SETTINGS, catalogue, audience)


@pytest.fixture(scope="module")
def halves(ratings: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Which user rated which item 3 or better: three quarters at random to learn from, the rest."""
    user = ratings["user_id"].str[1:].astype(int).to_numpy()
    item = ratings["item_id"].str[1:].astype(int).to_numpy()
    held_out = np.random.default_rng(0).random(len(ratings)) < 0.25
    liked = (ratings["rating"] >= 3).to_numpy()
    seen, hidden = np.zeros((2, SETTINGS.users, SETTINGS.items))
    seen[user[liked & ~held_out], item[liked & ~held_out]] = 1
    hidden[user[liked & held_out], item[liked & held_out]] = 1
    return seen, hidden


def mean_ndcg(scores: np.ndarray, seen: np.ndarray, hidden: np.ndarray) -> float:
    """nDCG@10 with binary gains, over the users with something hidden; the seen left out."""
    users = hidden.sum(axis=1) > 0
    top = np.argsort(-np.where(seen > 0, -np.inf, scores), axis=1, kind="stable")[users, :10]
    discount = 1 / np.log2(np.arange(2, 12))
    gained = np.take_along_axis(hidden[users], top, axis=1) @ discount
    best = np.cumsum(discount)[np.minimum(hidden[users].sum(axis=1), 10).astype(int) - 1]
    return float(np.mean(gained / best))


def test_ratings_are_whole_stars_in_the_period_once_per_user_and_item(ratings):
    assert set(ratings["rating"]) == {1.0, 2.0, 3.0, 4.0, 5.0}
    assert not ratings.duplicated(["user_id", "item_id"]).any()
    first, last = (pd.Timestamp(SETTINGS.dates[n], tz="UTC") for n in (0, -1))
    assert ratings["event_time"].dt.normalize().between(first, last).all()
    assert ratings["event_time"].dt.normalize().nunique() > 70
    assert len(ratings) == pytest.approx(SETTINGS.ratings, rel=0.05)


def test_activity_and_popularity_are_heavy_tailed(ratings):
    per_user = ratings.groupby("user_id").size()
    per_item = (
        ratings.groupby("item_id")
        .size()
        .reindex([f"I{n:07d}" for n in range(SETTINGS.items)], fill_value=0)
    )
    assert 0.01 < (per_user < 5).mean() < 0.2
    assert per_user.quantile(0.99) > 5 * per_user.median()
    top_tenth = per_item.nlargest(SETTINGS.items // 10).sum() / per_item.sum()
    assert 0.25 < top_tenth < 0.6
    assert 0.01 < (per_item < 5).mean() < 0.1


def test_items_have_two_or_three_genres_and_a_title_of_their_words(catalogue):
    frame = catalogue.frame
    assert set(frame["categories"].map(len)) == {2, 3}
    assert set(frame["categories"].explode()) == set(GENRES)
    assert frame["title"].is_unique
    for row in frame.itertuples():
        words = {
            word for genre in row.categories for part in GENRE_WORDS[genre] for word in part.split()
        }
        assert len(words & set(row.title.split())) == 2


def test_no_word_belongs_to_two_genres():
    words = [word for parts in GENRE_WORDS.values() for part in parts for word in part.split()]
    assert len(words) == len(set(words))


def test_users_of_one_cluster_choose_more_alike_than_others(audience, halves):
    seen, _ = halves
    active = seen.sum(axis=1) >= 20
    rows = seen[active] / np.linalg.norm(seen[active], axis=1, keepdims=True)
    alike = rows @ rows.T
    same = audience.cluster[active, None] == audience.cluster[active]
    np.fill_diagonal(alike, np.nan)
    assert np.nanmean(alike[same]) > 1.5 * np.nanmean(alike[~same])


def test_segments_tell_something_of_taste(audience):
    segment = audience.frame["segment"].to_numpy()
    known = pd.notna(segment)
    groups = pd.DataFrame(audience.taste[known]).groupby(segment[known])
    explained = groups.mean().var().sum() / pd.DataFrame(audience.taste).var().sum()
    assert groups.ngroups == 6
    assert explained > 0.02
    assert 0 < (~known).mean() < 0.05


def test_neighbours_beat_genres_and_popularity(catalogue, halves):
    seen, hidden = halves
    popularity = seen.sum(axis=0)
    together = seen.T @ seen
    norm = np.sqrt(np.maximum(popularity, 1))
    cosine = together / np.outer(norm, norm)
    np.fill_diagonal(cosine, 0)
    genres = np.array([[genre in row for genre in GENRES] for row in catalogue.frame["categories"]])
    genres = genres / np.linalg.norm(genres, axis=1, keepdims=True)

    by_popularity = mean_ndcg(np.tile(popularity, (SETTINGS.users, 1)), seen, hidden)
    by_neighbours = mean_ndcg(seen @ cosine, seen, hidden)
    by_genres = mean_ndcg((seen @ genres) @ genres.T, seen, hidden)
    assert by_neighbours > by_popularity + 0.05
    assert by_neighbours > by_genres + 0.1


def test_ratings_follow_what_is_liked(catalogue, audience, ratings):
    user = ratings["user_id"].str[1:].astype(int).to_numpy()
    item = ratings["item_id"].str[1:].astype(int).to_numpy()
    match = np.einsum("ij,ij->i", audience.taste[user], catalogue.features[item])
    assert np.corrcoef(match, ratings["rating"])[0, 1] > 0.15
    assert np.corrcoef(catalogue.quality[item], ratings["rating"])[0, 1] > 0.2
