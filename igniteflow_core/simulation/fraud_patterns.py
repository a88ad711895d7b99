"""The fraud patterns of the simulation.

Compromised terminals and compromised cards follow the scenarios of the Fraud Detection Handbook
(Le Borgne, Siblini, Lebichot and Bontempi, 2022, chapter 3); bursts of card testing are added, and
takeovers where the scenario of a new pattern is chosen.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from igniteflow_core.simulation.population import Population
from igniteflow_core.simulation.seeding import generator
from igniteflow_core.simulation.settings import SimulationSettings

TERMINAL_DAYS = 28
TERMINALS_STARTING_PER_DAY = 2e-4
TERMINAL_FRAUD_CHANCE = 0.75

CARD_DAYS = 14
CARDS_STARTING_PER_DAY = 6e-4
CARD_FRAUD_CHANCE = 1 / 3
CARD_AMOUNT_FACTOR = 5.0

BURSTS_PER_CUSTOMER_DAY = 3e-4
BURST_SIZES = (6, 13)
BURST_SECONDS = 600.0

TAKEOVERS_PER_CUSTOMER_DAY = 5e-3
TAKEOVER_SIZES = (3, 6)
TAKEOVER_SECONDS = (1 * 3600.0, 5 * 3600.0)
TAKEOVER_AMOUNT = 180.0
TAKEOVER_TERMINAL_SHARE = 0.01


def compromised_terminals(settings: SimulationSettings, day: date) -> NDArray[np.int64]:
    """Positions of the terminals that are compromised on ``day``, sorted."""
    per_day = TERMINALS_STARTING_PER_DAY * settings.terminals
    draws = [
        generator(settings.seed, "terminals", start).integers(
            settings.terminals, size=_count_on(start, per_day)
        )
        for start in _days_up_to(day, TERMINAL_DAYS)
    ]
    return np.unique(np.concatenate(draws))


def compromised_cards(settings: SimulationSettings, day: date) -> NDArray[np.int64]:
    """Positions of the customers whose card is compromised on ``day``, sorted."""
    per_day = CARDS_STARTING_PER_DAY * settings.customers
    draws = [
        generator(settings.seed, "cards", start).integers(
            settings.customers, size=_count_on(start, per_day)
        )
        for start in _days_up_to(day, CARD_DAYS)
    ]
    return np.unique(np.concatenate(draws))


def abuse_payments(settings: SimulationSettings, payments: pd.DataFrame, day: date) -> pd.DataFrame:
    """Turn some ``payments`` into fraud at compromised terminals and with compromised cards.

    Input and result have the columns customer, terminal, second, amount, is_fraud. The amounts of
    compromised cards are multiplied before rounding, so their cents do not reveal the fraud.
    """
    rng = generator(settings.seed, "abuse", day)
    at_terminal = payments["terminal"].isin(compromised_terminals(settings, day)).to_numpy()
    with_card = payments["customer"].isin(compromised_cards(settings, day)).to_numpy()
    by_terminal = at_terminal & (rng.random(len(payments)) < TERMINAL_FRAUD_CHANCE)
    by_card = with_card & (rng.random(len(payments)) < CARD_FRAUD_CHANCE)
    factor = np.where(by_card, CARD_AMOUNT_FACTOR, 1.0)
    return payments.assign(
        amount=payments["amount"].to_numpy() * factor,
        is_fraud=(by_terminal | by_card).astype(np.int32),
    )


def card_testing(settings: SimulationSettings, population: Population, day: date) -> pd.DataFrame:
    """Bursts on ``day``: small payments with one card within minutes, far from its holder's home.

    The result has the columns customer, terminal, second, amount, is_fraud.
    """
    rng = generator(settings.seed, "bursts", day)
    bursts = _count_on(day, BURSTS_PER_CUSTOMER_DAY * settings.customers)
    burst = np.repeat(np.arange(bursts), rng.integers(*BURST_SIZES, size=bursts))
    customer = rng.integers(settings.customers, size=bursts)[burst]
    start = rng.uniform(0, 24 * 3600 - BURST_SECONDS, bursts)[burst]
    candidates = rng.integers(settings.terminals, size=(len(burst), 8))
    step = population.terminal_xy[candidates] - population.customer_xy[customer][:, None, :]
    farthest = np.einsum("ijk,ijk->ij", step, step).argmax(axis=1)
    return pd.DataFrame(
        {
            "customer": customer,
            "terminal": candidates[np.arange(len(burst)), farthest],
            "second": start + rng.uniform(0, BURST_SECONDS, len(burst)),
            "amount": rng.lognormal(np.log(2.0), 0.6, len(burst)),
            "is_fraud": np.ones(len(burst), dtype=np.int32),
        }
    )


def takeovers(settings: SimulationSettings, day: date) -> pd.DataFrame:
    """Cards taken over on a ``day`` of the scenario new_fraud_pattern; no rows on others.

    Three to five payments each between one and five at night, around 180 currency units, at the few
    terminals that sell resaleable goods. The result has the columns customer, terminal, second,
    amount, is_fraud.
    """
    rng = generator(settings.seed, "takeovers", day)
    begun = settings.days_into("new_fraud_pattern", day) > 0
    taken = _count_on(day, TAKEOVERS_PER_CUSTOMER_DAY * settings.customers) if begun else 0
    takeover = np.repeat(np.arange(taken), rng.integers(*TAKEOVER_SIZES, size=taken))
    sellers = max(1, round(TAKEOVER_TERMINAL_SHARE * settings.terminals))
    return pd.DataFrame(
        {
            "customer": rng.integers(settings.customers, size=taken)[takeover],
            "terminal": rng.integers(sellers, size=len(takeover)),
            "second": rng.uniform(*TAKEOVER_SECONDS, len(takeover)),
            "amount": rng.lognormal(np.log(TAKEOVER_AMOUNT), 0.3, len(takeover)),
            "is_fraud": np.ones(len(takeover), dtype=np.int32),
        }
    )


def _days_up_to(day: date, count: int) -> list[date]:
    return [day - timedelta(days=age) for age in range(count)]


def _count_on(day: date, per_day: float) -> int:
    """A whole number of events for ``day`` that adds up to ``per_day`` over the days."""
    return int((day.toordinal() + 1) * per_day) - int(day.toordinal() * per_day)
