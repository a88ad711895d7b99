"""Metrics of all models on the same held-out likes, with intervals over users."""

import time

import numpy as np
import pandas as pd
from pyspark.sql import SparkSession

from benchmarks.recommendations.models import fit_all
from benchmarks.recommendations.world import World
from igniteflow_core.recommendations.evaluation import (
    ModelEvaluation,
    bootstrap_interval,
    comparison_table,
    segment_table,
)

K = 10


def show(table: pd.DataFrame) -> None:
    print(table.to_markdown(index=False, floatfmt=".3f"), flush=True)


def gains(evaluations: dict[str, ModelEvaluation], metric: str, seed: int) -> dict[str, str]:
    """Return the mean difference of the hybrid to each model over users, with its interval."""
    ours = evaluations["hybrid"].user_metrics[metric]
    found = {}
    for name, evaluation in evaluations.items():
        interval = bootstrap_interval(ours - evaluation.user_metrics[metric], seed)
        found[name] = f"{interval.mean:+.3f} ({interval.low:+.3f} to {interval.high:+.3f})"
    return found


def measure_quality(spark: SparkSession, world: World) -> None:
    fitted = fit_all(world)
    popularity = fitted.hybrid.members.popularity
    segments = popularity.segment_positions(fitted.holdout.segments)
    evaluations, seconds = {}, {}
    for name, model in {"hybrid": fitted.hybrid, **fitted.models}.items():
        start = time.perf_counter()
        evaluations[name] = fitted.holdout.evaluate(model, K, segments)
        seconds[name] = time.perf_counter() - start
    table = comparison_table(evaluations, world.settings.seed)
    users = len(evaluations["hybrid"].hit)
    print(f"\n### {world.name}: quality at {K}, {users:,} users, seen items removed\n")
    show(
        pd.DataFrame(
            {
                "model": table["model"],
                "nDCG@10": _with_interval(table, "ndcg"),
                "hybrid minus it, nDCG": table["model"].map(
                    gains(evaluations, "ndcg", world.settings.seed)
                ),
                "MAP@10": _with_interval(table, "map"),
                "hybrid minus it, MAP": table["model"].map(
                    gains(evaluations, "map", world.settings.seed)
                ),
                "MAP by all likes": table["model"].map(_by_all_likes(evaluations)),
                "precision": table["precision"],
                "recall": table["recall"],
                "coverage": table["coverage"],
                "novelty": table["novelty"],
                "diversity": table["diversity"],
                "train s": table["model"].map(fitted.seconds),
                "top-10 s": table["model"].map(seconds),
            }
        )
    )
    by_history = segment_table(evaluations, world.settings.seed)
    print("\n### nDCG@10 by the number of training likes\n")
    show(by_history.pivot_table(index="model", columns="segment", values="ndcg").reset_index())
    shares = pd.DataFrame(
        np.round(fitted.hybrid.weights.known_items, 3),
        columns=["popularity", "content", "ALS", "EASE"],
    )
    shares.insert(0, "likes", fitted.hybrid.weights.sizes)
    print("\n### What the blend learned\n")
    show(shares)


def _by_all_likes(evaluations: dict[str, ModelEvaluation]) -> dict[str, float]:
    """MAP as the recommenders project has it: divided by all held-out likes, not by at most 10."""
    found = {}
    for name, each in evaluations.items():
        precision = np.cumsum(each.hit, axis=1) / np.arange(1, K + 1)
        found[name] = float(((precision * each.hit).sum(axis=1) / each.relevant_counts).mean())
    return found


def _with_interval(table: pd.DataFrame, metric: str) -> list[str]:
    return [
        f"{mean:.3f} ({low:.3f} to {high:.3f})"
        for mean, low, high in zip(
            table[metric], table[f"{metric}_low"], table[f"{metric}_high"], strict=True
        )
    ]
