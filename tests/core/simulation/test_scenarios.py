"""Scenarios: nothing before the first day, something that can be seen from then on."""

from datetime import date, timedelta
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from igniteflow_core.simulation.dataset import write_dataset
from igniteflow_core.simulation.defects import break_amounts
from igniteflow_core.simulation.population import GRID_SIZE, draw_population
from igniteflow_core.simulation.scenarios import Scenario, ScenarioName
from igniteflow_core.simulation.settings import SimulationSettings
from igniteflow_core.simulation.transactions import simulate_day

START = date(2025, 1, 10)
PLAIN = SimulationSettings(
    days=12, customers=400, terminals=400, users=5, items=5, ratings=10, bad_row_share=0.01
)
NAMES = get_args(ScenarioName)


def with_scenario(name):
    return PLAIN.model_copy(update={"scenarios": (Scenario(name=name, start=START),)})


def delivered(settings, day):
    return break_amounts(settings, simulate_day(settings, draw_population(settings), day), day)


def on(name, *, days_in=1):
    """The day's rows with the scenario and without."""
    day = START + timedelta(days=days_in - 1)
    return delivered(with_scenario(name), day), delivered(PLAIN, day)


@pytest.mark.parametrize("name", NAMES)
def test_days_before_the_start_are_the_same_and_the_first_day_differs(name):
    before = START - timedelta(days=1)
    pd.testing.assert_frame_equal(delivered(with_scenario(name), before), delivered(PLAIN, before))
    changed, plain = on(name)
    assert not changed["amount"].equals(plain["amount"])


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_scenario_and_another_gives_another(name):
    settings = with_scenario(name)
    pd.testing.assert_frame_equal(delivered(settings, START), delivered(settings, START))
    other = settings.model_copy(update={"seed": 8})
    assert not delivered(other, START)["amount"].equals(delivered(settings, START)["amount"])


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_that_ends_leaves_the_days_after_it_as_they_are(name):
    last = START + timedelta(days=1)
    scenario = Scenario(name=name, start=START, end=last)
    settings = PLAIN.model_copy(update={"scenarios": (scenario,)})
    pd.testing.assert_frame_equal(delivered(settings, last), delivered(with_scenario(name), last))
    after = last + timedelta(days=1)
    pd.testing.assert_frame_equal(delivered(settings, after), delivered(PLAIN, after))


def test_scenarios_happen_beside_each_other():
    inflation, cents = (
        Scenario(name=name, start=START) for name in ("price_inflation", "amounts_in_cents")
    )
    both = PLAIN.model_copy(update={"scenarios": (inflation, cents)})
    inflated = delivered(with_scenario("price_inflation"), START)
    np.testing.assert_allclose(delivered(both, START)["amount"], inflated["amount"] * 100)


def test_a_scenario_does_not_end_before_it_begins():
    with pytest.raises(ValueError, match="is before start"):
        Scenario(name="new_region", start=START, end=START - timedelta(days=1))


def test_new_fraud_pattern_adds_frauds_at_night_at_few_terminals():
    changed, plain = on("new_fraud_pattern")
    added = changed[changed["amount"].isin(set(changed["amount"]) - set(plain["amount"]))]
    assert len(changed) > len(plain)
    assert added["is_fraud"].all()
    assert added["event_time"].dt.hour.between(1, 4).all()
    assert added["terminal_id"].nunique() <= 4
    assert 100 < added["amount"].median() < 300


def test_prices_rise_day_by_day_and_then_stay():
    def rise(days_in):
        changed, plain = on("price_inflation", days_in=days_in)
        genuine = (plain["is_fraud"] == 0).to_numpy()
        return (changed["amount"][genuine] / plain["amount"][genuine]).median()

    assert rise(1) == pytest.approx(1.02, abs=0.005)
    assert rise(10) == pytest.approx(1.02**10, abs=0.005)
    assert rise(20) == pytest.approx(rise(60), abs=0.005)


def test_new_region_brings_customers_and_terminals_of_its_own():
    changed, plain = on("new_region")
    population = draw_population(with_scenario("new_region"))
    customers, terminals = population.customer_frame, population.terminal_frame
    assert (len(customers), len(terminals)) == (600, 600)
    assert customers["customer_id"].is_unique
    new = changed[~changed["transaction_id"].isna() & (changed["customer_id"] >= "C0000400")]
    assert new["terminal_id"].min() >= "T0000400"
    assert len(new) == len(changed) - len(plain)
    assert new["amount"].mean() > 1.5 * plain["amount"].mean()
    assert customers["x"].iloc[400:].min() > 0.9 * GRID_SIZE


def test_seasonal_change_brings_more_later_and_larger_payments():
    changed, plain = on("seasonal_change")
    assert len(changed) == pytest.approx(1.5 * len(plain), rel=0.1)
    assert changed["amount"].median() > 1.1 * plain["amount"].median()
    assert changed["event_time"].dt.hour.mean() > plain["event_time"].dt.hour.mean()


def test_cents_are_a_hundred_times_the_amount():
    changed, plain = on("amounts_in_cents")
    np.testing.assert_allclose(changed["amount"], plain["amount"] * 100)


def test_amounts_are_missing_at_some_terminals_and_counted_as_bad_rows(tmp_path):
    changed, _ = on("missing_amounts")
    missing = changed["amount"].isna()
    assert missing.mean() == pytest.approx(0.4, abs=0.1)
    assert changed["terminal_id"][missing].max() < changed["terminal_id"][~missing].min()
    counts = write_dataset(tmp_path, with_scenario("missing_amounts"))
    rows = pd.concat([pd.read_parquet(file) for file in (tmp_path / "transactions").iterdir()])
    assert counts.transactions + counts.bad_rows == len(rows)
    assert counts.bad_rows > rows["amount"].isna().sum() > 0
