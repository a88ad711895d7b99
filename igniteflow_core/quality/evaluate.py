"""Runs expectations of Great Expectations on a frame, in pandas if it fits on the driver."""

from collections.abc import Sequence
from typing import cast

import great_expectations as gx
from great_expectations.core import ExpectationValidationResult
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations.datasource.fluent.pandas_datasource import PandasDatasource
from great_expectations.datasource.fluent.spark_datasource import SparkDatasource
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from pyspark.sql import DataFrame

from igniteflow_core.errors import QualityRuleError
from igniteflow_core.quality.expectations import RULE_NAME

DRIVER_CELLS = 10_000_000
"""Rows times columns up to which a frame is checked in pandas on the driver.

Great Expectations starts several Spark jobs for each expectation, so that pandas is several times
faster; a frame that is larger stays in Spark.
"""

_SAMPLED_VIOLATIONS = 50


def evaluate(
    checked: DataFrame, row_count: int, expectations: Sequence[Expectation]
) -> dict[str, ExpectationValidationResult]:
    """The results of the expectations on the ``row_count`` rows of ``checked``, by rule name.

    The context is ephemeral: nothing is written and nothing is sent.

    Raises:
        QualityRuleError: an expectation could not be evaluated.
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source: PandasDatasource | SparkDatasource
    if row_count * len(checked.columns) <= DRIVER_CELLS:
        # Integers with gaps stay integers, as doubles could make two large keys equal.
        data = checked.toArrow().to_pandas(integer_object_nulls=True)
        source = context.data_sources.add_pandas(name="batch")
    else:
        data = checked
        source = context.data_sources.add_spark(name="batch", persist=False)
    definition = source.add_dataframe_asset(name="rows").add_batch_definition_whole_dataframe("all")
    outcome = definition.get_batch(batch_parameters={"dataframe": data}).validate(
        gx.ExpectationSuite(name="rules", expectations=list(expectations)),
        result_format={
            "result_format": "BASIC",
            "partial_unexpected_count": _SAMPLED_VIOLATIONS,
        },
    )
    return {_evaluated_rule(result): result for result in outcome.results}


def _evaluated_rule(result: ExpectationValidationResult) -> str:
    """The name of the rule of the result, unless its evaluation raised an exception."""
    configuration = cast("ExpectationConfiguration", result.expectation_config)
    name = str(configuration.meta[RULE_NAME])
    info = result.exception_info
    # A result without failures has a single description; failures are keyed by metric.
    failures = [info] if "raised_exception" in info else list(info.values())
    messages = [
        str(failure["exception_message"]) for failure in failures if failure["raised_exception"]
    ]
    if messages:
        raise QualityRuleError(
            f"Great Expectations could not evaluate rule {name}: {messages[0]}",
            where=f"{configuration.type} with {configuration.kwargs}",
            fix="Correct the rule in the quality settings of this table",
        )
    return name
