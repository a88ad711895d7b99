"""Simulated transactions: each day by itself, believable, with all three kinds of fraud."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from igniteflow_core.schemas.transactions import TRANSACTION_SOURCE_COLUMNS
from igniteflow_core.simulation.fraud_patterns import (
    BURST_SECONDS,
    BURST_SIZES,
    TERMINAL_DAYS,
    card_testing,
    compromised_cards,
    compromised_terminals,
)
from igniteflow_core.simulation.ids import customer_ids, terminal_ids
from igniteflow_core.simulation.population import (
    GRID_SIZE,
    TERMINALS_IN_RADIUS,
    Population,
    draw_population,
)
from igniteflow_core.simulation.settings import SimulationSettings
from igniteflow_core.simulation.transactions import simulate_day

SETTINGS = SimulationSettings(days=45)


@pytest.fixture(scope="module")
def population() -> Population:
    return draw_population(SETTINGS)


@pytest.fixture(scope="module")
def transactions(population: Population) -> pd.DataFrame:
    days = [
        simulate_day(SETTINGS, population, day).assign(day=pd.Timestamp(day, tz="UTC"))
        for day in SETTINGS.dates
    ]
    return pd.concat(days, ignore_index=True)


def test_a_day_does_not_depend_on_the_first_day_or_the_number_of_days(population):
    day = date(2025, 1, 20)
    alone = SimulationSettings(start_date=day, days=1)
    pd.testing.assert_frame_equal(
        simulate_day(SETTINGS, population, day), simulate_day(alone, draw_population(alone), day)
    )


def test_days_and_seeds_differ(population):
    first = simulate_day(SETTINGS, population, date(2025, 1, 1))
    next_day = simulate_day(SETTINGS, population, date(2025, 1, 2))
    next_month = simulate_day(SETTINGS, population, date(2025, 2, 1))
    other_seed = simulate_day(SimulationSettings(seed=8), population, date(2025, 1, 1))
    for other in (next_day, next_month, other_seed):
        assert first["amount"].head(50).tolist() != other["amount"].head(50).tolist()


def test_columns_are_those_of_a_source_and_rows_stand_in_order_of_time(transactions):
    assert list(transactions.columns) == [*TRANSACTION_SOURCE_COLUMNS, "day"]
    assert str(transactions["event_time"].dtype) == "datetime64[us, UTC]"
    assert transactions["event_time"].is_monotonic_increasing
    assert (transactions["event_time"].dt.normalize() == transactions["day"]).all()
    assert transactions["transaction_id"].is_unique


def test_amounts_are_whole_cents_above_zero(transactions):
    cents = transactions["amount"] * 100
    assert transactions["amount"].min() > 0
    assert np.abs(cents - cents.round()).max() < 1e-6


def test_about_two_transactions_per_customer_and_day(transactions):
    per_customer_day = len(transactions) / SETTINGS.customers / SETTINGS.days
    assert 1.8 < per_customer_day < 2.2


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_fraud_is_about_eight_in_a_thousand(seed):
    settings = SimulationSettings(seed=seed, days=30)
    population = draw_population(settings)
    labels = [simulate_day(settings, population, day)["is_fraud"] for day in settings.dates]
    assert 0.006 < pd.concat(labels).mean() < 0.0105


def test_customers_pay_at_terminals_near_home(population, transactions):
    genuine = transactions[transactions["is_fraud"] == 0]
    homes = population.customer_xy[genuine["customer_id"].str[1:].astype(int)]
    terminals = population.terminal_xy[genuine["terminal_id"].str[1:].astype(int)]
    radius = GRID_SIZE * np.sqrt(TERMINALS_IN_RADIUS / np.pi / SETTINGS.terminals)
    assert np.linalg.norm(homes - terminals, axis=1).max() <= radius


@pytest.mark.parametrize(("customers", "terminals"), [(1, 1), (40, 7), (300, 500)])
def test_near_terminals_are_exactly_those_within_the_radius(customers, terminals):
    population = draw_population(SimulationSettings(customers=customers, terminals=terminals))
    radius = GRID_SIZE * np.sqrt(TERMINALS_IN_RADIUS / np.pi / terminals)
    step = population.customer_xy[:, None, :] - population.terminal_xy[None, :, :]
    within = np.linalg.norm(step, axis=2) <= radius
    for customer in range(customers):
        start, end = population.near_start[customer : customer + 2]
        assert sorted(population.near[start:end]) == np.flatnonzero(within[customer]).tolist()
    assert within.any(axis=1).all()


def test_customers_keep_their_own_hour_and_amount(transactions):
    genuine = transactions[transactions["is_fraud"] == 0]
    busy = genuine.groupby("customer_id").filter(lambda rows: len(rows) >= 80)
    angle = 2 * np.pi * (busy["event_time"] - busy["day"]).dt.total_seconds() / 86_400
    half = busy["event_time"].dt.day % 2 == 0
    for values in (np.sin(angle), np.log(busy["amount"])):
        even = values[half].groupby(busy["customer_id"]).mean()
        odd = values[~half].groupby(busy["customer_id"]).mean()
        assert np.corrcoef(even, odd.reindex(even.index))[0, 1] > 0.9


def test_most_transactions_at_a_compromised_terminal_are_fraud(transactions):
    rates = []
    for day, rows in transactions.groupby("day"):
        compromised = terminal_ids(compromised_terminals(SETTINGS, day.date()))
        rates.append(rows.loc[rows["terminal_id"].isin(compromised), "is_fraud"])
    assert 0.65 < pd.concat(rates).mean() < 0.85


def test_a_terminal_stays_compromised_for_28_days():
    days = [date(2025, 3, 1) + timedelta(days=offset) for offset in range(120)]
    sets = [set(compromised_terminals(SETTINGS, day)) for day in days]
    started = {terminal: n for n in range(1, 60) for terminal in sets[n] - sets[n - 1]}
    lengths = [
        next(length for length in range(1, 100) if terminal not in sets[start + length])
        for terminal, start in started.items()
    ]
    assert len(lengths) > 10
    assert np.median(lengths) == TERMINAL_DAYS
    assert min(lengths) >= TERMINAL_DAYS


def test_a_third_of_a_compromised_cards_transactions_are_fraud_of_larger_amounts(
    population, transactions
):
    parts = []
    for day, rows in transactions.groupby("day"):
        compromised = customer_ids(compromised_cards(SETTINGS, day.date()))
        bad_terminals = terminal_ids(compromised_terminals(SETTINGS, day.date()))
        with_card = rows["customer_id"].isin(compromised)
        parts.append(rows[with_card & ~rows["terminal_id"].isin(bad_terminals)])
    rows = pd.concat(parts)
    usual = population.mean_amount[rows["customer_id"].str[1:].astype(int)]
    ratio = (rows["amount"] / usual).groupby(rows["is_fraud"]).mean()
    assert 0.27 < rows["is_fraud"].mean() < 0.40
    assert ratio[1] > 4 * ratio[0]


def test_cents_of_frauds_look_like_all_other_cents(transactions):
    large = transactions[transactions["amount"] > 10]
    round_cents = (large["amount"] * 100).round() % 5 == 0
    share = round_cents.groupby(large["is_fraud"]).mean()
    assert share[0] == pytest.approx(0.2, abs=0.01)
    assert share[1] == pytest.approx(0.2, abs=0.06)


def test_card_testing_is_many_small_far_payments_within_minutes(population):
    bursts = [card_testing(SETTINGS, population, day) for day in SETTINGS.dates]
    payments = pd.concat([rows.assign(day=n) for n, rows in enumerate(bursts)])
    by_burst = payments.groupby(["day", "customer"])
    assert len(by_burst) == pytest.approx(13.5, abs=1)
    assert by_burst.size().between(BURST_SIZES[0], BURST_SIZES[1] - 1).all()
    assert (by_burst["second"].max() - by_burst["second"].min()).max() <= BURST_SECONDS
    assert payments["second"].between(0, 86_400).all()
    assert payments["amount"].median() < 5
    step = (
        population.customer_xy[payments["customer"]] - population.terminal_xy[payments["terminal"]]
    )
    assert np.median(np.linalg.norm(step, axis=1)) > GRID_SIZE / 2
    assert (payments["is_fraud"] == 1).all()
