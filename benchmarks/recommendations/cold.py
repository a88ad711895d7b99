"""Cold start: new users with 0, 1, 5 or 10 known likes, and new items without likes."""

import numpy as np
import pandas as pd
from pyspark.sql import SparkSession

from benchmarks.recommendations.models import fit_all
from benchmarks.recommendations.quality import K, gains, show
from benchmarks.recommendations.world import World, chosen_share
from igniteflow_core.recommendations.blend_weights import cut_histories
from igniteflow_core.recommendations.evaluation import bootstrap_interval, evaluate
from igniteflow_core.recommendations.holdout import evaluate_new_items
from igniteflow_core.recommendations.matrix import history_sizes

NEW_SHARE = 0.2
NEW_ITEM_DRAWS = 5
SEED = 7
KNOWN_LIKES = (0, 1, 3, 5, 10)


def measure_new_users(spark: SparkSession, world: World) -> None:
    """Train models without a fifth of the users, and evaluate these with a few likes each."""
    user_ids = np.array(
        world.interactions.select("user_id").distinct().toArrow()["user_id"].to_pylist()
    )
    new = spark.createDataFrame([(name,) for name in chosen_share(np.sort(user_ids), NEW_SHARE, 1)],
                                "user_id string").persist()  # fmt: skip
    train = world.split.train.join(new, "user_id", "anti")
    fitted = fit_all(world.trained_on(train, world.interactions.join(new, "user_id")),
                     baselines=False)  # fmt: skip
    hybrid, holdout = fitted.hybrid, fitted.holdout
    everything = holdout.relevant
    chosen = np.flatnonzero(history_sizes(everything) > max(KNOWN_LIKES))
    everything = everything[chosen]
    order = np.random.default_rng(2).random(everything.nnz)
    segments = hybrid.members.popularity.segment_positions(holdout.segments[chosen])
    rows = []
    for likes in KNOWN_LIKES:
        known = cut_histories(everything, likes, order)
        left = (everything - known).tocsr()
        left.eliminate_zeros()
        evaluations = {
            name: evaluate(model, known, known, left, K, vectors=holdout.vectors, segments=segments)
            for name, model in {"hybrid": hybrid, **fitted.models}.items()
        }
        row: dict[str, object] = {"known likes": likes}
        for name, evaluation in evaluations.items():
            row[name] = float(evaluation.user_metrics["ndcg"].mean())
        row["hybrid minus popularity"] = gains(evaluations, "ndcg", 7)["popularity"]
        rows.append(row)
    print(f"\n### nDCG@{K} of {len(chosen):,} users that no model was trained on\n")
    show(pd.DataFrame(rows))


def measure_new_items(spark: SparkSession, world: World) -> None:
    """Evaluate the ranking of new items, for several draws of a tenth of the items.

    The choice of new items has more influence than the choice of users, so several draws are
    averaged: a user's metric is the mean over the draws in which they like a new item.
    """
    item_ids = np.sort(
        np.array(world.items.select("item_id").toArrow()["item_id"].to_pylist(), dtype=np.str_)
    )
    tenth = np.random.default_rng(1).permutation(len(item_ids)) % 10
    found: dict[str, list[pd.Series]] = {}
    for draw in range(NEW_ITEM_DRAWS):
        names = item_ids[tenth == draw].tolist()
        new = spark.createDataFrame([(name,) for name in names], "item_id string").persist()
        fitted = fit_all(
            world.trained_on(
                world.split.train.join(new, "item_id", "anti"),
                world.split.holdout.join(new, "item_id"),
            ),
            baselines=False,
        )
        judged = np.flatnonzero(history_sizes(fitted.holdout.of_new_items().relevant) > 0)
        for name, evaluation in evaluate_new_items(fitted.hybrid, fitted.holdout, K).items():
            by_user = pd.Series(evaluation.user_metrics["ndcg"], fitted.holdout.user_ids[judged])
            found.setdefault(name, []).append(by_user)
        new.unpersist()
    means = pd.DataFrame(
        {name: pd.concat(parts).groupby(level=0).mean() for name, parts in found.items()}
    )
    rows = []
    for name in means.mean().sort_values(ascending=False).index:
        own = bootstrap_interval(means[name].to_numpy(), SEED)
        gain = bootstrap_interval((means["hybrid"] - means[name]).to_numpy(), SEED)
        rows.append(
            {
                "model": name,
                "nDCG@10": f"{own.mean:.3f} ({own.low:.3f} to {own.high:.3f})",
                "hybrid minus it": f"{gain.mean:+.4f} ({gain.low:+.4f} to {gain.high:+.4f})",
            }
        )
    print(f"\n### New items among themselves: {NEW_ITEM_DRAWS} draws of a tenth of the items, "
          f"{len(means):,} users\n")  # fmt: skip
    show(pd.DataFrame(rows))
