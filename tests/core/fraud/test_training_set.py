from datetime import date, timedelta

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from igniteflow_core.config.fraud import EntitySettings, FraudSettings
from igniteflow_core.errors import InsufficientDataError, PermanentError
from igniteflow_core.features.contract import FRAUD_FEATURES_TABLE
from igniteflow_core.fraud.training import training_set

pytestmark = pytest.mark.spark

# Nine days in all: three, a gap of one, two, a gap of one, two.
SETTINGS = FraudSettings(label_delay_days=1, train_days=3, validation_days=2, test_days=2)
DAYS = [date(2025, 3, 1) + timedelta(days=number) for number in range(12)]


def features(spark, days: list[date]) -> DataFrame:
    """A transaction a day."""
    rows = spark.createDataFrame([(day.isoformat(), day) for day in days], "id string, day date")
    own = {"transaction_id": F.col("id"), "event_date": F.col("day")}
    return rows.select(
        *(
            own.get(column.name, F.lit(None).cast(column.type)).alias(column.name)
            for column in FRAUD_FEATURES_TABLE.columns
        )
    )


def transactions(spark, labelled: int) -> DataFrame:
    """The labels of so many days are known, the others have not come yet."""
    rows = [(day.isoformat(), day, 0 if at < labelled else None) for at, day in enumerate(DAYS)]
    return spark.createDataFrame(rows, "transaction_id string, event_date date, is_fraud int")


def days_of(frame: DataFrame) -> list[date]:
    return sorted(row["event_date"] for row in frame.collect())


def test_the_windows_end_on_the_newest_day_and_reach_back_by_their_lengths(spark):
    chosen = training_set(features(spark, DAYS), transactions(spark, labelled=12), SETTINGS)
    assert days_of(chosen) == DAYS[3:]


def test_labels_that_have_not_come_shift_the_windows_and_shorten_none(spark):
    chosen = training_set(features(spark, DAYS), transactions(spark, labelled=10), SETTINGS)
    assert days_of(chosen) == DAYS[1:10]


def test_too_few_labelled_days_are_refused_with_how_many_are_missing(spark):
    with pytest.raises(InsufficientDataError, match="1 more days"):
        training_set(features(spark, DAYS), transactions(spark, labelled=8), SETTINGS)


def test_features_of_an_entity_that_were_never_computed_are_named(spark):
    entity = EntitySettings(name="pair", columns=("customer_id", "terminal_id"))
    declared = SETTINGS.model_copy(update={"entities": (entity,)})
    with pytest.raises(PermanentError, match="pair_count_1h"):
        training_set(features(spark, DAYS), transactions(spark, labelled=12), declared)


def test_without_any_label_there_is_nothing_to_train_on(spark):
    with pytest.raises(InsufficientDataError, match="no labels"):
        training_set(features(spark, DAYS), transactions(spark, labelled=0), SETTINGS)
