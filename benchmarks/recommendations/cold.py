"""New users, of whom 0, 1, 5 or 10 likes are known, and new items, which nobody has liked."""

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
KNOWN_LIKES = (0, 1, 3, 5, 10)


def measure_new_users(spark: SparkSession, world: World) -> None:
    """Models are trained without a fifth of the users, who then come with a few likes each."""
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
    """Models are trained without any like of a tenth of the items, which then compete."""
    item_ids = np.array(world.items.select("item_id").toArrow()["item_id"].to_pylist())
    new = spark.createDataFrame([(name,) for name in chosen_share(np.sort(item_ids), 0.1, 1)],
                                "item_id string").persist()  # fmt: skip
    fitted = fit_all(
        world.trained_on(
            world.split.train.join(new, "item_id", "anti"), world.split.holdout.join(new, "item_id")
        ),
        baselines=False,
    )
    evaluations = evaluate_new_items(fitted.hybrid, fitted.holdout, K)
    counts = np.bincount(
        fitted.holdout.relevant.indices, minlength=fitted.holdout.relevant.shape[1]
    )
    rows = []
    for name, evaluation in evaluations.items():
        interval = bootstrap_interval(evaluation.user_metrics["ndcg"], 7)
        rows.append(
            {
                "model": name,
                "nDCG@10": f"{interval.mean:.3f} ({interval.low:.3f} to {interval.high:.3f})",
                "hybrid minus it": gains(evaluations, "ndcg", 7)[name],
            }
        )
    print(f"\n### {int((counts > 0).sum())} new items among themselves, "
          f"{len(evaluations['hybrid'].hit):,} users\n")  # fmt: skip
    show(pd.DataFrame(rows))
