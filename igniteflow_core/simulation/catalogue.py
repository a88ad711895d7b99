"""The simulated catalogue: films with genres, titles made of their genres' words, hidden styles."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from igniteflow_core.simulation.ids import numbered_ids
from igniteflow_core.simulation.seeding import generator
from igniteflow_core.simulation.settings import SimulationSettings

GENRE_WORDS: dict[str, tuple[str, str]] = {
    "Action": (
        "Furious Relentless Explosive Rapid Armed Daring Unstoppable Burning",
        "Strike Pursuit Showdown Bullet Fist Ambush Getaway Overdrive",
    ),
    "Adventure": (
        "Lost Uncharted Wild Hidden Golden Distant Perilous Sunken",
        "Island Expedition Jungle Voyage Treasure Summit Compass River",
    ),
    "Comedy": (
        "Awkward Ridiculous Clumsy Accidental Cheerful Hopeless Crazy Lucky",
        "Neighbour Roommate Holiday Mix-Up Reunion Barbecue Prank Butler",
    ),
    "Crime": (
        "Crooked Guilty Corrupt Dirty Wanted Forged Ruthless Smuggled",  # codespell:ignore wanted
        "Heist Alibi Syndicate Verdict Informer Ransom Detective Vault",
    ),
    "Drama": (
        "Quiet Broken Tender Unspoken Fragile Fading Bitter Honest",
        "Winter Silence Daughter Promise Farewell Confession Inheritance Letter",
    ),
    "Family": (
        "Little Magical Curious Brave Happy Snowy Playful Tiny",
        "Puppy Treehouse Birthday Circus Kitten Toymaker Bear Farm",
    ),
    "Fantasy": (
        "Enchanted Cursed Ancient Silver Elven Mystic Eternal Forgotten",
        "Dragon Sorcerer Kingdom Throne Sword Prophecy Rune Griffin",
    ),
    "History": (
        "Royal Imperial Noble Revolutionary Colonial Medieval Victorian Roman",
        "Empire Crown Queen Rebellion Dynasty Treaty Cathedral Senate",
    ),
    "Horror": (
        "Haunted Bloody Screaming Rotten Possessed Nameless Crawling Dead",
        "Cellar Graveyard Asylum Nightmare Scream Corpse Ritual Doll",
    ),
    "Romance": (
        "Secret Endless Sweet Forbidden Summer Moonlit Beloved Parisian",
        "Kiss Wedding Heart Rose Waltz Proposal Sweetheart Serenade",
    ),
    "Science Fiction": (
        "Stellar Quantum Cybernetic Orbital Synthetic Lunar Galactic Parallel",
        "Android Colony Starship Signal Wormhole Nebula Algorithm Planet",
    ),
    "War": (
        "Fallen Besieged Wounded Marching Iron Captured Northern Last",
        "Battalion Trench Sniper Regiment Convoy Bunker Frontline Soldier",
    ),
}
GENRES = tuple(GENRE_WORDS)
STYLES_PER_GENRE = 4
GENRE_WEIGHTS = np.array([1.0, 0.6, 0.4])
NEW_ITEM_SHARE = 0.05
OUT_OF_STOCK_SHARE = 0.02


@dataclass(frozen=True)
class Catalogue:
    """Items as delivered, with hidden properties of the simulation.

    ``frame`` has item_id, title, categories and in_stock. ``features`` is (items, genres + genres *
    styles): the weights of an item's genres, then 1 at its hidden style within its main genre.
    ``log_popularity`` and ``quality`` (stars) have one value per item.
    """

    frame: pd.DataFrame
    features: NDArray[np.float64]
    log_popularity: NDArray[np.float64]
    quality: NDArray[np.float64]


def draw_catalogue(settings: SimulationSettings) -> Catalogue:
    """Draw items with two or three genres each, Zipf-like popularity and a few that are new."""
    rng = generator(settings.seed, "catalogue")
    count = settings.items
    rows = np.arange(count)
    genres = np.argsort(rng.random((count, len(GENRES))), axis=1)[:, :3]
    has_third = rng.random(count) < 0.5
    weights = np.tile(GENRE_WEIGHTS, (count, 1))
    weights[~has_third, 2] = 0.0

    features = np.zeros((count, len(GENRES) * (1 + STYLES_PER_GENRE)))
    features[rows[:, None], genres] = weights
    style = rng.integers(STYLES_PER_GENRE, size=count)
    features[rows, len(GENRES) + genres[:, 0] * STYLES_PER_GENRE + style] = 1.0

    log_popularity = -0.9 * np.log1p(rng.permutation(count))
    quality = 0.35 * rng.standard_normal(count) + 0.1 * (log_popularity - log_popularity.mean())
    log_popularity = log_popularity - 4.0 * (rng.random(count) < NEW_ITEM_SHARE)
    names = np.array(GENRES)
    frame = pd.DataFrame(
        {
            "item_id": numbered_ids("I", rows),
            "title": _titles(rng, genres),
            "categories": [
                sorted(names[row[:size]].tolist())
                for row, size in zip(genres, 2 + has_third, strict=True)
            ],
            "in_stock": generator(settings.seed, "stock").random(count) >= OUT_OF_STOCK_SHARE,
        }
    )
    return Catalogue(frame, features, log_popularity, quality)


def _titles(rng: np.random.Generator, genres: NDArray[np.int64]) -> pd.Series:
    """An adjective of one genre and a noun of another; repeated titles are numbered."""
    words = np.array([[part.split() for part in GENRE_WORDS[genre]] for genre in GENRES])
    count, choices = len(genres), words.shape[2]
    swap = rng.random(count) < 0.5
    first = words[np.where(swap, genres[:, 1], genres[:, 0]), 0, rng.integers(choices, size=count)]
    second = words[np.where(swap, genres[:, 0], genres[:, 1]), 1, rng.integers(choices, size=count)]
    article = np.where(rng.random(count) < 0.6, "The ", "")
    title = pd.Series(np.strings.add(np.strings.add(article, first), np.strings.add(" ", second)))
    sequel = title.groupby(title).cumcount() + 1
    return title.where(sequel == 1, title + " " + sequel.astype(str))
