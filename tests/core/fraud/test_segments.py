import numpy as np
import pandas as pd
import pytest

from igniteflow_core.errors import PermanentError
from igniteflow_core.fraud.segments import segment_table


@pytest.fixture
def rows() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "amount": [10.0, 20.0, 30.0, 40.0],
            "customer_count_30d": [1, 2, 9, 9],
            "customer_new_terminal": [1, 0, 0, 0],
            "terminal_fraud_count_30d": [0, 0, 0, 3],
            "is_night": [0, 0, 0, 0],
            "is_weekend": [1, 1, 0, 0],
            "is_fraud": [1, 0, 0, 1],
        }
    )


SCORES = np.array([0.2, 0.6, 0.1, 0.9])


def test_each_segment_counts_its_own_rows(rows):
    table = segment_table(rows, SCORES, 0.5).set_index("segment")
    assert table.loc["all", ["transactions", "frauds"]].tolist() == [4, 2]
    assert table.loc["new card", ["transactions", "frauds"]].tolist() == [2, 1]
    assert table.loc["terminal with known fraud", "transactions"] == 1
    assert table.loc["night", "transactions"] == 0


def test_alerts_and_missed_amounts_are_the_segments_own(rows):
    table = segment_table(rows, SCORES, 0.5).set_index("segment")
    assert table.loc["all", ["precision", "recall", "missed_amount"]].tolist() == [0.5, 0.5, 10.0]
    assert table.loc["new card", ["precision", "recall", "missed_amount"]].tolist() == [0, 0, 10.0]
    assert table.loc["known card", ["recall", "missed_amount"]].tolist() == [1.0, 0.0]
    assert table.loc["new card", "average_precision"] == 0.5


def test_each_row_may_have_the_alert_line_of_its_day(rows):
    table = segment_table(rows, SCORES, np.array([0.1, 0.7, 0.7, 0.95])).set_index("segment")
    assert table.loc["all", ["precision", "recall", "missed_amount"]].tolist() == [1.0, 0.5, 40.0]


def test_what_cannot_be_measured_is_not_a_number(rows):
    table = segment_table(rows, SCORES, 0.5).set_index("segment")
    assert np.isnan(table.loc["night", ["average_precision", "recall"]].astype(float)).all()


def test_scores_of_other_rows_are_refused(rows):
    with pytest.raises(PermanentError, match="scores of shape"):
        segment_table(rows, SCORES[:3], 0.5)
