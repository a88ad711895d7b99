"""Run it::

python -m benchmarks.fraud_quality [--sparkov FILE | --shop]
    [--variants | --declared | --entity-costs]
"""

import argparse
import time
from datetime import date
from pathlib import Path

import pandas as pd

from benchmarks.fraud_quality.data import (
    SPARKOV_ENTITIES,
    SPARKOV_OWN,
    labelled_features,
    sparkov_features,
)
from benchmarks.fraud_quality.declared import print_declared
from benchmarks.fraud_quality.entities import print_entity_costs
from benchmarks.fraud_quality.shop import SHOP_ENTITIES, SHOP_OWN, shop_features
from benchmarks.fraud_quality.variants import print_variants
from igniteflow_core.config.fraud import FraudSettings
from igniteflow_core.config.load import load_settings
from igniteflow_core.features.declared import declared_entities
from igniteflow_core.fraud.comparison import ENSEMBLE
from igniteflow_core.fraud.prequential import evaluate_prequentially
from igniteflow_core.fraud.segments import segment_table
from igniteflow_core.schemas.own_columns import OwnColumns


def main() -> None:
    """Print the metrics of the models, by week and by segment, and optionally of variants."""
    parser = argparse.ArgumentParser(prog="benchmarks.fraud_quality")
    parser.add_argument("--train-days", type=int, default=7)
    parser.add_argument("--folds", type=int, default=4, help="weeks to test on")
    parser.add_argument(
        "--last-day", type=date.fromisoformat, help="the last test day, instead of the newest"
    )
    parser.add_argument(
        "--sparkov",
        type=Path,
        help="a CSV file of the Sparkov generator, not the settings' sources",
    )
    parser.add_argument("--shop", action="store_true", help="generated orders of an online shop")
    parser.add_argument(
        "--declared", action="store_true", help="with and without own columns and entities"
    )
    parser.add_argument(
        "--entity-costs", action="store_true", help="cost of each entity of the shop"
    )
    parser.add_argument(
        "--variants", action="store_true", help="compare treatments of the class imbalance"
    )
    chosen = parser.parse_args()
    settings = load_settings()
    fraud = settings.fraud.model_copy(
        update={"train_days": chosen.train_days, "prequential_folds": chosen.folds}
    )
    own: OwnColumns = settings.sources.own_columns
    entities = fraud.entities
    fraud = fraud.model_copy(update={"entities": ()})
    if chosen.entity_costs:
        print_entity_costs(fraud)
        return
    if chosen.sparkov:
        own, entities = SPARKOV_OWN, SPARKOV_ENTITIES if chosen.declared else ()
        frame = sparkov_features(
            chosen.sparkov, fraud.label_delay_days, declared_entities(entities, own)
        )
    elif chosen.shop:
        own, entities = SHOP_OWN, SHOP_ENTITIES if chosen.declared else ()
        frame = shop_features(fraud.label_delay_days, declared_entities(entities, own))
    else:
        frame = labelled_features(settings)
    if chosen.last_day:
        frame = frame[frame["event_date"] <= chosen.last_day]
    print(
        f"{len(frame):,} transactions, {frame['is_fraud'].mean():.3%} fraud, "
        f"{fraud.train_days} days of training, labels after {fraud.label_delay_days} days"
    )
    if chosen.declared:
        print_declared(frame, fraud, own, entities)
    elif chosen.variants:
        print_variants(frame, fraud)
    else:
        _compare(frame, fraud)


def _compare(frame: pd.DataFrame, settings: FraudSettings) -> None:
    start = time.perf_counter()
    result = evaluate_prequentially(
        frame, settings, lambda windows: print(f"testing from {windows.test.first_day}", flush=True)
    )
    seconds = time.perf_counter() - start
    print(f"\n## {len(result.folds)} weekly folds, {seconds:.0f} s\n")
    print(result.table().to_markdown(index=False, floatfmt=".3f"))
    print("\n## Average precision by week\n")
    print(result.by_fold().to_markdown(index=False, floatfmt=".3f"))
    print("\n## The ensemble by segment\n")
    segments = segment_table(result.test_rows, result.scores_of(ENSEMBLE), result.thresholds)
    print(segments.to_markdown(index=False, floatfmt=".3f"))


if __name__ == "__main__":
    main()
